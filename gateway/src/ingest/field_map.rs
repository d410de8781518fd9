//! `[source.fields]`: an object made of expressions in the place of an event's data, each value as JSON.

use toml::Table;

use crate::mistake::Mistake;

use super::expression::json::{self, NoJson};
use super::expression::{Expression, Failed, Names};
use super::fields::wrong_type;
use super::pointer::Pointer;
use super::rules::Failure;
use super::template::Reading;

/// Most fields: more is the body itself.
const FIELDS_MAX: usize = 64;
/// Longest data that they make together, in bytes.
const DATA_BYTES_MAX: usize = 64 * 1024;
/// What a field needs at least, so that those after a long one can still be null.
const NULL_BYTES: usize = "null".len();

#[derive(Debug)]
pub struct FieldMap {
    fields: Vec<Field>,
    /// What names, punctuation and nulls take.
    frame_bytes: usize,
}

#[derive(Debug)]
struct Field {
    /// The name as JSON, with its colon.
    name: String,
    rule: String,
    expression: Expression,
    /// A plain path into the body is passed through as it was spelt there.
    path: Option<Pointer>,
}

impl FieldMap {
    pub fn parse(table: &Table) -> Result<Self, Vec<Mistake>> {
        let mut fields = Vec::new();
        let mut mistakes = Vec::new();
        for (name, value) in table {
            let text = value.as_str().ok_or_else(|| wrong_type("an expression in quotes", value));
            match text.and_then(|text| Ok((Expression::parse(text)?, plain_path(text)))) {
                Ok((expression, path)) => fields.push(Field {
                    name: format!("{}:", serde_json::Value::from(name.as_str())),
                    rule: format!("fields.{name}"),
                    expression,
                    path,
                }),
                Err(mistake) => mistakes.push(mistake.under(name)),
            }
        }
        let frame_bytes = 2 + fields.iter().map(|field| field.name.len() + NULL_BYTES + 1).sum::<usize>();
        if table.is_empty() || table.len() > FIELDS_MAX {
            let mend = "write such as title = \"'PR #' ~ body.number\"";
            mistakes.push(Mistake::new(format!("an event has 1 to {FIELDS_MAX} fields"), mend));
        } else if frame_bytes > DATA_BYTES_MAX / 2 {
            mistakes
                .push(Mistake::new("the names of the fields are too long together", "write shorter ones"));
        }
        if mistakes.is_empty() { Ok(Self { fields, frame_bytes }) } else { Err(mistakes) }
    }

    /// The object. A field that fails is null, and noted.
    pub fn data(&self, reading: &Reading<'_>, names: &Names, failures: &mut Vec<Failure>) -> String {
        let mut data = String::from("{");
        let mut room = DATA_BYTES_MAX - self.frame_bytes;
        for (index, field) in self.fields.iter().enumerate() {
            if index > 0 {
                data.push(',');
            }
            data.push_str(&field.name);
            let start = data.len();
            let written = field.write(reading, names, &mut data, start + room + NULL_BYTES);
            if let Err(failed) = written {
                data.truncate(start);
                data.push_str("null");
                failures.push(Failure::new(field.rule.clone(), &field.expression, failed));
            }
            room -= (data.len() - start).saturating_sub(NULL_BYTES);
        }
        data.push('}');
        data
    }
}

impl Field {
    fn write(
        &self,
        reading: &Reading<'_>,
        names: &Names,
        data: &mut String,
        bytes_max: usize,
    ) -> Result<(), Failed> {
        let failed = |error: NoJson| self.expression.failed(names, error.as_str().to_owned());
        if let (Some(path), Some(json)) = (&self.path, reading.json())
            && let Some(found) = path.find(json)
        {
            return json::push(found.raw(), data, bytes_max).map_err(failed);
        }
        let value = self.expression.value(names)?;
        json::write(&value, data, bytes_max).map_err(failed)
    }
}

/// `body.a.b`, `body['a-b'][0]`: nothing but steps into the body.
fn plain_path(expression: &str) -> Option<Pointer> {
    let mut rest = expression.trim().strip_prefix("body")?;
    let mut pointer = String::new();
    while !rest.is_empty() {
        let step;
        if let Some(after) = rest.strip_prefix('.') {
            let end = after.find(['.', '[']).unwrap_or(after.len());
            (step, rest) = after.split_at(end);
            let is_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
            if step.is_empty() || !step.bytes().all(is_name) {
                return None;
            }
        } else {
            let (inner, after) = rest.strip_prefix('[')?.split_once(']')?;
            let quoted = |quote: char| inner.strip_prefix(quote).and_then(|inner| inner.strip_suffix(quote));
            step = match quoted('\'').or_else(|| quoted('"')) {
                Some(name) if !name.contains(['\\', '\'', '"']) => name,
                None if !inner.is_empty() && inner.bytes().all(|byte| byte.is_ascii_digit()) => inner,
                Some(_) | None => return None,
            };
            rest = after;
        }
        pointer.push('/');
        pointer.push_str(&step.replace('~', "~0").replace('/', "~1"));
    }
    Pointer::parse(&pointer).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_paths_are_told_from_expressions() {
        for (text, pointer) in [
            ("body", ""),
            (" body.a.b_1 ", "/a/b_1"),
            ("body['a/b~c'][0].d", "/a~1b~0c/0/d"),
            ("body[\"x y\"]", "/x y"),
        ] {
            assert_eq!(plain_path(text), Some(Pointer::parse(pointer).unwrap()), "{text}");
        }
        for text in [
            "type",
            "bodyx.a",
            "body.a ~ ''",
            "body.a | upper",
            "body[-1]",
            "body[a]",
            "body['a\\n']",
            "body.",
            "body['a'",
            "body[]",
            "body.a.b == body.c",
            "body['a'] ~ body['b']",
            "body[0][1:2]",
        ] {
            assert_eq!(plain_path(text), None, "{text}");
        }
    }
}
