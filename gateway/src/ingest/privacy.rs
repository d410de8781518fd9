//! What of a genuine body is never published, whatever a source keeps: the token that proves it, and what its sender did not
//! mean for a screen. Hidden values become null; the body that was verified stays as it came.

use toml::Value as Toml;

use crate::mistake::Mistake;

use super::fields::{Fields, as_table};
use super::json::{Document, Value};
use super::method::MethodRule;
use super::pointer::Pointer;
use super::signature::Place;
use super::template::Reading;
use super::when::When;

/// `hide` and `private` of a row's `[delivery]`.
#[derive(Debug, Clone, Default)]
pub struct Privacy {
    always: Vec<Pointer>,
    /// Hidden as long as the condition does not hold: where nothing is said, nothing is public.
    unless: Option<(When, Vec<Pointer>)>,
}

impl Privacy {
    pub(super) fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            always: fields.texts("hide", Pointer::parse),
            unless: fields.each("private", read_private).into_iter().next(),
        }
    }

    /// Tokens that stand in the body are secrets: whoever reads one can send anything. So are signatures that stand there, as
    /// they cover some of it only.
    pub(super) fn and_tokens_of(mut self, methods: &[MethodRule]) -> Self {
        for place in methods.iter().flat_map(|method| &method.signatures).map(|rule| &rule.place) {
            let pointer = match place {
                Place::Json(pointer) => Some(pointer.clone()),
                // A form becomes an object of its fields.
                Place::Form(name) => {
                    Pointer::parse(&format!("/{}", name.replace('~', "~0").replace('/', "~1"))).ok()
                }
                _ => None,
            };
            self.always.extend(pointer);
        }
        self
    }

    /// The same JSON without what is hidden; none if nothing of it is.
    pub(super) fn cut(&self, json: Value<'_>, reading: &Reading<'_>) -> Option<Document> {
        let private =
            self.unless.iter().filter(|(when, _)| !when.holds(reading)).flat_map(|(_, hidden)| hidden);
        let start = json.range().start;
        let mut ranges: Vec<_> = self
            .always
            .iter()
            .chain(private)
            .filter_map(|pointer| pointer.find(json))
            .map(|value| value.range().start - start..value.range().end - start)
            .collect();
        ranges.sort_by_key(|range| (range.start, std::cmp::Reverse(range.end)));
        if ranges.is_empty() {
            return None;
        }
        let (raw, mut text, mut at) = (json.raw(), String::with_capacity(json.raw().len()), 0);
        for range in ranges {
            // What stands inside something hidden is gone already.
            if range.start >= at {
                text.push_str(&raw[at..range.start]);
                text.push_str("null");
                at = range.end;
            }
        }
        text.push_str(&raw[at..]);
        // JSON with nulls in it is JSON; if it ever were not, showing nothing is the safe side.
        Some(
            Document::scan(text.as_bytes())
                .unwrap_or_else(|_| Document::scan(b"null").expect("null is JSON")),
        )
    }
}

fn read_private(value: &Toml) -> Result<(When, Vec<Pointer>), Vec<Mistake>> {
    let table = as_table(value)?;
    let mut fields = Fields::new(table);
    let unless = fields.each("unless", When::parse).into_iter().next();
    let hidden = fields.texts("hide", Pointer::parse);
    if !table.contains_key("unless") {
        let mend = "write such as unless = { json = \"is_public\", equals = true }, or hide alone";
        fields.mistake("unless", Mistake::new("nothing says when these are public", mend));
    }
    let mistakes = fields.finish();
    match unless {
        Some(unless) if mistakes.is_empty() => Ok((unless, hidden)),
        _ => Err(mistakes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::delivery::Delivery;

    fn shown(row: &str, body: &'static str) -> String {
        let table: toml::Table = row.parse().unwrap();
        let mut fields = Fields::new(&table);
        let privacy = Privacy::read(&mut fields);
        assert!(fields.finish().is_empty());
        let delivery = Delivery::posted("/", &[], body);
        let reading = Reading::of(&delivery);
        let json = reading.json().unwrap();
        privacy.cut(json, &reading).map_or_else(|| json.raw().to_owned(), |cut| cut.root().raw().to_owned())
    }

    #[test]
    fn what_is_hidden_becomes_null() {
        for (row, body, expected) in [
            ("hide = ['/token']", r#"{"a":1,"token":"x"}"#, r#"{"a":1,"token":null}"#),
            ("hide = ['/token']", r#"{"a":1}"#, r#"{"a":1}"#),
            (
                "hide = ['/b/c', '/b', '/a']",
                r#"{"a":[1,2],"b":{"c":3},"d":4}"#,
                r#"{"a":null,"b":null,"d":4}"#,
            ),
            ("hide = ['/0/t']", r#"[{"t":"x"},{"t":"y"}]"#, r#"[{"t":null},{"t":"y"}]"#),
            (PRIVATE, r#"{"public":true,"message":"hi"}"#, r#"{"public":true,"message":"hi"}"#),
            (PRIVATE, r#"{"public":false,"message":"hi"}"#, r#"{"public":false,"message":null}"#),
            (PRIVATE, r#"{"message":"hi"}"#, r#"{"message":null}"#),
            (PRIVATE, r#"{"public":"yes","message":"hi"}"#, r#"{"public":"yes","message":null}"#),
        ] {
            assert_eq!(shown(row, body), expected, "{row}");
        }
    }

    const PRIVATE: &str = "private = { unless = { json = 'public', equals = true }, hide = ['/message'] }";
}
