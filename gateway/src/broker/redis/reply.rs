//! From what the scripts answer to heads, entries and offsets. Anything else is a store that this build cannot read.

use bytes::Bytes;
use redis::Value;

use super::message::parse_key;
use crate::broker::{BrokerError, Entry, Outcome};
use crate::position::Head;
use crate::topic::Topic;

/// The answer of one append or check.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) head: Head,
    /// Dedupe keys that went before their time.
    pub(super) lost_early: u64,
    /// One for each event, in order.
    pub(super) outcomes: Vec<Outcome>,
}

impl Reply {
    pub(super) fn parse(value: Value) -> Result<Self, BrokerError> {
        let [epoch, top, first, past, lost_early, answers] = array(value)?;
        let Value::Array(answers) = answers else { return Err(corrupt("an append's answers are no list")) };
        let outcome = |answer| {
            Ok(match number(&answer)? {
                0 => Outcome::Duplicate,
                offset => Outcome::Accepted { offset },
            })
        };
        Ok(Self {
            head: head(&epoch, &top, &first, &past)?,
            lost_early: number(&lost_early)?,
            outcomes: answers.into_iter().map(outcome).collect::<Result<_, _>>()?,
        })
    }
}

/// The answer of a read: the head and what was asked for; none where there is no stream yet.
pub(super) fn read(value: Value) -> Result<Option<(Head, Value)>, BrokerError> {
    if matches!(value, Value::Nil | Value::Boolean(false)) {
        return Ok(None);
    }
    let [epoch, top, first, past, answer] = array(value)?;
    Ok(Some((head(&epoch, &top, &first, &past)?, answer)))
}

/// Entries as XRANGE lists them.
pub(super) fn entries(value: Value) -> Result<Vec<Entry>, BrokerError> {
    match value {
        Value::Array(entries) => entries.into_iter().map(entry).collect(),
        Value::Nil => Ok(Vec::new()),
        _ => Err(corrupt("a page is no list")),
    }
}

/// Topics, each followed by its newest offset.
pub(super) fn topics(value: Value) -> Result<Vec<(Topic, u64)>, BrokerError> {
    let flat = match value {
        Value::Array(flat) => flat,
        Value::Nil => Vec::new(),
        _ => return Err(corrupt("the topics are no list")),
    };
    let pair = |pair: &[Value]| {
        let topic = Topic::parse(text(&pair[0])?).map_err(|_| corrupt("a topic is none"))?;
        Ok((topic, number(&pair[1])?))
    };
    flat.as_chunks::<2>().0.iter().map(|it| pair(it)).collect()
}

pub(super) fn number(value: &Value) -> Result<u64, BrokerError> {
    match value {
        Value::Int(number) => u64::try_from(*number).map_err(|_| corrupt("a number is negative")),
        other => text(other)?.parse().map_err(|_| corrupt("a number is none")),
    }
}

fn entry(value: Value) -> Result<Entry, BrokerError> {
    let [id, fields] = array(value)?;
    let offset = text(&id)?.strip_suffix("-0").and_then(|offset| offset.parse().ok());
    let offset = offset.ok_or_else(|| corrupt("an entry's id is no offset"))?;
    let Value::Array(fields) = fields else { return Err(corrupt("an entry has no fields")) };
    let (mut at, mut key, mut topic, mut body) = (None, None, None, None);
    let mut fields = fields.into_iter();
    while let Some((name, field)) = fields.next().zip(fields.next()) {
        match text(&name)? {
            "a" => at = Some(number(&field)?),
            "k" => key = parse_key(text(&field)?.as_bytes()),
            "t" => topic = Topic::parse(text(&field)?).ok(),
            "b" => body = bulk(field),
            // A later build may keep more.
            _ => {}
        }
    }
    let entry = at.zip(key).zip(topic).zip(body);
    let (((at_ms, key), topic), body) = entry.ok_or_else(|| corrupt("an entry lacks a field"))?;
    Ok(Entry { offset, at_ms, topic, key, body })
}

fn head(epoch: &Value, top: &Value, first: &Value, past: &Value) -> Result<Head, BrokerError> {
    let epoch = text(epoch)?.parse().map_err(|_| corrupt("an epoch is none"))?;
    let ended = |one: &str| {
        let (epoch, end) = one.split_once(':')?;
        Some((epoch.parse().ok()?, end.parse().ok()?))
    };
    let past = match past {
        Value::Nil => Vec::new(),
        past => text(past)?
            .split(',')
            .filter(|one| !one.is_empty())
            .map(|one| ended(one).ok_or_else(|| corrupt("a past epoch is none")))
            .collect::<Result<_, _>>()?,
    };
    Ok(Head { epoch, top: number(top)?, first: number(first)?, past })
}

fn array<const N: usize>(value: Value) -> Result<[Value; N], BrokerError> {
    let Value::Array(values) = value else { return Err(corrupt("an answer is no list")) };
    values.try_into().map_err(|_| corrupt("an answer has another length"))
}

fn text(value: &Value) -> Result<&str, BrokerError> {
    match value {
        Value::BulkString(bytes) => std::str::from_utf8(bytes).map_err(|_| corrupt("a text is none")),
        Value::SimpleString(text) => Ok(text),
        _ => Err(corrupt("a text is missing")),
    }
}

fn bulk(value: Value) -> Option<Bytes> {
    match value {
        Value::BulkString(bytes) => Some(Bytes::from(bytes)),
        _ => None,
    }
}

fn corrupt(what: &str) -> BrokerError {
    BrokerError::Corrupt(format!("{what}; has something else written under hc1:…?"))
}
