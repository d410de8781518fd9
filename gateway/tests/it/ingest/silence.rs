//! A source that is silent for longer than it expects: told once, whoever sees it, and once when it is back.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use hookcast::broker::{Append, Broker, DedupeKey, NewEvent};
use hookcast::report::{NodeId, Reports};
use hookcast::silence;
use hookcast::topic::{StreamName, Topic};
use serde_json::Value;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::support::{Gateway, source};

/// Nothing here takes this long.
const PATIENCE: Duration = Duration::from_secs(20);

/// A node's watch over its sources.
struct Watch {
    stop: CancellationToken,
    tasks: [JoinHandle<()>; 2],
}

impl Watch {
    fn over(gateway: &Gateway) -> Self {
        let stop = CancellationToken::new();
        let (reports, writer) = Reports::new(&NodeId::random(), gateway.broker.clone());
        let watching = silence::run(gateway.broker.clone(), gateway.ingest.clone(), reports, stop.clone());
        Self { tasks: [tokio::spawn(watching), tokio::spawn(writer.run(stop.clone()))], stop }
    }

    async fn end(self) {
        self.stop.cancel();
        for task in self.tasks {
            task.await.unwrap();
        }
    }
}

/// What was said of sources, in order, once there is so much of it.
async fn said(broker: &dyn Broker, count: usize) -> Vec<(String, String)> {
    let mut look = tokio::time::interval(Duration::from_millis(10));
    let looking = async {
        loop {
            look.tick().await;
            let page = broker.read(&StreamName::reserved(), 1, 256).await.unwrap();
            let of_sources =
                page.entries.iter().filter(|it| it.topic.as_str().starts_with("hookcast/source/"));
            let said: Vec<_> = of_sources
                .map(|entry| {
                    let event: Value = serde_json::from_slice(&entry.body).unwrap();
                    let name = entry.topic.as_str().trim_start_matches("hookcast/source/").to_owned();
                    (event["type"].as_str().unwrap().to_owned(), name)
                })
                .collect();
            if said.len() >= count {
                return said;
            }
        }
    };
    tokio::time::timeout(PATIENCE, looking).await.expect("it is said in time")
}

/// An event in the log that came by another node.
async fn elsewhere(broker: &dyn Broker, stream: &str, source: &str, key: u8) {
    let topic = Topic::parse(&format!("{stream}/x")).unwrap();
    let body = format!(r#"{{"source":"/hooks/{source}","data":1}}"#).into();
    let events = vec![NewEvent { key: DedupeKey([key; 32]), topic, body }];
    let stream = StreamName::parse(stream).unwrap();
    broker.append(Append { stream, events, dedupe: Duration::from_hours(1) }).await.unwrap();
}

fn pair(what: &str, name: &str) -> (String, String) {
    (format!("source.{what}"), name.into())
}

#[tokio::test]
async fn a_silence_is_told_once_by_any_node_and_not_again_after_a_restart() {
    let quiet = source("name = 'quiet'\nprovider = 'none'\nexpect = '300ms'");
    let gateway = Gateway::start(vec![quiet, source("name = 'other'\nprovider = 'none'")]).await;
    assert_eq!(gateway.post("/hooks/quiet", &[], b"{}").await.status, 202);
    let (one, two) = (Watch::over(&gateway), Watch::over(&gateway));
    assert_eq!(said(&*gateway.broker, 1).await, [pair("silent", "quiet")]);
    let heard = |gateway: &Gateway| gateway.ingest.pulses().pop().unwrap().1.heard();
    assert!(heard(&gateway).silent_since.is_some_and(|since| since < SystemTime::now()));
    one.end().await;

    let again = Watch::over(&gateway);
    elsewhere(&*gateway.broker, "quiet", "quiet", 1).await;
    // Back, and silent once more: the first silence was not told twice in between.
    let all = said(&*gateway.broker, 3).await;
    assert_eq!(all, [pair("silent", "quiet"), pair("heard", "quiet"), pair("silent", "quiet")]);
    again.end().await;
    two.end().await;

    // All nodes were away when it came back: the log knows that it was silent.
    elsewhere(&*gateway.broker, "quiet", "quiet", 2).await;
    let last = Watch::over(&gateway);
    assert_eq!(said(&*gateway.broker, 5).await[3..], [pair("heard", "quiet"), pair("silent", "quiet")]);
    last.end().await;
}

#[tokio::test]
async fn sources_of_one_stream_are_told_apart_and_one_that_never_spoke_counts_from_the_start() {
    let of =
        |name: &str| format!("name = '{name}'\nprovider = 'none'\ntopic = 'both/{name}'\nexpect = '1500ms'");
    let gateway = Gateway::start(vec![source(&of("a")), source(&of("b"))]).await;
    let watch = Watch::over(&gateway);
    let stop = CancellationToken::new();
    let (broker, stopped) = (Arc::clone(&gateway.broker), stop.clone());
    let busy = tokio::spawn(async move {
        let mut beat = tokio::time::interval(Duration::from_millis(20));
        for key in 0..=255 {
            if stopped.is_cancelled() {
                return;
            }
            beat.tick().await;
            elsewhere(&*broker, "both", "a", key).await;
        }
    });
    assert_eq!(said(&*gateway.broker, 1).await, [pair("silent", "b")], "the other one speaks");
    assert_eq!(gateway.post("/hooks/b", &[], b"{}").await.status, 202);
    assert_eq!(said(&*gateway.broker, 2).await[1], pair("heard", "b"));
    stop.cancel();
    busy.await.unwrap();
    watch.end().await;
}
