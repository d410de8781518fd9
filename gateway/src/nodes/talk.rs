//! How the nodes of one broker talk: each says that it is there, hears who else is, asks, and answers.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::de::DeserializeOwned;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::message::{ANSWER_BYTES_MAX, Message, pieces};
use super::{Nodes, Question, Told};
use crate::broker::channel::Channel;
use crate::jitter;

/// Between two words of a node that is heard, before jitter.
const HERE_EVERY: Duration = Duration::from_secs(10);
/// The first pause of a node that does not hear itself, doubled each time: the channel opens soon after the broker is there.
const HERE_AT_FIRST: Duration = Duration::from_millis(250);
/// For the others to answer.
const ANSWERS_WITHIN: Duration = Duration::from_millis(500);
/// For the broker to take a message.
const SAID_WITHIN: Duration = Duration::from_secs(2);
/// Questions of others that are answered at once; more are not, and are missed.
const ANSWERING_MAX: usize = 8;

impl<T> Told<T> {
    /// The same with this node's own answer, which comes first.
    pub(super) fn with(mut self, name: &str, own: T) -> Self {
        self.answers.insert(0, (name.to_owned(), own));
        Self { answers: self.answers, asked: self.asked + 1, answered: self.answered + 1 }
    }
}

impl Nodes {
    /// Talks with the others until told to stop; returns at once where there can be none.
    pub async fn run(self: Arc<Self>, stop: CancellationToken) {
        let Some(channel) = self.parts.broker.channel() else { return };
        let mut heard = channel.hear();
        let mut answering = JoinSet::new();
        let mut pause = HERE_AT_FIRST;
        let here = sleep(Duration::ZERO);
        tokio::pin!(here);
        loop {
            // Cancel safe: a message that is not taken stays in the queue.
            tokio::select! {
                () = stop.cancelled() => break,
                message = heard.recv() => match message {
                    Some(message) => self.hear(&message, &mut answering),
                    None => break,
                },
                () = &mut here => {
                    let is_deaf = self.others().is_deaf(Instant::now());
                    pause = if is_deaf { (pause * 2).min(HERE_EVERY) } else { HERE_EVERY };
                    here.as_mut().reset(tokio::time::Instant::now() + pause.mul_f64(0.8 + jitter::share() * 0.4));
                    self.others().sweep(Instant::now());
                    if answering.len() < ANSWERING_MAX {
                        let nodes = self.clone();
                        answering.spawn(async move { nodes.say_here().await });
                    }
                }
                Some(_) = answering.join_next() => {}
            }
        }
        answering.shutdown().await;
        let _ = timeout(ANSWERS_WITHIN, self.say(channel, &Message::Gone { from: self.name() })).await;
    }

    fn hear(self: &Arc<Self>, message: &[u8], answering: &mut JoinSet<()>) {
        match Message::parse(message) {
            Some(Message::Here { from, .. }) if from == self.name() => {
                let was_deaf = self.others().echoed(Instant::now());
                if was_deaf && answering.len() < ANSWERING_MAX {
                    // Whoever said that it is there before we heard anything says it again.
                    let nodes = self.clone();
                    answering.spawn(async move { drop(nodes.standings().await) });
                }
            }
            Some(Message::Here { from, standing }) => {
                let Ok(standing) = serde_json::from_str(standing) else { return };
                let is_new = self.others().heard(from, standing, Instant::now());
                if is_new && answering.len() < ANSWERING_MAX {
                    // Whoever has just come learns of us at once.
                    let nodes = self.clone();
                    answering.spawn(async move { nodes.say_here().await });
                }
            }
            Some(Message::Gone { from }) => self.others().gone(from),
            Some(Message::Ask { call, from, question }) if from != self.name() => {
                let Ok(question) = serde_json::from_str::<Question>(question) else { return };
                if answering.len() < ANSWERING_MAX {
                    let (nodes, call, from) = (self.clone(), call.to_owned(), from.to_owned());
                    answering.spawn(async move { nodes.answer(&call, &from, question).await });
                }
            }
            Some(Message::Answer { call, to, from, part, parts, piece }) if to == self.name() => {
                self.calls.take(call, from, part, parts, piece);
            }
            _ => {}
        }
    }

    async fn say_here(&self) {
        let Some(channel) = self.parts.broker.channel() else { return };
        let Ok(standing) = serde_json::to_string(&self.standing(false)) else { return };
        self.say(channel, &Message::Here { from: self.name(), standing: &standing }).await;
    }

    async fn answer(&self, call: &str, to: &str, question: Question) {
        let Some(channel) = self.parts.broker.channel() else { return };
        let answer = self.answer_to(question).await;
        let Some(answer) = answer.filter(|answer| answer.len() <= ANSWER_BYTES_MAX) else { return };
        let pieces = pieces(&answer);
        for (index, piece) in pieces.iter().enumerate() {
            let (part, parts) = (index + 1, pieces.len());
            if self
                .say(channel, &Message::Answer { call, to, from: self.name(), part, parts, piece })
                .await
                .is_none()
            {
                return;
            }
        }
    }

    /// How many hear it; none where the broker did not take it.
    async fn say(&self, channel: &dyn Channel, message: &Message<'_>) -> Option<u64> {
        let said = timeout(SAID_WITHIN, channel.say(message.text().into())).await;
        let said = said.map_err(|_| "it did not answer in time".to_owned());
        match said.and_then(|said| said.map_err(|error| error.to_string())) {
            Ok(heard) => Some(heard),
            Err(error) => {
                tracing::debug!(error, "other nodes cannot be told anything now");
                None
            }
        }
    }

    /// Asks all others and waits for them, 0.5 s at most. What cannot be read counts as no answer.
    pub(super) async fn ask_others<T: DeserializeOwned>(&self, question: &Question) -> Told<T> {
        let mut answers: Vec<(String, T)> = Vec::new();
        // Whoever is known and does not answer is missed, and so is whoever answers and is not known.
        let mut there: BTreeSet<String> = self.others().names().into_iter().collect();
        if let Some(channel) = self.parts.broker.channel() {
            let asking = self.ask(channel, question, &mut there, &mut answers);
            let _ = timeout(ANSWERS_WITHIN, asking).await;
        }
        Told { asked: there.len(), answered: answers.len(), answers }
    }

    /// Until all have answered who can hear.
    async fn ask<T: DeserializeOwned>(
        &self,
        channel: &dyn Channel,
        question: &Question,
        there: &mut BTreeSet<String>,
        answers: &mut Vec<(String, T)>,
    ) {
        let Some(mut waiting) = self.calls.begin() else { return };
        let Ok(question) = serde_json::to_string(question) else { return };
        let asked = Message::Ask { call: &waiting.name, from: self.name(), question: &question };
        let Some(heard) = self.say(channel, &asked).await else { return };
        // This node hears itself. Who was killed is known for a while and hears nothing: nobody waits for it.
        let hearing = usize::try_from(heard).unwrap_or(usize::MAX).saturating_sub(1);
        while answers.len() < hearing {
            let Some((from, answer)) = waiting.answers.recv().await else { return };
            there.insert(from.clone());
            self.others().answered(&from, Instant::now());
            match serde_json::from_str(&answer) {
                Ok(answer) if answers.iter().all(|(known, _)| *known != from) => answers.push((from, answer)),
                Ok(_) => {}
                Err(error) => tracing::debug!(from, %error, "a node's answer cannot be read"),
            }
        }
    }
}
