//! Reads a TOML table key by key and collects every mistake: wrong types, wrong words, keys that nobody asked for.
//! Knows no key of its own.

use std::time::Duration;

use toml::{Table, Value};

use crate::mistake::Mistake;

/// A table being read. Each key that is asked for counts as known; [`Fields::finish`] reports all others.
pub struct Fields<'a> {
    table: &'a Table,
    known: Vec<&'static str>,
    mistakes: Vec<Mistake>,
}

impl<'a> Fields<'a> {
    pub fn new(table: &'a Table) -> Self {
        Self { table, known: Vec::new(), mistakes: Vec::new() }
    }

    pub fn get(&mut self, key: &'static str) -> Option<&'a Value> {
        self.known.push(key);
        self.table.get(key)
    }

    pub fn mistake(&mut self, key: &str, mistake: Mistake) {
        self.mistakes.push(mistake.under(key));
    }

    /// Mistakes that already have their whole path.
    pub fn add_all(&mut self, mistakes: Vec<Mistake>) {
        self.mistakes.extend(mistakes);
    }

    pub fn mistakes(&mut self, key: &str, mistakes: Vec<Mistake>) {
        self.mistakes.extend(mistakes.into_iter().map(|mistake| mistake.under(key)));
    }

    pub fn string(&mut self, key: &'static str) -> Option<&'a str> {
        let value = self.get(key)?;
        let text = value.as_str();
        if text.is_none() {
            self.mistake(key, wrong_type("a text in quotes", value));
        }
        text
    }

    pub fn boolean(&mut self, key: &'static str) -> Option<bool> {
        let value = self.get(key)?;
        let found = value.as_bool();
        if found.is_none() {
            self.mistake(key, wrong_type("true or false", value));
        }
        found
    }

    /// A whole number within bounds.
    pub fn number(&mut self, key: &'static str, bounds: std::ops::RangeInclusive<i64>) -> Option<i64> {
        let value = self.get(key)?;
        let found = value.as_integer().filter(|number| bounds.contains(number));
        if found.is_none() {
            let expected = format!("a whole number from {} to {}", bounds.start(), bounds.end());
            self.mistake(key, wrong_type(&expected, value));
        }
        found
    }

    pub fn duration(&mut self, key: &'static str) -> Option<Duration> {
        let value = self.get(key)?;
        let found = value.as_str().and_then(parse_duration);
        if found.is_none() {
            self.mistake(
                key,
                wrong_type("a duration such as \"500ms\", \"30s\", \"5m\", \"72h\" or \"7d\"", value),
            );
        }
        found
    }

    pub fn table(&mut self, key: &'static str) -> Option<&'a Table> {
        let value = self.get(key)?;
        let table = value.as_table();
        if table.is_none() {
            self.mistake(key, wrong_type("a table", value));
        }
        table
    }

    /// One of the words of a table; a wrong one is answered with the nearest.
    pub fn choice<T: Copy>(&mut self, key: &'static str, choices: &[(&'static str, T)]) -> Option<T> {
        let text = self.string(key)?;
        let found = choices.iter().find(|(word, _)| *word == text).map(|(_, choice)| *choice);
        if found.is_none() {
            let words: Vec<&str> = choices.iter().map(|(word, _)| *word).collect();
            self.mistake(key, unknown_word(text, &words));
        }
        found
    }

    /// A text that `parse` understands, or its mistake.
    pub fn parsed<T>(
        &mut self,
        key: &'static str,
        parse: impl FnOnce(&'a str) -> Result<T, Mistake>,
    ) -> Option<T> {
        let text = self.string(key)?;
        match parse(text) {
            Ok(found) => Some(found),
            Err(mistake) => {
                self.mistake(key, mistake);
                None
            }
        }
    }

    /// One value or an array of them, each read by `read`; an index stands in the path only for an array.
    pub fn each<T>(
        &mut self,
        key: &'static str,
        mut read: impl FnMut(&'a Value) -> Result<T, Vec<Mistake>>,
    ) -> Vec<T> {
        let Some(value) = self.get(key) else { return Vec::new() };
        let Some(array) = value.as_array() else {
            return match read(value) {
                Ok(found) => vec![found],
                Err(mistakes) => {
                    self.mistakes(key, mistakes);
                    Vec::new()
                }
            };
        };
        let mut all = Vec::new();
        for (index, value) in array.iter().enumerate() {
            match read(value) {
                Ok(found) => all.push(found),
                Err(mistakes) => {
                    let located = mistakes.into_iter().map(|mistake| mistake.at_index(index)).collect();
                    self.mistakes(key, located);
                }
            }
        }
        all
    }

    /// One text or an array of texts, each understood by `parse`.
    pub fn texts<T>(
        &mut self,
        key: &'static str,
        mut parse: impl FnMut(&'a str) -> Result<T, Mistake>,
    ) -> Vec<T> {
        self.each(key, |value| {
            let text = value.as_str().ok_or_else(|| vec![wrong_type("a text in quotes", value)])?;
            parse(text).map_err(|mistake| vec![mistake])
        })
    }

    /// Everything that was wrong, the keys that nobody asked for included.
    pub fn finish(mut self) -> Vec<Mistake> {
        for key in self.table.keys() {
            if !self.known.iter().any(|known| known == key) {
                self.mistakes.push(unknown_key(key, &self.known).under(key));
            }
        }
        self.mistakes
    }
}

/// Reads a value that must be a table.
pub fn as_table(value: &Value) -> Result<&Table, Vec<Mistake>> {
    value.as_table().ok_or_else(|| vec![wrong_type("a table", value)])
}

pub fn wrong_type(expected: &str, found: &Value) -> Mistake {
    Mistake::new(
        format!("expected {expected}, but this is {} {}", article(found), found.type_str()),
        format!("write {expected}"),
    )
}

fn article(value: &Value) -> &'static str {
    if matches!(value, Value::Integer(_) | Value::Array(_)) { "an" } else { "a" }
}

fn unknown_key(key: &str, known: &[&'static str]) -> Mistake {
    let mend = match nearest(key, known) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("known here: {}", known.join(", ")),
    };
    Mistake::new(format!("unknown key `{key}`"), mend)
}

pub fn unknown_word(word: &str, known: &[&str]) -> Mistake {
    let mend = match nearest(word, known) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("one of: {}", known.join(", ")),
    };
    Mistake::new(format!("unknown word `{}`", word.escape_debug()), mend)
}

/// The known word that was probably meant, if any is close.
pub fn nearest<'k>(word: &str, known: &[&'k str]) -> Option<&'k str> {
    let scored = known.iter().map(|known| (strsim::jaro_winkler(word, known), *known));
    scored
        .filter(|(score, _)| *score > 0.8)
        .max_by(|one, other| one.0.total_cmp(&other.0))
        .map(|(_, known)| known)
}

/// A whole number and a unit: `ms`, `s`, `m`, `h`, `d`.
pub fn parse_duration(text: &str) -> Option<Duration> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let count: u64 = text[..digits].parse().ok()?;
    match &text[digits..] {
        "ms" => Some(Duration::from_millis(count)),
        "s" => Some(Duration::from_secs(count)),
        "m" => Some(Duration::from_secs(count.checked_mul(60)?)),
        "h" => Some(Duration::from_secs(count.checked_mul(3_600)?)),
        "d" => Some(Duration::from_secs(count.checked_mul(86_400)?)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mistake_is_told_at_once_with_the_nearest_key() {
        let table: Table = "tolerence = \"5m\"\ncount = \"x\"\nlist = [1]".parse().unwrap();
        let mut fields = Fields::new(&table);
        assert_eq!(fields.duration("tolerance"), None);
        assert_eq!(fields.number("count", 1..=9), None);
        assert!(fields.texts("list", |text| Ok(text.to_owned())).is_empty());
        let told: Vec<String> = fields.finish().iter().map(ToString::to_string).collect();
        assert_eq!(told.len(), 3, "{told:?}");
        assert!(told[0].starts_with("count: expected a whole number from 1 to 9"), "{told:?}");
        assert!(told[1].starts_with("list[0]: expected a text"), "{told:?}");
        assert_eq!(told[2], "tolerence: unknown key `tolerence` (did you mean `tolerance`?)");
    }

    #[test]
    fn durations_have_a_unit() {
        assert_eq!(parse_duration("500ms"), Some(Duration::from_millis(500)));
        assert_eq!(parse_duration("7d"), Some(Duration::from_secs(604_800)));
        for text in ["", "5", "s", "5 s", "-5s", "5w", "99999999999999999999s", "18446744073709551615d"] {
            assert_eq!(parse_duration(text), None, "{text}");
        }
    }
}
