//! Where an event is heard, and whether at all: topic rules and `accept` filters. They read the whole body; `keep` cuts
//! later.

use std::borrow::Cow;

use toml::Value as Toml;

use crate::mistake::Mistake;
use crate::topic::{RESERVED_STREAM, SEGMENTS_MAX, StreamName, Topic};

use super::fields::{as_table, wrong_type};
use super::json::Value;
use super::pointer::Pointer;
use super::template::{Grammar, Reading, Template};

/// `github/{repository.owner.login}/{type}`: the stream, and what makes each further segment.
#[derive(Debug, Clone)]
pub struct TopicRule {
    stream: StreamName,
    segments: Vec<Template>,
}

impl TopicRule {
    pub fn parse(text: &str) -> Result<Self, Mistake> {
        let mut segments = split_outside_braces(text).into_iter();
        let stream = parse_stream(segments.next().unwrap_or_default())?;
        let segments: Vec<Template> =
            segments.map(|segment| Template::parse(segment, Grammar::Rule)).collect::<Result<_, _>>()?;
        if segments.is_empty()
            || segments.len() >= SEGMENTS_MAX
            || segments.iter().any(|segment| segment.as_str().is_empty())
        {
            return Err(Mistake::new(
                format!(
                    "a topic rule has 2 to {SEGMENTS_MAX} segments, none empty, but this is `{}`",
                    text.escape_debug()
                ),
                "write it such as \"github/{repository.name}/{type}\"",
            ));
        }
        Ok(Self { stream, segments })
    }

    pub fn stream(&self) -> &StreamName {
        &self.stream
    }

    /// Total: whatever the body holds, there is a topic. A value that is not there is `-`.
    pub fn topic(&self, reading: &Reading<'_>) -> Topic {
        let values: Vec<String> =
            self.segments.iter().map(|segment| segment.render_with(reading, "-")).collect();
        let values: Vec<&str> = values.iter().map(String::as_str).collect();
        Topic::from_values(&self.stream, &values)
    }
}

/// Nothing from a payload decides the stream: order, retention and grants hang on it.
fn parse_stream(text: &str) -> Result<StreamName, Mistake> {
    if text.contains(['{', '}']) {
        return Err(Mistake::new(
            "the first segment of a topic is the stream and must be a plain name",
            "write a name there and the part after it, such as \"github/{repository.name}\"",
        ));
    }
    if text == RESERVED_STREAM {
        return Err(Mistake::new(
            format!("the stream `{RESERVED_STREAM}` is the gateway's own"),
            "choose another first segment",
        ));
    }
    StreamName::parse(text).map_err(|error| Mistake::new(error.to_string(), "choose a plain name"))
}

fn split_outside_braces(text: &str) -> Vec<&str> {
    let (mut segments, mut start, mut is_inside) = (Vec::new(), 0, false);
    for (at, character) in text.char_indices() {
        match character {
            '{' => is_inside = true,
            '}' => is_inside = false,
            '/' if !is_inside => {
                segments.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    segments.push(&text[start..]);
    segments
}

/// One table of `accept`: every key must fit one of its values.
#[derive(Debug, Clone)]
pub struct Accept {
    conditions: Vec<(Subject, Vec<String>)>,
}

#[derive(Debug, Clone)]
enum Subject {
    /// The event's own type: the key `type`. The body's is `/type`.
    EventType,
    Body(Pointer),
}

impl Accept {
    pub fn parse(value: &Toml) -> Result<Self, Vec<Mistake>> {
        let mut conditions = Vec::new();
        let mut mistakes = Vec::new();
        for (key, value) in as_table(value)? {
            let subject =
                if key == "type" { Ok(Subject::EventType) } else { Pointer::parse(key).map(Subject::Body) };
            let values = match value {
                Toml::Array(all) => all.iter().map(scalar).collect(),
                one => scalar(one).map(|text| vec![text]),
            };
            match (subject, values) {
                (Ok(subject), Ok(values)) => conditions.push((subject, values)),
                (subject, values) => {
                    let found = [subject.err(), values.err()].into_iter().flatten();
                    mistakes.extend(found.map(|mistake| mistake.under(key)));
                }
            }
        }
        if conditions.is_empty() && mistakes.is_empty() {
            mistakes.push(Mistake::new(
                "an empty table accepts nothing in particular",
                "write such as { type = \"push\" }",
            ));
        }
        if mistakes.is_empty() { Ok(Self { conditions }) } else { Err(mistakes) }
    }

    pub fn fits(&self, reading: &Reading<'_>) -> bool {
        self.conditions.iter().all(|(subject, expected)| {
            let found = match subject {
                Subject::EventType => reading.event.map(|event| Cow::Borrowed(event.event_type)),
                Subject::Body(pointer) => {
                    reading.json().and_then(|json| pointer.find(json)).and_then(Value::text)
                }
            };
            found.is_some_and(|found| expected.iter().any(|expected| *expected == found))
        })
    }
}

/// As JSON spells it, so that `100` in the rule is `100` in a body.
fn scalar(value: &Toml) -> Result<String, Mistake> {
    match value {
        Toml::String(text) => Ok(text.clone()),
        Toml::Integer(_) | Toml::Float(_) | Toml::Boolean(_) => Ok(value.to_string()),
        other => Err(wrong_type("a text, number or boolean, or a list of them", other)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::delivery::Delivery;
    use crate::ingest::template::EventNames;
    use axum::http::{HeaderMap, Method};
    use std::time::SystemTime;

    fn delivery(body: &'static str) -> Delivery {
        let uri = "/hooks/a".parse().unwrap();
        Delivery::new(
            Method::POST,
            uri,
            HeaderMap::new(),
            body.into(),
            SystemTime::UNIX_EPOCH,
            <_>::default(),
        )
    }

    fn reading(delivery: &Delivery) -> Reading<'_> {
        let event = Some(EventNames { id: "7", event_type: "push", source: "gh" });
        Reading { event, ..Reading::of(delivery) }
    }

    #[test]
    fn values_are_escaped_into_one_segment_each() {
        let delivery =
            delivery(r#"{"repository":{"owner":{"login":"a/b*c%"},"name":"api d\u0000"},"n":3,"o":{}}"#);
        for (rule, expected) in [
            (
                "github/{repository.owner.login}/{repository.name}/{type}",
                "github/a%2Fb%2Ac%25/api%20d%00/push",
            ),
            ("g/{/repository/owner/login}/{gone}/{o}", "g/a%2Fb%2Ac%25/-/-"),
            ("g/{source}-{n}/{id}/fixed", "g/gh-3/7/fixed"),
        ] {
            let rule = TopicRule::parse(rule).unwrap();
            assert_eq!(rule.topic(&reading(&delivery)).as_str(), expected);
        }
    }

    #[test]
    fn rules_outside_the_grammar_are_refused() {
        for rule in [
            "",
            "a",
            "a/",
            "a//b",
            "{type}/a",
            "hookcast/a",
            "a b/c",
            "a/{",
            "a/}",
            &format!("a{}", "/b".repeat(16)),
        ] {
            assert!(TopicRule::parse(rule).is_err(), "{rule}");
        }
    }

    #[test]
    fn any_table_of_accept_lets_an_event_through_when_all_its_keys_fit() {
        let delivery = delivery(r#"{"amount":100,"kind":"gift","type":"own","public":true}"#);
        for (table, expected) in [
            ("type = \"push\"", true),
            ("\"/type\" = \"own\"", true),
            ("type = \"own\"", false),
            ("amount = 100\nkind = [\"sale\", \"gift\"]\npublic = true", true),
            ("amount = 100\nkind = \"sale\"", false),
            ("gone = \"x\"", false),
        ] {
            let table: toml::Table = table.parse().unwrap();
            let accept = Accept::parse(&Toml::Table(table.clone())).unwrap();
            assert_eq!(accept.fits(&reading(&delivery)), expected, "{table}");
        }
    }
}
