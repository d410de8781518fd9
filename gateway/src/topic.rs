//! Where an event is heard: streams, topics, the patterns that select them and the grants that allow patterns.
//! Pure: no IO, no clock. Nothing outside this file splits a topic or compares a pattern.

use std::fmt::{self, Write as _};
use std::sync::Arc;

use sha2::{Digest, Sha256};

/// Longest topic, in bytes of its escaped form.
pub const TOPIC_BYTES_MAX: usize = 512;
/// Longest segment, in bytes of its escaped form.
pub const SEGMENT_BYTES_MAX: usize = 128;
/// Most segments of a topic or pattern, the stream included.
pub const SEGMENTS_MAX: usize = 16;
/// Most `*` in a pattern: each multiplies what an index over patterns must look at.
pub const WILDCARDS_MAX: usize = 4;
/// The stream on which the gateway speaks of itself. No source may use it, and the grant `**` does not reach it.
pub const RESERVED_STREAM: &str = "hookcast";

/// Sixteen segments of this size and their slashes fit [`TOPIC_BYTES_MAX`].
const SEGMENT_BYTES_TIGHT: usize = 31;
/// `~` and 16 hex digits of the value's SHA-256.
const CUT_MARK_BYTES: usize = 17;

/// Why a text is no stream, topic, pattern or grant. Says what was expected and what came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicError(String);

impl fmt::Display for TopicError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for TopicError {}

/// The unit of order, history and sharding: 1–64 of `A-Z a-z 0-9 . _ -`. Comes from the configuration only.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StreamName(Arc<str>);

impl StreamName {
    /// # Errors
    /// When the text is empty, over 64 bytes or has another character.
    pub fn parse(text: &str) -> Result<Self, TopicError> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
        if text.is_empty() || text.len() > 64 || !text.bytes().all(allowed) {
            return Err(TopicError(format!(
                "a stream is 1 to 64 letters, digits, `.`, `_` or `-`, but this is `{text}`"
            )));
        }
        Ok(Self(text.into()))
    }

    /// The stream on which the gateway speaks of itself.
    pub fn reserved() -> Self {
        Self(RESERVED_STREAM.into())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for StreamName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// A whole topic: a stream and 1–15 further segments, escaped, within [`TOPIC_BYTES_MAX`].
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Topic(Arc<str>);

impl Topic {
    /// Joins a stream and raw values; total: whatever the values hold, the result is a topic.
    ///
    /// Each value is percent-escaped and cut (see `push_segment`), so nothing in a payload becomes structure. With
    /// no value the second segment is `-`; values beyond the fifteenth are left out.
    pub fn from_values<V: IntoIterator<Item: AsRef<str>> + Clone>(stream: &StreamName, values: V) -> Self {
        let join = |values: V, bytes_max: usize| {
            let mut text = String::with_capacity(SEGMENT_BYTES_MAX);
            text.push_str(stream.as_str());
            for value in values.into_iter().take(SEGMENTS_MAX - 1) {
                text.push('/');
                push_segment(&mut text, value.as_ref(), bytes_max);
            }
            if text.len() == stream.as_str().len() {
                text.push_str("/-");
            }
            text
        };
        let text = join(values.clone(), SEGMENT_BYTES_MAX);
        let text = if text.len() > TOPIC_BYTES_MAX { join(values, SEGMENT_BYTES_TIGHT) } else { text };
        Self(text.into())
    }

    /// Reads an escaped topic, as a store or a peer gives it.
    ///
    /// # Errors
    /// When it has fewer than 2 or more than 16 segments, or a segment that [`Topic::from_values`] could not have made.
    pub fn parse(text: &str) -> Result<Self, TopicError> {
        let segments = text.split('/').count();
        if text.len() > TOPIC_BYTES_MAX || !(2..=SEGMENTS_MAX).contains(&segments) {
            return Err(TopicError(format!(
                "a topic is 2 to 16 segments in 512 bytes, but this is `{text}`"
            )));
        }
        let mut segments = text.split('/');
        StreamName::parse(segments.next().unwrap_or_default())?;
        segments.try_for_each(check_literal)?;
        Ok(Self(text.into()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first segment.
    pub fn stream(&self) -> &str {
        first_segment(&self.0)
    }
}

impl fmt::Display for Topic {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

fn first_segment(text: &str) -> &str {
    text.split('/').next().unwrap_or_default()
}

/// Appends one value as one segment: `/ * %`, space and controls percent-escaped, an empty value `-`.
///
/// What would be longer than `bytes_max` is cut at a character and ends in `~` and 16 hex digits of the value's SHA-256,
/// so that two long values stay two topics.
fn push_segment(text: &mut String, value: &str, bytes_max: usize) {
    if value.is_empty() {
        return text.push('-');
    }
    // Most need nothing, and stand as they are.
    let is_plain = |byte: u8| byte.is_ascii() && !is_escaped(char::from(byte));
    if value.len() <= bytes_max && value.bytes().all(is_plain) {
        return text.push_str(value);
    }
    let (start, mut cut) = (text.len(), text.len());
    for character in value.chars() {
        let length = text.len() - start;
        if length + CUT_MARK_BYTES <= bytes_max {
            cut = text.len();
        }
        if length > bytes_max {
            break;
        }
        push_escaped(text, character);
    }
    if text.len() - start > bytes_max {
        text.truncate(cut);
        text.push('~');
        text.push_str(&hex::encode(&Sha256::digest(value)[..8]));
    }
}

/// Whether a character could be taken for structure.
fn is_escaped(character: char) -> bool {
    matches!(character, '/' | '*' | '%') || character.is_control() || character.is_whitespace()
}

fn push_escaped(escaped: &mut String, character: char) {
    if is_escaped(character) {
        for byte in character.encode_utf8(&mut [0; 4]).bytes() {
            let _ = write!(escaped, "%{byte:02X}");
        }
    } else {
        escaped.push(character);
    }
}

fn check_literal(segment: &str) -> Result<(), TopicError> {
    let bad = |character: char| character == '*' || character.is_control() || character.is_whitespace();
    if segment.is_empty() || segment.len() > SEGMENT_BYTES_MAX || segment.contains(bad) {
        return Err(TopicError(format!(
            "a segment is 1 to 128 bytes without `*`, space or control, but this is `{}`",
            segment.escape_debug()
        )));
    }
    Ok(())
}

/// Selects topics of one stream: `*` stands for one segment, a last `**` for one or more; the first is literal.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Pattern(Arc<str>);

impl Pattern {
    /// # Errors
    /// When the text is outside the grammar or over 16 segments, 4 `*` or 512 bytes.
    ///
    /// ```
    /// use hookcast::topic::Pattern;
    /// assert!(Pattern::parse("github/*/api/push").unwrap().matches("github/acme/api/push"));
    /// assert!(Pattern::parse("*/push").is_err());
    /// ```
    pub fn parse(text: &str) -> Result<Self, TopicError> {
        let fail = |why: &str| Err(TopicError(format!("{why}, but this is `{}`", text.escape_debug())));
        if text.len() > TOPIC_BYTES_MAX {
            return Err(TopicError(format!(
                "a pattern has at most 512 bytes, but this one has {}",
                text.len()
            )));
        }
        if StreamName::parse(first_segment(text)).is_err() {
            return fail("a pattern begins with the name of its one stream, such as `github/**`");
        }
        let count = text.split('/').count();
        if !(2..=SEGMENTS_MAX).contains(&count) {
            return fail("a pattern has 2 to 16 segments, such as `github/**`");
        }
        let mut wildcards = 0;
        for (index, segment) in text.split('/').enumerate().skip(1) {
            match segment {
                "*" => wildcards += 1,
                "**" if index + 1 == count => {}
                "**" => return fail("`**` may only come last"),
                literal => check_literal(literal)?,
            }
        }
        if wildcards > WILDCARDS_MAX {
            return fail("a pattern has at most 4 `*`");
        }
        Ok(Self(text.into()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The one stream that this pattern reads.
    pub fn stream(&self) -> StreamName {
        StreamName(first_segment(&self.0).into())
    }

    pub fn matches(&self, topic: &str) -> bool {
        let mut topic = topic.split('/');
        for segment in self.0.split('/') {
            match (segment, topic.next()) {
                ("**", found) => return found.is_some(),
                ("*", Some(_)) => {}
                (literal, Some(found)) if literal == found => {}
                _ => return false,
            }
        }
        topic.next().is_none()
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// A pattern that a token allows; `**` stands for every stream but the reserved one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Grant {
    Everything,
    Pattern(Pattern),
}

impl fmt::Display for Grant {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Everything => formatter.write_str("**"),
            Self::Pattern(pattern) => formatter.write_str(pattern.as_str()),
        }
    }
}

impl Grant {
    /// # Errors
    /// When the text is neither `**` nor a pattern.
    pub fn parse(text: &str) -> Result<Self, TopicError> {
        if text == "**" { Ok(Self::Everything) } else { Pattern::parse(text).map(Self::Pattern) }
    }

    /// Whether every topic that `asked` could ever match is allowed: segment by segment, a literal by itself or `*`, `*`
    /// by `*`, all the rest by `**`, and `**` by nothing else.
    pub fn covers(&self, asked: &Pattern) -> bool {
        let Self::Pattern(grant) = self else {
            return first_segment(asked.as_str()) != RESERVED_STREAM;
        };
        let mut asked = asked.as_str().split('/');
        for segment in grant.as_str().split('/') {
            match (segment, asked.next()) {
                ("**", found) => return found.is_some(),
                (_, None | Some("**")) => return false,
                ("*", Some(_)) => {}
                (literal, Some(found)) if literal == found => {}
                _ => return false,
            }
        }
        asked.next().is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pattern(text: &str) -> Pattern {
        Pattern::parse(text).unwrap()
    }

    #[test]
    fn patterns_match_segment_by_segment() {
        for (text, topic, expected) in [
            ("a/*", "a/b", true),
            ("a/*", "a/b/c", false),
            ("a/**", "a/b/c", true),
            ("a/**", "a", false),
            ("a/*/c", "a/b/c", true),
            ("a/b", "a/bb", false),
            ("a/*/**", "a/b", false),
        ] {
            assert_eq!(pattern(text).matches(topic), expected, "{text} on {topic}");
        }
    }

    #[test]
    fn what_is_outside_the_grammar_is_refused() {
        for text in
            ["", "a", "*/b", "**", "a/**/b", "a//b", "a/b*", "a/ b", "a/\u{7}", "a/*/*/*/*/*", "ä/b", "/a"]
        {
            assert!(Pattern::parse(text).is_err(), "{text:?}");
        }
        assert!(Pattern::parse(&format!("a{}", "/b".repeat(16))).is_err());
    }

    #[test]
    fn a_grant_covers_only_what_it_could_never_exceed() {
        for (grant, asked, expected) in [
            ("**", "a/b", true),
            ("**", "hookcast/**", false),
            ("hookcast/**", "hookcast/node/*", true),
            ("a/**", "a/b/**", true),
            ("a/**", "a/**", true),
            ("a/*", "a/*", true),
            ("a/*", "a/b", true),
            ("a/*", "a/**", false),
            ("a/b", "a/*", false),
            ("a/*/c", "a/b/c", true),
            ("a/b/**", "a/b", false),
            ("a/b", "a/b/c", false),
        ] {
            assert_eq!(
                Grant::parse(grant).unwrap().covers(&pattern(asked)),
                expected,
                "{grant} over {asked}"
            );
        }
    }

    #[test]
    fn values_never_become_structure() {
        let stream = StreamName::parse("s").unwrap();
        let topic = Topic::from_values(&stream, &["a/b*c%d e\n", ""]);
        assert_eq!(topic.as_str(), "s/a%2Fb%2Ac%25d%20e%0A/-");
        assert_eq!(Topic::from_values(&stream, [""; 0]).as_str(), "s/-");
    }

    proptest! {
        #[test]
        fn every_value_gives_a_topic_that_reads_back(values in prop::collection::vec(".{0,300}", 0..20)) {
            let stream = StreamName::parse("stream").unwrap();
            let topic = Topic::from_values(&stream, &values.iter().map(String::as_str).collect::<Vec<_>>());
            prop_assert_eq!(Topic::parse(topic.as_str()).unwrap(), topic.clone());
            prop_assert!(pattern("stream/**").matches(topic.as_str()));
        }

        #[test]
        fn long_values_stay_apart(start in "[a-z/]{200}", end in "[a-z]", other in "[a-z]") {
            let (one, two) = (format!("{start}{end}"), format!("{start}{other}"));
            let stream = StreamName::parse("stream").unwrap();
            let topic = |value: &str| Topic::from_values(&stream, &[value]);
            prop_assert_eq!(topic(&one) == topic(&two), end == other);
        }

        #[test]
        fn a_covered_pattern_matches_nothing_outside_its_grant(
            grant in "a(/(a|b|\\*)){1,3}(/\\*\\*)?", asked in "a(/(a|b|\\*)){1,3}(/\\*\\*)?", topic in "a(/(a|b)){1,5}",
        ) {
            let (grant, asked) = (pattern(&grant), pattern(&asked));
            if Grant::Pattern(grant.clone()).covers(&asked) && asked.matches(&topic) {
                prop_assert!(grant.matches(&topic));
            }
        }
    }
}
