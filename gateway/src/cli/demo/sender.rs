//! Tells the stories: signs each happening with its source's secret, posts it to the public route, says what came of it.

use std::collections::HashMap;
use std::time::{Duration, SystemTime};

use fastrand::Rng;
use reqwest::Url;
use tokio::time::{MissedTickBehavior, interval};

use super::stories::{Telling, all, choose};
use super::wrong::Wrong;
use crate::api::poster::{Answer, Poster, fresh_id};
use crate::cli::client::{below, http, parse_url};
use crate::cli::failure::Failure;
use crate::cli::terminal::{Terminal, Tone, line, printable};
use crate::ingest::sign::{Sample, SignedRequest, sign};
use crate::ingest::source::Source;
use crate::shutdown::Shutdown;

pub(super) struct Sender {
    poster: Poster,
    base: Url,
    sources: HashMap<String, Source>,
    tellings: Vec<Telling>,
    /// The last good delivery of each source, to repeat.
    last: HashMap<&'static str, (&'static str, SignedRequest)>,
    random: Rng,
    rate: f64,
    terminal: Terminal,
}

impl Sender {
    pub(super) fn new(
        base: &str,
        sources: Vec<Source>,
        rate: f64,
        terminal: Terminal,
    ) -> Result<Self, Failure> {
        let base = parse_url(base).map_err(|why| Failure::failed(why, "choose another --listen"))?;
        Ok(Self {
            poster: Poster::new(http()?),
            base,
            sources: sources.into_iter().map(|source| (source.name().to_owned(), source)).collect(),
            tellings: all(),
            last: HashMap::new(),
            random: Rng::new(),
            rate,
            terminal,
        })
    }

    /// Posts until the end is asked for.
    pub(super) async fn run(mut self, shutdown: Shutdown) -> Result<(), Failure> {
        let mut every = interval(Duration::from_secs_f64(1.0 / self.rate));
        // A gateway that was slow once is not to be flooded for it.
        every.set_missed_tick_behavior(MissedTickBehavior::Delay);
        for count in 0.. {
            tokio::select! {
                () = shutdown.requested() => break,
                sent = async { every.tick().await; self.send(count).await } => sent?,
            }
        }
        Ok(())
    }

    async fn send(&mut self, count: u64) -> Result<(), Failure> {
        let wrong = Wrong::due(count);
        let index = match wrong {
            Some((_, able)) => {
                let name = able[self.random.usize(..able.len())];
                self.tellings.iter().position(|telling| telling.source == name).unwrap_or_default()
            }
            None => choose(&self.tellings, &mut self.random),
        };
        let wrong = wrong.map(|(wrong, _)| wrong);
        let name = self.tellings[index].source;
        let repeated = self.last.get(name).filter(|_| wrong == Some(Wrong::Repeated)).cloned();
        // Before its first delivery a source has nothing to repeat: then this one is as good as any.
        let wrong = wrong.filter(|wrong| *wrong != Wrong::Repeated || repeated.is_some());
        let (kind, request) = match repeated {
            Some(repeated) => repeated,
            None => self.sign_next(index, wrong)?,
        };
        let answer = self.poster.post(&below(&self.base, &format!("/hooks/{name}")), &request).await;
        if wrong.is_none() {
            self.last.insert(name, (kind, request));
        }
        match answer {
            Ok(answer) => line(self.told(name, kind, &answer, wrong)),
            Err(error) => line(self.terminal.tone(Tone::Bad, format!("{name}: no answer ({error})"))),
        }
    }

    fn sign_next(
        &mut self,
        index: usize,
        wrong: Option<Wrong>,
    ) -> Result<(&'static str, SignedRequest), Failure> {
        let telling = &mut self.tellings[index];
        let happening = telling.story.next(&mut self.random);
        let id = happening.payload["id"].as_str().map_or_else(fresh_id, str::to_owned);
        let sample =
            Sample { event_type: happening.kind.to_owned(), body: happening.payload.to_string().into() };
        let now = SystemTime::now();
        let signed_at = wrong.map_or(now, |wrong| wrong.signed_at(now));
        let fail = |why: String| {
            Failure::failed(
                format!("cannot sign for {}: {why}", telling.source),
                "remove the demo's data folder and start again",
            )
        };
        let source =
            self.sources.get(telling.source).ok_or_else(|| fail("there is no such source".into()))?;
        let mut request = sign(source, &sample, signed_at, &id).map_err(|error| fail(error.to_string()))?;
        if let Some(wrong) = wrong {
            wrong.spoil(&mut request);
        }
        Ok((happening.kind, request))
    }

    /// Time, source, type, outcome, milliseconds.
    fn told(&self, source: &str, kind: &str, answer: &Answer, wrong: Option<Wrong>) -> String {
        // A refusal's code says little: whoever is refused is not to learn why.
        let outcome = answer.word().filter(|_| answer.is_success());
        let word = outcome.unwrap_or_else(|| format!("refused {}", answer.status));
        let tone = match word.as_str() {
            "accepted" => Tone::Good,
            "filtered" => Tone::Quiet,
            "duplicate" => Tone::Note,
            _ => Tone::Bad,
        };
        format!(
            "{}  {source:<11}{kind:<18}{} {:>4} ms  {}",
            self.terminal.tone(Tone::Quiet, clock()),
            self.terminal.tone(tone, format!("{:<12}", printable(&word, 12))),
            answer.took.as_millis(),
            self.terminal.tone(Tone::Note, wrong.map(Wrong::told).unwrap_or_default()),
        )
        .trim_end()
        .to_owned()
    }
}

/// The time of day, UTC: what the events carry too.
fn clock() -> String {
    let seconds = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs());
    format!("{:02}:{:02}:{:02}", seconds / 3_600 % 24, seconds / 60 % 60, seconds % 60)
}
