//! `application/x-www-form-urlencoded`, for bodies and queries.

use std::borrow::Cow;
use std::collections::HashMap;

use percent_encoding::percent_decode;

/// Names and values in order, decoded; bytes outside UTF-8 become U+FFFD.
#[derive(Debug, Default)]
pub struct Form {
    pairs: Vec<(String, String)>,
}

impl Form {
    pub fn parse(bytes: &[u8]) -> Self {
        let pairs = bytes.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()).map(|pair| {
            let at = pair.iter().position(|byte| *byte == b'=').unwrap_or(pair.len());
            (decode(&pair[..at]), decode(pair.get(at + 1..).unwrap_or_default()))
        });
        Self { pairs: pairs.collect() }
    }

    /// The first value of this name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    /// All fields, in their order.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    pub fn is_empty(&self) -> bool {
        self.pairs.is_empty()
    }

    /// Names and values joined with nothing, in the order of the names and then the values; a pair counts once.
    pub fn sorted(&self) -> String {
        let mut pairs: Vec<&(String, String)> = self.pairs.iter().collect();
        pairs.sort();
        pairs.dedup();
        pairs.into_iter().flat_map(|(name, value)| [name.as_str(), value]).collect()
    }

    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.pairs.iter().filter(move |(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    /// The fields as a JSON object of texts; a repeated name has an array of them.
    pub fn to_json(&self) -> String {
        let mut order: Vec<(&str, Vec<&str>)> = Vec::new();
        let mut places: HashMap<&str, usize> = HashMap::new();
        for (name, value) in &self.pairs {
            let place = *places.entry(name).or_insert_with(|| {
                order.push((name, Vec::new()));
                order.len() - 1
            });
            order[place].1.push(value);
        }
        let text = |text: &str| serde_json::Value::from(text).to_string();
        let members = order.iter().map(|(name, values)| match values.as_slice() {
            [one] => format!("{}:{}", text(name), text(one)),
            all => format!("{}:{}", text(name), serde_json::Value::from(all.to_vec())),
        });
        format!("{{{}}}", members.collect::<Vec<_>>().join(","))
    }
}

fn decode(bytes: &[u8]) -> String {
    let spaced: Cow<'_, [u8]> = if bytes.contains(&b'+') {
        bytes.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect()
    } else {
        bytes.into()
    };
    percent_decode(&spaced).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_decoded_and_repeated_names_become_arrays() {
        let form = Form::parse(b"a=1&b=x+y%26z&&a=%F0%9F%98%80&c&=e&%ff=1");
        assert_eq!(form.get("b"), Some("x y&z"));
        assert_eq!(form.get("c"), Some(""));
        assert_eq!(form.to_json(), r#"{"a":["1","😀"],"b":"x y&z","c":"","":"e","�":"1"}"#);
        assert_eq!(Form::parse(b"").to_json(), "{}");
        assert_eq!(Form::parse(b"b=2&a=3&a=1&b=2").sorted(), "a1a3b2");
    }
}
