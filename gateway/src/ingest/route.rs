//! Where an event is heard: topic rules. They read the whole body; `keep` cuts later.

use crate::mistake::Mistake;
use crate::topic::{RESERVED_STREAM, SEGMENTS_MAX, StreamName, Topic};

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
        let values = self.segments.iter().map(|segment| segment.render_with(reading, "-"));
        Topic::from_values(&self.stream, values)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::delivery::Delivery;
    use crate::ingest::template::EventNames;

    fn delivery(body: &'static str) -> Delivery {
        Delivery::posted("/hooks/a", &[], body)
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
}
