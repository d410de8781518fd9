//! What a single value means: durations, sizes, addresses, lists. Pure; a mistake here has no place yet.

use std::net::SocketAddr;
use std::time::Duration;

use ipnet::IpNet;
use toml::Value;

use crate::http::client;
use crate::mistake::Mistake;
use crate::topic::Grant;

const DURATION_UNITS: &[(&str, u64)] =
    &[("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000), ("d", 24 * 3_600_000)];
const SIZE_UNITS: &[(&str, u64)] = &[("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("B", 1)];

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::String(_) => "a string",
        Value::Integer(_) => "a whole number",
        Value::Float(_) => "a number with a point",
        Value::Boolean(_) => "true or false",
        Value::Datetime(_) => "a date",
        Value::Array(_) => "a list",
        Value::Table(_) => "a table",
    }
}

fn other_kind(expected: &str, value: &Value, mend: &str) -> Mistake {
    Mistake::new(format!("expected {expected}, but this is {}", kind_of(value)), mend)
}

pub(super) fn switch(value: &Value) -> Result<bool, Mistake> {
    match value {
        Value::Boolean(is_on) => Ok(*is_on),
        other => Err(other_kind("true or false", other, "write it without quotes")),
    }
}

pub(super) fn text(value: &Value) -> Result<String, Mistake> {
    match value {
        Value::String(text) if text.trim().is_empty() => {
            Err(Mistake::new("the string is empty", "write a value, or leave the key out"))
        }
        Value::String(text) => Ok(text.clone()),
        other => Err(other_kind("a string", other, "put it in quotes")),
    }
}

pub(super) fn table(value: &Value) -> Result<&toml::Table, Mistake> {
    value.as_table().ok_or_else(|| other_kind("a table", value, "write it as a table of keys"))
}

/// Each item of a list read alike; a mistake in one hides none in another.
pub(super) fn list<T>(
    value: &Value,
    read: impl Fn(&Value) -> Result<T, Mistake>,
) -> Result<Vec<T>, Vec<Mistake>> {
    let Value::Array(items) = value else {
        return Err(vec![other_kind("a list", value, "put it in square brackets")]);
    };
    let (mut found, mut mistakes) = (Vec::new(), Vec::new());
    for (index, item) in items.iter().enumerate() {
        match read(item) {
            Ok(value) => found.push(value),
            Err(mistake) => mistakes.push(mistake.at_index(index)),
        }
    }
    if mistakes.is_empty() { Ok(found) } else { Err(mistakes) }
}

pub(super) fn address(value: &Value) -> Result<SocketAddr, Mistake> {
    let mend = "write an IP address and a port, such as `127.0.0.1:8080`";
    let text = text(value).map_err(|mistake| Mistake { mend: mend.into(), ..mistake })?;
    let numeric = text.strip_prefix("localhost:").map(|port| format!("127.0.0.1:{port}"));
    numeric.as_deref().unwrap_or(&text).parse().map_err(|_| {
        let mend = match text.strip_prefix(':').unwrap_or(&text).parse::<u16>() {
            Ok(port) => format!("write `127.0.0.1:{port}`, or `0.0.0.0:{port}` to listen everywhere"),
            Err(_) => mend.to_owned(),
        };
        Mistake::new(format!("`{text}` is no address to listen on"), mend)
    })
}

pub(super) fn milliseconds(value: &Value) -> Result<u64, Mistake> {
    let mend = "write a number and `ms`, `s`, `m`, `h` or `d`, such as `\"30s\"`";
    let Value::String(text) = value else {
        return Err(other_kind("a duration", value, mend));
    };
    match with_unit(text, DURATION_UNITS) {
        Some(0) => Err(Mistake::new("the duration is zero", mend)),
        Some(milliseconds) => Ok(milliseconds),
        None => Err(Mistake::new(format!("`{text}` is no duration"), mend)),
    }
}

pub(super) fn duration(value: &Value) -> Result<Duration, Mistake> {
    milliseconds(value).map(Duration::from_millis)
}

/// A duration as a person types it on a command line.
pub fn parse_duration(text: &str) -> Result<Duration, String> {
    duration(&Value::String(text.to_owned()))
        .map_err(|mistake| format!("{}: {}", mistake.message, mistake.mend))
}

pub(super) fn size(value: &Value) -> Result<u64, Mistake> {
    let mend = "write a number and `B`, `KiB`, `MiB` or `GiB`, such as `\"64MiB\"`";
    let bytes = match value {
        Value::Integer(bytes) => u64::try_from(*bytes).ok(),
        Value::String(text) => with_unit(text, SIZE_UNITS),
        other => return Err(other_kind("a size", other, mend)),
    };
    bytes.filter(|bytes| *bytes > 0).ok_or_else(|| Mistake::new(format!("{value} is no size"), mend))
}

pub(super) fn count(value: &Value) -> Result<u64, Mistake> {
    let mend = "write a whole number, 1 or more";
    match value {
        Value::Integer(count) => u64::try_from(*count)
            .ok()
            .filter(|count| *count > 0)
            .ok_or_else(|| Mistake::new(format!("{count} is too small"), mend)),
        other => Err(other_kind("a number", other, mend)),
    }
}

pub(super) fn network(value: &Value) -> Result<IpNet, Mistake> {
    client::network(&text(value)?)
}

/// A scheme, a host and perhaps a port: what a browser sends as `Origin`.
pub(super) fn origin(value: &Value) -> Result<String, Mistake> {
    let text = text(value)?;
    let uri =
        http_uri(&text).filter(|uri| uri.path() == "/" && uri.query().is_none() && !text.ends_with('/'));
    if uri.is_none() {
        let mend = "write scheme and host alone, such as `https://app.example.com`";
        return Err(Mistake::new(format!("`{text}` is no origin"), mend));
    }
    Ok(text.to_ascii_lowercase())
}

/// An http or https address without the slash at its end.
pub(super) fn web_address(value: &Value) -> Result<String, Mistake> {
    let text = text(value)?;
    if http_uri(&text).is_none_or(|uri| uri.query().is_some()) {
        let mend = "write it as `https://live.example.com`";
        return Err(Mistake::new(format!("`{text}` is no web address"), mend));
    }
    Ok(text.trim_end_matches('/').to_owned())
}

fn http_uri(text: &str) -> Option<axum::http::Uri> {
    let uri: axum::http::Uri = text.parse().ok()?;
    (matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some()).then_some(uri)
}

pub(super) fn grant(value: &Value) -> Result<Grant, Mistake> {
    Grant::parse(&text(value)?).map_err(|error| {
        Mistake::new(error.to_string(), "write a pattern, such as `status/**`, or `**` for all")
    })
}

/// A number and one of these units, in the smallest unit.
fn with_unit(text: &str, units: &[(&str, u64)]) -> Option<u64> {
    let digits = text.find(|character: char| !character.is_ascii_digit())?;
    let number: u64 = text[..digits].parse().ok()?;
    let unit = text[digits..].trim_start();
    let (_, factor) = units.iter().find(|(name, _)| *name == unit)?;
    number.checked_mul(*factor)
}

/// The value in the largest unit that divides it, as one would write it.
pub(super) fn write_duration(milliseconds: u64) -> String {
    write_with_unit(milliseconds, DURATION_UNITS, "ms")
}

pub(super) fn write_size(bytes: u64) -> String {
    write_with_unit(bytes, SIZE_UNITS, "B")
}

fn write_with_unit(number: u64, units: &[(&str, u64)], smallest: &str) -> String {
    let fits = units.iter().filter(|(_, factor)| number >= *factor && number.is_multiple_of(*factor));
    let (unit, factor) = fits.max_by_key(|(_, factor)| *factor).copied().unwrap_or((smallest, 1));
    format!("\"{}{unit}\"", number / factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_and_sizes_read_back() {
        for (text, expected) in [("30s", 30_000), ("15m", 900_000), ("7d", 604_800_000), ("50ms", 50)] {
            assert_eq!(milliseconds(&text.into()).unwrap(), expected, "{text}");
            assert_eq!(write_duration(expected), format!("\"{text}\""));
        }
        for (text, expected) in [("64MiB", 64 << 20), ("1B", 1), ("16 KiB", 16 << 10)] {
            assert_eq!(size(&text.into()).unwrap(), expected, "{text}");
            assert_eq!(write_size(expected), format!("\"{}\"", text.replace(' ', "")));
        }
    }

    #[test]
    fn what_is_no_duration_or_size_is_told() {
        for text in ["", "30", "s", "-1s", "0s", "3 weeks", "99999999999999999999d", "1.5h"] {
            assert!(milliseconds(&text.into()).is_err(), "{text}");
        }
        for text in ["", "64", "64MB", "0B", "99999999999999999999GiB"] {
            assert!(size(&text.into()).is_err(), "{text}");
        }
    }

    #[test]
    fn a_bare_port_is_mended_with_its_number() {
        for text in ["8080", ":8080"] {
            assert!(address(&text.into()).unwrap_err().mend.contains("`127.0.0.1:8080`"), "{text}");
        }
        assert_eq!(address(&"localhost:80".into()).unwrap(), "127.0.0.1:80".parse().unwrap());
        assert_eq!(address(&"[::1]:80".into()).unwrap(), "[::1]:80".parse().unwrap());
    }

    #[test]
    fn origins_are_scheme_and_host_alone() {
        assert_eq!(origin(&"https://App.example.com:8443".into()).unwrap(), "https://app.example.com:8443");
        for text in ["app.example.com", "https://a/", "https://a/b", "ftp://a", "https://a?b"] {
            assert!(origin(&text.into()).is_err(), "{text}");
        }
    }
}
