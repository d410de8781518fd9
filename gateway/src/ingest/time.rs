//! When a delivery says it was sent, and whether that is near enough to now.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use time::error::Parse;
use time::format_description::BorrowedFormatItem;
use time::format_description::well_known::{Iso8601, Rfc3339};
use time::macros::format_description;
use time::{OffsetDateTime, PrimitiveDateTime};

use super::template::Part;

const HTTP_DATE: &[BorrowedFormatItem<'_>] =
    format_description!("[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT");

const FORMATS: &str = "years after 1970 and before 10000 format";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeForm {
    Seconds,
    Milliseconds,
    /// With up to nanoseconds, as Twitch writes it.
    Rfc3339,
    /// ISO 8601 with or without a zone; without one it is UTC.
    Iso,
    /// As in the header `Date`.
    HttpDate,
}

/// Where the timestamp stands and how far from now it may be, on either side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimeRule {
    pub from: Part,
    pub form: TimeForm,
    pub tolerance: Duration,
    /// A delivery without the timestamp is not refused for it.
    pub is_optional: bool,
}

/// How a timestamp stands to now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Age {
    Near,
    Stale { seconds: u64 },
    Future { seconds: u64 },
}

impl TimeForm {
    /// Milliseconds since 1970; none when the text is not of this form.
    pub fn parse(self, text: &str) -> Option<i64> {
        let whole = || -> Option<i64> {
            // A zero in front would be a second spelling of the same moment: in a signed message it may be another part's end.
            let is_number =
                text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
            is_number.then(|| text.parse().ok()).flatten()
        };
        match self {
            Self::Seconds => whole()?.checked_mul(1_000),
            Self::Milliseconds => whole(),
            Self::Rfc3339 => {
                let parsed = OffsetDateTime::parse(text, &Rfc3339).ok()?;
                i64::try_from(parsed.unix_timestamp_nanos() / 1_000_000).ok()
            }
            Self::Iso => {
                let zoned = OffsetDateTime::parse(text, &Iso8601::DEFAULT);
                let at = zoned.or_else(|_| {
                    Ok::<_, Parse>(PrimitiveDateTime::parse(text, &Iso8601::DEFAULT)?.assume_utc())
                });
                i64::try_from(at.ok()?.unix_timestamp_nanos() / 1_000_000).ok()
            }
            Self::HttpDate => {
                let parsed = PrimitiveDateTime::parse(text, HTTP_DATE).ok()?;
                parsed.assume_utc().unix_timestamp().checked_mul(1_000)
            }
        }
    }

    /// As operators are told.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Seconds => "seconds since 1970",
            Self::Milliseconds => "milliseconds since 1970",
            Self::Rfc3339 => "RFC 3339, such as 2030-01-02T03:04:05Z",
            Self::Iso => "ISO 8601, such as 2030-01-02T03:04:05",
            Self::HttpDate => "a header Date, such as Wed, 02 Jan 2030 03:04:05 GMT",
        }
    }

    /// The text that a sender would write for this moment.
    pub fn write(self, at: SystemTime) -> String {
        match self {
            Self::Seconds => (unix_ms(at) / 1_000).to_string(),
            Self::Milliseconds => unix_ms(at).to_string(),
            Self::Rfc3339 | Self::Iso => OffsetDateTime::from(at).format(&Rfc3339).expect(FORMATS),
            Self::HttpDate => OffsetDateTime::from(at).format(HTTP_DATE).expect(FORMATS),
        }
    }
}

impl TimeRule {
    pub fn age(&self, sent_ms: i64, now: SystemTime) -> Age {
        let ahead = sent_ms.saturating_sub(unix_ms(now));
        let tolerance = i64::try_from(self.tolerance.as_millis()).unwrap_or(i64::MAX);
        let seconds = ahead.unsigned_abs() / 1_000;
        match ahead {
            _ if ahead.unsigned_abs() <= tolerance.unsigned_abs() => Age::Near,
            0.. => Age::Future { seconds },
            _ => Age::Stale { seconds },
        }
    }
}

/// Milliseconds since 1970; a clock before that counts as 1970.
pub fn unix_ms(at: SystemTime) -> i64 {
    let since = at.duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_form_reads_its_own_and_nothing_else() {
        for (form, text, expected) in [
            (TimeForm::Seconds, "1614265330", Some(1_614_265_330_000)),
            (TimeForm::Milliseconds, "1614265330123", Some(1_614_265_330_123)),
            (TimeForm::Rfc3339, "2019-11-16T10:11:12.634234626Z", Some(1_573_899_072_634)),
            (TimeForm::Rfc3339, "2019-11-16T10:11:12+01:00", Some(1_573_895_472_000)),
            (TimeForm::Seconds, "", None),
            (TimeForm::Seconds, "-1", None),
            (TimeForm::Seconds, "+1", None),
            (TimeForm::Seconds, "1.5", None),
            (TimeForm::Seconds, " 1", None),
            (TimeForm::Seconds, "01", None),
            (TimeForm::Seconds, "0", Some(0)),
            (TimeForm::Seconds, "99999999999999999999", None),
            (TimeForm::Seconds, "9223372036854775807", None),
            (TimeForm::Rfc3339, "1614265330", None),
            (TimeForm::Rfc3339, "2019-11-16", None),
            (TimeForm::Iso, "2019-11-16T10:11:12.634", Some(1_573_899_072_634)),
            (TimeForm::Iso, "2019-11-16T10:11:12", Some(1_573_899_072_000)),
            (TimeForm::Iso, "2019-11-16T10:11:12Z", Some(1_573_899_072_000)),
            (TimeForm::Iso, "2019-11-16T11:11:12+01:00", Some(1_573_899_072_000)),
            (TimeForm::Iso, "yesterday", None),
            (TimeForm::HttpDate, "Sat, 16 Nov 2019 10:11:12 GMT", Some(1_573_899_072_000)),
            (TimeForm::HttpDate, "Sat, 16 Nov 2019 10:11:12 CET", None),
        ] {
            assert_eq!(form.parse(text), expected, "{form:?} {text}");
        }
    }

    #[test]
    fn the_tolerance_holds_on_both_sides() {
        let rule = TimeRule {
            from: Part::Timestamp,
            form: TimeForm::Seconds,
            tolerance: Duration::from_secs(300),
            is_optional: false,
        };
        let now = UNIX_EPOCH + Duration::from_secs(1_000_000);
        for (sent, expected) in [
            (1_000_000, Age::Near),
            (999_700, Age::Near),
            (1_000_300, Age::Near),
            (999_699, Age::Stale { seconds: 301 }),
            (1_000_301, Age::Future { seconds: 301 }),
        ] {
            assert_eq!(rule.age(sent * 1_000, now), expected, "{sent}");
        }
        assert!(matches!(rule.age(i64::MAX, now), Age::Future { .. }));
    }
}
