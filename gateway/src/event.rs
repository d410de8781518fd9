//! The record of an event: CloudEvents 1.0 in JSON, built once and then what the store keeps and the wire carries. Pure.

use std::time::SystemTime;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use time::OffsetDateTime;

/// Longest id that is taken over from a provider, in bytes.
pub const ID_BYTES_MAX: usize = 128;

/// The attributes of an event; `others` are names, of lower-case letters and digits, and values as JSON, as a CloudEvent
/// brought them.
#[derive(Debug, Clone, Copy)]
pub struct Attributes<'a> {
    pub id: &'a str,
    pub source: &'a str,
    pub event_type: &'a str,
    /// RFC 3339.
    pub time: &'a str,
    pub content_type: Option<&'a str>,
    pub others: &'a [(&'a str, &'a str)],
}

/// What an event carries.
#[derive(Debug, Clone, Copy)]
pub enum Data<'a> {
    /// JSON without white space between its tokens.
    Json(&'a str),
    Text(&'a str),
    Bytes(&'a [u8]),
    /// A JSON string of base64, as a CloudEvent brought it.
    Base64(&'a str),
    Absent,
}

/// One line of JSON, in one buffer of about the right size.
///
/// ```
/// use hookcast::event::{Attributes, Data, record};
/// let attributes = Attributes {
///     id: "1", source: "/hooks/github", event_type: "push", time: "2030-01-02T03:04:05.678Z",
///     content_type: Some("application/json"), others: &[],
/// };
/// let json = r#"{"specversion":"1.0","id":"1","source":"/hooks/github","type":"push","time":"2030-01-02T03:04:05.678Z","datacontenttype":"application/json","data":{"a":1}}"#;
/// assert_eq!(record(&attributes, Data::Json(r#"{"a":1}"#)), json);
/// ```
pub fn record(attributes: &Attributes<'_>, data: Data<'_>) -> Bytes {
    let data_bytes = match data {
        Data::Json(text) | Data::Base64(text) => text.len(),
        Data::Text(text) => text.len() + text.len() / 8,
        Data::Bytes(bytes) => bytes.len() * 4 / 3 + 4,
        Data::Absent => 0,
    };
    // Names and punctuation take about 110 bytes.
    let head_bytes = attributes.id.len() + attributes.source.len() + attributes.event_type.len();
    let mut json = Vec::with_capacity(192 + head_bytes + data_bytes);
    json.extend_from_slice(b"{\"specversion\":\"1.0\"");
    text_member(&mut json, "id", attributes.id);
    text_member(&mut json, "source", attributes.source);
    text_member(&mut json, "type", attributes.event_type);
    text_member(&mut json, "time", attributes.time);
    if let Some(content_type) = attributes.content_type {
        text_member(&mut json, "datacontenttype", content_type);
    }
    for (name, value) in attributes.others {
        member(&mut json, name);
        json.extend_from_slice(value.as_bytes());
    }
    match data {
        Data::Json(text) => {
            member(&mut json, "data");
            json.extend_from_slice(text.as_bytes());
        }
        Data::Text(text) => text_member(&mut json, "data", text),
        Data::Bytes(bytes) => text_member(&mut json, "data_base64", &STANDARD.encode(bytes)),
        Data::Base64(text) => {
            member(&mut json, "data_base64");
            json.extend_from_slice(text.as_bytes());
        }
        Data::Absent => {}
    }
    json.push(b'}');
    json.into()
}

fn member(json: &mut Vec<u8>, name: &str) {
    json.extend_from_slice(b",\"");
    // No attribute has a name that would have to be escaped.
    json.extend_from_slice(name.as_bytes());
    json.extend_from_slice(b"\":");
}

fn text_member(json: &mut Vec<u8>, name: &str, value: &str) {
    member(json, name);
    text(json, value);
}

/// A text as JSON.
pub fn text(json: &mut Vec<u8>, text: &str) {
    // Most need no escape.
    if holds_escaped(text.as_bytes()) {
        return serde_json::to_writer(json, text).expect("a text is written to memory without failing");
    }
    json.push(b'"');
    json.extend_from_slice(text.as_bytes());
    json.push(b'"');
}

/// Whether a byte would have to be escaped. Each block is looked through to its end: so its bytes are looked at side by side.
fn holds_escaped(text: &[u8]) -> bool {
    let is_escaped = |byte: &u8| *byte < b' ' || *byte == b'"' || *byte == b'\\';
    let in_block = |block: &[u8; 16]| block.iter().fold(false, |found, byte| found | is_escaped(byte));
    let (blocks, rest) = text.as_chunks();
    let mut last = [b' '; 16];
    last[..rest.len()].copy_from_slice(rest);
    blocks.iter().any(in_block) || in_block(&last)
}

/// RFC 3339 in UTC with milliseconds; of the years 0 to 9999, as the standard has them. Each event has one, so it is written digit
/// by digit: through the formatting machinery it was a twentieth of all that is done for a small delivery.
pub fn rfc3339_ms(at: SystemTime) -> String {
    let at = OffsetDateTime::from(at);
    let (year, month, day) = at.to_calendar_date();
    let (hour, minute, second, milli) = at.time().as_hms_milli();
    let mut text = *b"0000-00-00T00:00:00.000Z";
    let fields = [
        (year.unsigned_abs().min(9_999), 0..4),
        (u32::from(u8::from(month)), 5..7),
        (u32::from(day), 8..10),
        (u32::from(hour), 11..13),
        (u32::from(minute), 14..16),
        (u32::from(second), 17..19),
        (u32::from(milli), 20..23),
    ];
    for (mut number, digits) in fields {
        for digit in text[digits].iter_mut().rev() {
            *digit += (number % 10) as u8;
            number /= 10;
        }
    }
    String::from_utf8(text.into()).expect("digits and their marks are ASCII")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, UNIX_EPOCH};
    use time::format_description::well_known::Rfc3339;

    /// Wherever in a block of 16 what must be escaped stands, and whatever lies across its border.
    #[test]
    fn a_text_is_what_a_serializer_makes_of_it() {
        for length in 0..50 {
            let plain = "x".repeat(length);
            for special in ["", "\"", "\\", "\n", "\u{0}", "\u{1f}", "\u{7f}", " ", "ä", "\u{2028}", "🎉"]
            {
                for after in ["", "yyyyyyyyyyyyyyyyy"] {
                    let value = format!("{plain}{special}{after}");
                    let mut json = Vec::new();
                    text(&mut json, &value);
                    assert_eq!(json, serde_json::to_vec(&value).unwrap(), "{value:?}");
                }
            }
        }
    }

    #[test]
    fn every_kind_of_data_gives_one_line_of_json() {
        let others = [("subject", "\"x\"")];
        let attributes = Attributes {
            id: "a\"b\n\u{0}",
            source: "/hooks/s",
            event_type: "</script>",
            time: "t",
            content_type: None,
            others: &others,
        };
        for (data, name, expected) in [
            (Data::Json("[1e400]"), "", ""),
            (Data::Text("line\nNUL\u{0}\"\u{2028}"), "data", "line\nNUL\u{0}\"\u{2028}"),
            (Data::Bytes(b"\xff\x00"), "data_base64", "/wA="),
            (Data::Base64("\"AA==\""), "data_base64", "AA=="),
            (Data::Absent, "", ""),
        ] {
            let record = record(&attributes, data);
            assert!(!record.contains(&b'\n'), "{record:?}");
            if let Data::Json(_) = data {
                assert!(record.ends_with(b",\"subject\":\"x\",\"data\":[1e400]}"));
                continue;
            }
            let value: serde_json::Value = serde_json::from_slice(&record).unwrap();
            assert_eq!(value["id"], "a\"b\n\u{0}");
            assert_eq!(value["type"], "</script>");
            assert_eq!(value["subject"], "x");
            if !name.is_empty() {
                assert_eq!(value[name], expected);
            }
        }
    }

    #[test]
    fn times_are_utc_with_milliseconds() {
        let at = UNIX_EPOCH + Duration::from_millis(1_700_000_000_007);
        assert_eq!(rfc3339_ms(at), "2023-11-14T22:13:20.007Z");
        for second in [0, 59, 86_399, 951_782_400, 4_102_444_799, 253_402_300_799] {
            let at = OffsetDateTime::from_unix_timestamp(second).unwrap();
            let text = rfc3339_ms(at.into());
            assert_eq!(text.replace(".000Z", "Z"), at.format(&Rfc3339).unwrap());
        }
        assert_eq!(rfc3339_ms(UNIX_EPOCH), "1970-01-01T00:00:00.000Z");
    }
}
