//! Declarative matches: `accept = [{ type = "push", ref = { prefix = "refs/tags/" } }]`. Look-ups and comparisons only:
//! nothing is evaluated, nothing can fail. A value is compared as its text, so that a form's or header's `100` is the
//! rule's 100 too; null is as absent.

use std::borrow::Cow;
use std::cmp::Ordering;

use toml::Value as Toml;

use crate::mistake::Mistake;

use super::fields::{as_table, nearest, wrong_type};
use super::json::{Kind, Value};
use super::template::{Grammar, Part, Reading};

/// One table: it holds when all its keys do.
#[derive(Debug, Clone)]
pub struct Match {
    conditions: Vec<(Part, Test)>,
}

/// What is asked of one value.
#[derive(Debug, Clone)]
enum Test {
    Equals(Scalar),
    Prefix(String),
    Suffix(String),
    Exists(bool),
    Compares(Comparison, Number),
    Not(Box<Test>),
    /// A list: one of them.
    Any(Vec<Test>),
    /// A table: all of them.
    All(Vec<Test>),
}

#[derive(Debug, Clone)]
enum Scalar {
    Text(String),
    Number(Number),
    Boolean(bool),
}

#[derive(Debug, Clone, Copy)]
enum Comparison {
    Above,
    AtLeast,
    Below,
    AtMost,
}

/// The words of a test's table.
const WORDS: [&str; 8] = ["exists", "prefix", "suffix", "not", "gt", "gte", "lt", "lte"];

impl Match {
    pub fn parse(value: &Toml) -> Result<Self, Vec<Mistake>> {
        let mut conditions = Vec::new();
        let mut mistakes = Vec::new();
        for (key, value) in as_table(value)? {
            match (parse_subject(key), Test::parse(value)) {
                (Ok(subject), Ok(test)) => conditions.push((subject, test)),
                (subject, test) => {
                    let found = subject.err().into_iter().chain(test.err().into_iter().flatten());
                    mistakes.extend(found.map(|mistake| mistake.under(key)));
                }
            }
        }
        if conditions.is_empty() && mistakes.is_empty() {
            mistakes.push(Mistake::new(
                "an empty table fits everything",
                "write such as { type = \"push\" }, or take it away",
            ));
        }
        if mistakes.is_empty() { Ok(Self { conditions }) } else { Err(mistakes) }
    }

    pub fn holds(&self, reading: &Reading<'_>) -> bool {
        self.conditions.iter().all(|(subject, test)| test.holds(&Found::of(subject, reading)))
    }
}

/// `type`, `id`, `header:NAME`, `query:NAME`, `form:NAME`, or a path into the body.
fn parse_subject(key: &str) -> Result<Part, Mistake> {
    match Part::parse(key, Grammar::Rule)? {
        Part::Source => Err(Mistake::new(
            "`source` is this source's own name, which is always the same",
            "write `/source` for a body's member of that name",
        )),
        part @ (Part::EventType
        | Part::EventId
        | Part::Header(_)
        | Part::Query(_)
        | Part::Form(_)
        | Part::Json(_)) => Ok(part),
        _ => Err(Mistake::new(
            format!("`{}` is nothing that a rule can look at", key.escape_debug()),
            "write type, id, header:NAME, query:NAME, form:NAME or a path into the body such as `a.b.0` or `/a/b/0`",
        )),
    }
}

/// What stands where a rule looks.
struct Found<'a> {
    /// Of a scalar.
    text: Option<Cow<'a, str>>,
    /// An object or array has no text, but is there all the same.
    is_there: bool,
}

impl<'a> Found<'a> {
    fn of(subject: &Part, reading: &Reading<'a>) -> Self {
        if let Part::Json(pointer) = subject {
            let value = reading.json().and_then(|json| pointer.find(json));
            let is_there =
                value.is_some_and(|value| !matches!(value.kind(), Kind::Literal) || !value.is_null());
            return Self { text: value.and_then(Value::text), is_there };
        }
        let text = reading.part(subject).map(|bytes| match bytes {
            Cow::Borrowed(bytes) => String::from_utf8_lossy(bytes),
            Cow::Owned(bytes) => Cow::Owned(String::from_utf8_lossy(&bytes).into_owned()),
        });
        Self { is_there: text.is_some(), text }
    }
}

impl Test {
    fn parse(value: &Toml) -> Result<Self, Vec<Mistake>> {
        match value {
            Toml::Table(table) => {
                let mut all = Vec::new();
                let mut mistakes = Vec::new();
                for (word, value) in table {
                    match Self::parse_word(word, value) {
                        Ok(test) => all.push(test),
                        Err(found) => mistakes.extend(found.into_iter().map(|mistake| mistake.under(word))),
                    }
                }
                if table.is_empty() {
                    let mend = format!("write one of: {}", WORDS.join(", "));
                    mistakes.push(Mistake::new("an empty table asks nothing of the value", mend));
                }
                if mistakes.is_empty() { Ok(Self::All(all)) } else { Err(mistakes) }
            }
            Toml::Array(items) => {
                let mut any = Vec::new();
                let mut mistakes = Vec::new();
                for (index, item) in items.iter().enumerate() {
                    match Self::parse(item) {
                        Ok(test) => any.push(test),
                        Err(found) => {
                            mistakes.extend(found.into_iter().map(|mistake| mistake.at_index(index)));
                        }
                    }
                }
                if items.is_empty() {
                    mistakes.push(Mistake::new("nothing is one of an empty list", "write what it may be"));
                }
                if mistakes.is_empty() { Ok(Self::Any(any)) } else { Err(mistakes) }
            }
            Toml::String(text) => Ok(Self::Equals(Scalar::Text(text.clone()))),
            Toml::Boolean(value) => Ok(Self::Equals(Scalar::Boolean(*value))),
            number => match Number::of(number) {
                Some(number) => Ok(Self::Equals(Scalar::Number(number))),
                None => {
                    Err(vec![wrong_type("a text, number or boolean, a list of them, or a table", number)])
                }
            },
        }
    }

    fn parse_word(word: &str, value: &Toml) -> Result<Self, Vec<Mistake>> {
        let text =
            || value.as_str().map(str::to_owned).ok_or_else(|| vec![wrong_type("a text in quotes", value)]);
        let number = || Number::of(value).ok_or_else(|| vec![wrong_type("a number", value)]);
        match word {
            "prefix" => text().map(Self::Prefix),
            "suffix" => text().map(Self::Suffix),
            "exists" => {
                let exists = value.as_bool().ok_or_else(|| vec![wrong_type("true or false", value)]);
                exists.map(Self::Exists)
            }
            "not" => Self::parse(value).map(|test| Self::Not(Box::new(test))),
            "gt" => number().map(|number| Self::Compares(Comparison::Above, number)),
            "gte" => number().map(|number| Self::Compares(Comparison::AtLeast, number)),
            "lt" => number().map(|number| Self::Compares(Comparison::Below, number)),
            "lte" => number().map(|number| Self::Compares(Comparison::AtMost, number)),
            _ => {
                let mend = match nearest(word, &WORDS) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!(
                        "known here: {}; a path into the body stands in quotes, such as \"a.{word}\" = …",
                        WORDS.join(", ")
                    ),
                };
                Err(vec![Mistake::new(format!("unknown word `{}`", word.escape_debug()), mend)])
            }
        }
    }

    fn holds(&self, found: &Found<'_>) -> bool {
        let text = found.text.as_deref();
        match self {
            Self::Equals(scalar) => text.is_some_and(|text| scalar.is(text)),
            Self::Prefix(prefix) => text.is_some_and(|text| text.starts_with(prefix)),
            Self::Suffix(suffix) => text.is_some_and(|text| text.ends_with(suffix)),
            Self::Exists(expected) => found.is_there == *expected,
            Self::Compares(comparison, bound) => text
                .and_then(Number::parse)
                .and_then(|number| number.cmp(bound))
                .is_some_and(|order| match comparison {
                    Comparison::Above => order.is_gt(),
                    Comparison::AtLeast => order.is_ge(),
                    Comparison::Below => order.is_lt(),
                    Comparison::AtMost => order.is_le(),
                }),
            Self::Not(test) => !test.holds(found),
            Self::Any(tests) => tests.iter().any(|test| test.holds(found)),
            Self::All(tests) => tests.iter().all(|test| test.holds(found)),
        }
    }
}

impl Scalar {
    fn is(&self, text: &str) -> bool {
        match self {
            Self::Text(expected) => expected == text,
            Self::Boolean(expected) => text == if *expected { "true" } else { "false" },
            Self::Number(expected) => {
                Number::parse(text).and_then(|number| number.cmp(expected)) == Some(Ordering::Equal)
            }
        }
    }
}

/// A number by its value: 100 is 100.0. Whole ones are exact, for ids have more digits than a float.
#[derive(Debug, Clone, Copy)]
struct Number {
    whole: Option<i128>,
    float: f64,
}

impl Number {
    fn of(value: &Toml) -> Option<Self> {
        match value {
            Toml::Integer(whole) => Some(Self { whole: Some(i128::from(*whole)), float: *whole as f64 }),
            Toml::Float(float) => Some(Self { whole: None, float: *float }),
            _ => None,
        }
    }

    /// As JSON spells numbers; what Rust would also read, `inf` or `+1`, is text.
    fn parse(text: &str) -> Option<Self> {
        let (first, last) = (text.bytes().next()?, text.bytes().last()?);
        if !(first.is_ascii_digit() || first == b'-') || !last.is_ascii_digit() {
            return None;
        }
        Some(Self { whole: text.parse().ok(), float: text.parse().ok()? })
    }

    fn cmp(&self, other: &Self) -> Option<Ordering> {
        match (self.whole, other.whole) {
            (Some(one), Some(other)) => Some(one.cmp(&other)),
            _ => self.float.partial_cmp(&other.float),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::delivery::Delivery;
    use crate::ingest::template::EventNames;

    fn delivery() -> Delivery {
        let body = r#"{"amount":100.0,"kind":"gift","type":"own","id":9007199254740993,"public":true,
            "none":null,"o":{"p":[{"q":"x/y"}]},"digits":"0100"}"#;
        Delivery::posted("/hooks/a?n=12&empty", &[("x-kind", "gift")], body)
    }

    #[test]
    fn a_table_holds_when_all_its_keys_do() {
        let delivery = delivery();
        let event = Some(EventNames { id: "7", event_type: "push", source: "gh" });
        let reading = Reading { event, ..Reading::of(&delivery) };
        for (table, expected) in [
            ("type = 'push'", true),
            ("'/type' = 'own'", true),
            ("type = 'own'", false),
            ("id = 7", true),
            ("id = '7'", true),
            ("'/id' = 9007199254740993", true),
            ("'/id' = 9007199254740992", false),
            ("amount = 100\nkind = ['sale', 'gift']\npublic = true", true),
            ("amount = 100\nkind = 'sale'", false),
            ("amount = { gt = 99.5, lte = 100 }", true),
            ("amount = { gt = 100 }", false),
            ("amount = { lt = 100 }", false),
            ("amount = { gte = 100, lt = 1e9 }", true),
            ("kind = { gt = 1 }", false),
            ("gone = 'x'", false),
            ("gone = { not = 'x' }", true),
            ("gone = { exists = false }", true),
            ("none = { exists = false }", true),
            ("o = { exists = true }", true),
            ("o = { not = { exists = true } }", false),
            ("'o.p.0.q' = { prefix = 'x', suffix = '/y' }", true),
            ("'/o/p/0/q' = { prefix = 'y' }", false),
            ("kind = { not = ['sale', { prefix = 'gi' }] }", false),
            ("kind = [{ prefix = 'sa' }, { suffix = 'ft' }]", true),
            ("'header:X-Kind' = 'gift'", true),
            ("'header:X-Gone' = { exists = true }", false),
            ("'query:n' = { gte = 12 }", true),
            ("'query:empty' = ''", true),
            ("digits = 100", true),
            ("digits = '100'", false),
        ] {
            let table: toml::Table = table.parse().unwrap();
            let parsed = Match::parse(&Toml::Table(table.clone())).unwrap();
            assert_eq!(parsed.holds(&reading), expected, "{table}");
        }
    }

    #[test]
    fn what_a_table_cannot_mean_is_told_with_its_mend() {
        for (table, expected) in [
            ("", "an empty table fits everything"),
            ("'/~' = 1", "/~: `~` stands before 0 or 1"),
            ("source = 'x'", "source: `source` is this source's own name"),
            ("'sig:t' = '1'", "sig:t: `sig:t` is nothing that a rule can look at"),
            ("a = []", "a: nothing is one of an empty list"),
            ("a = {}", "a: an empty table asks nothing"),
            ("a = [1, 1979-05-27]", "a[1]: expected a text, number or boolean"),
            ("a = { prefx = 'x' }", "a.prefx: unknown word `prefx` (did you mean `prefix`?)"),
            ("a.name = 'x'", "a.name: unknown word `name` (known here: exists,"),
            ("a = { gt = '5' }", "a.gt: expected a number"),
            ("a = { not = { exists = 1 } }", "a.not.exists: expected true or false"),
        ] {
            let told = Match::parse(&Toml::Table(table.parse().unwrap())).unwrap_err();
            assert_eq!(told.len(), 1, "{table}");
            assert!(told[0].to_string().starts_with(expected), "{table}\n{}", told[0]);
        }
    }
}
