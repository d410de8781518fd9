//! Paths into JSON: RFC 6901 pointers (`/a/b/0`) and the dotted form of rules (`a.b.0`); and the smaller data that a list
//! of pointers keeps.

use crate::mistake::Mistake;

use super::json::{Kind, Value};

/// Steps into a JSON value; none is the value itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Pointer {
    steps: Vec<String>,
}

impl Pointer {
    /// Reads `/a/b/0` as RFC 6901 says, and anything else as steps between dots; an empty text is the whole value.
    pub fn parse(text: &str) -> Result<Self, Mistake> {
        if text.is_empty() {
            return Ok(Self::default());
        }
        let steps: Vec<String> = match text.strip_prefix('/') {
            Some(rest) => rest.split('/').map(unescape_step).collect::<Option<_>>().ok_or_else(|| {
                Mistake::new(
                    format!("`~` stands before 0 or 1 in a pointer, but this is `{text}`"),
                    "write `~0` for `~` and `~1` for `/`",
                )
            })?,
            None => text.split('.').map(str::to_owned).collect(),
        };
        if !text.starts_with('/') && steps.iter().any(String::is_empty) {
            return Err(Mistake::new(
                format!("a path is names between dots, but this is `{text}`"),
                "write it such as `a.b.0` or `/a/b/0`",
            ));
        }
        Ok(Self { steps })
    }

    /// The first element of the array that is found here, and on from there.
    #[must_use]
    pub fn first_then(&self, inner: &Self) -> Self {
        let first = std::iter::once("0".to_owned());
        Self { steps: self.steps.iter().cloned().chain(first).chain(inner.steps.iter().cloned()).collect() }
    }

    /// A pointer to one member of the root.
    pub fn of_step(step: &str) -> Self {
        Self { steps: vec![step.to_owned()] }
    }

    /// What is left of this pointer inside an element of the array at `array`, if it leads into one.
    pub fn inside(&self, array: &Self) -> Option<Self> {
        let rest = self.steps.strip_prefix(array.steps.as_slice())?;
        Some(Self { steps: rest.get(1..)?.to_vec() })
    }

    /// Everywhere this pointer leads: of repeated keys all, for what reads the data later may take any.
    pub fn places(&self, value: Value<'_>, places: &mut Vec<std::ops::Range<usize>>) {
        collect(value, &self.steps, places);
    }

    pub fn find<'a>(&self, value: Value<'a>) -> Option<Value<'a>> {
        self.steps.iter().try_fold(value, |value, step| match value.kind() {
            Kind::Object => value.member(step),
            Kind::Array => value.elements().nth(array_index(step)?),
            _ => None,
        })
    }
}

fn collect(value: Value<'_>, steps: &[String], places: &mut Vec<std::ops::Range<usize>>) {
    let Some((step, rest)) = steps.split_first() else {
        places.push(value.range());
        return;
    };
    match value.kind() {
        Kind::Object => {
            for (_, member) in value.members().filter(|(name, _)| name.is_spelt(step)) {
                collect(member, rest, places);
            }
        }
        Kind::Array => {
            if let Some(element) = array_index(step).and_then(|index| value.elements().nth(index)) {
                collect(element, rest, places);
            }
        }
        _ => {}
    }
}

fn unescape_step(step: &str) -> Option<String> {
    let mut text = String::with_capacity(step.len());
    let mut characters = step.chars();
    while let Some(character) = characters.next() {
        text.push(match character {
            '~' => match characters.next() {
                Some('0') => '~',
                Some('1') => '/',
                _ => return None,
            },
            same => same,
        });
    }
    Some(text)
}

/// RFC 6901: digits without a leading zero.
fn array_index(step: &str) -> Option<usize> {
    let is_canonical = step == "0" || !step.starts_with('0');
    (is_canonical && step.bytes().all(|byte| byte.is_ascii_digit())).then(|| step.parse().ok()).flatten()
}

/// What a source's `keep` lets through, as a tree of steps. Each kept pointer finds in the smaller data what it found in
/// the whole: objects lose members, and array elements before a kept one become null.
#[derive(Debug, Clone, Default)]
pub struct Keep {
    is_whole: bool,
    branches: Vec<(String, Keep)>,
}

impl Keep {
    pub fn of(pointers: &[Pointer]) -> Self {
        let mut keep = Self::default();
        for pointer in pointers {
            let mut branch = &mut keep;
            for step in &pointer.steps {
                let found = branch.branches.iter().position(|(name, _)| name == step);
                let index = found.unwrap_or(branch.branches.len());
                if found.is_none() {
                    branch.branches.push((step.clone(), Self::default()));
                }
                branch = &mut branch.branches[index].1;
            }
            branch.is_whole = true;
        }
        keep
    }

    /// Appends the JSON of what is kept of a value.
    pub fn write(&self, value: Value<'_>, json: &mut String) {
        if self.is_whole {
            json.push_str(value.raw());
            return;
        }
        match value.kind() {
            Kind::Object => self.write_object(value, json),
            Kind::Array => self.write_array(value, json),
            _ => json.push_str("null"),
        }
    }

    /// The branch under one step of a JSON path, if that path is kept at all.
    pub fn branch(&self, step: &str) -> Option<&Keep> {
        if self.is_whole {
            return Some(self);
        }
        self.branches.iter().find(|(name, _)| name == step).map(|(_, keep)| keep)
    }

    fn write_object(&self, value: Value<'_>, json: &mut String) {
        json.push('{');
        let mut comma = "";
        for (name, keep) in &self.branches {
            if let Some(member) = value.member(name) {
                json.push_str(comma);
                json.push_str(&serde_json::Value::from(name.as_str()).to_string());
                json.push(':');
                keep.write(member, json);
                comma = ",";
            }
        }
        json.push('}');
    }

    fn write_array(&self, value: Value<'_>, json: &mut String) {
        let at = |index: usize| self.branches.iter().find(|(name, _)| array_index(name) == Some(index));
        let last = self.branches.iter().filter_map(|(name, _)| array_index(name)).max();
        json.push('[');
        for (index, element) in
            value.elements().enumerate().take(last.map_or(0, |last| last.saturating_add(1)))
        {
            if index > 0 {
                json.push(',');
            }
            match at(index) {
                Some((_, keep)) => keep.write(element, json),
                None => json.push_str("null"),
            }
        }
        json.push(']');
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::json::Document;

    const BODY: &[u8] = br#"{"a":{"b":[10,{"c":"x"}]},"m~n":1,"o/p":2,"":3,"d.e":4}"#;

    #[test]
    fn both_spellings_find_the_same() {
        let document = Document::scan(BODY).unwrap();
        for (text, expected) in [
            ("a.b.0", Some("10")),
            ("/a/b/0", Some("10")),
            ("/a/b/1/c", Some("\"x\"")),
            ("/m~0n", Some("1")),
            ("/o~1p", Some("2")),
            ("/", Some("3")),
            ("/d.e", Some("4")),
            ("d.e", None),
            ("/a/b/01", None),
            ("/a/b/2", None),
            ("/a/b/-", None),
            ("a.b.c", None),
        ] {
            let found = Pointer::parse(text).unwrap().find(document.root()).map(Value::raw);
            assert_eq!(found, expected, "{text}");
        }
        assert_eq!(Pointer::parse("").unwrap().find(document.root()).unwrap().kind(), Kind::Object);
        assert!(Pointer::parse("/~2").is_err());
        assert!(Pointer::parse("a..b").is_err());
    }

    #[test]
    fn what_is_kept_keeps_its_shape() {
        let document = Document::scan(BODY).unwrap();
        for (keep, expected) in [
            (vec!["/a/b/1/c", "/m~0n"], r#"{"a":{"b":[null,{"c":"x"}]},"m~n":1}"#),
            (vec!["/gone", "/m~0n/deeper"], r#"{"m~n":null}"#),
            (vec!["/a/b/0", "/a"], r#"{"a":{"b":[10,{"c":"x"}]}}"#),
            (vec![""], std::str::from_utf8(BODY).unwrap()),
        ] {
            let pointers: Vec<_> = keep.iter().map(|text| Pointer::parse(text).unwrap()).collect();
            let mut json = String::new();
            Keep::of(&pointers).write(document.root(), &mut json);
            assert_eq!(json, expected, "{keep:?}");
        }
    }
}
