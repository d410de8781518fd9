//! Timestamps in every form that a row may name. What is read is written again as the same moment.
#![no_main]

use std::time::{Duration, UNIX_EPOCH};

use hookcast::ingest::time::TimeForm;
use libfuzzer_sys::fuzz_target;

/// The end of the year 9999, beyond which nothing is written.
const END_MS: i64 = 253_402_300_799_999;

fuzz_target!(|text: &str| {
    use TimeForm::{HttpDate, Iso, Milliseconds, Rfc3339, Seconds};
    for form in [Seconds, Milliseconds, Rfc3339, Iso, HttpDate] {
        let Some(ms) = form.parse(text).filter(|ms| (0..=END_MS).contains(ms)) else { continue };
        let moment = UNIX_EPOCH + Duration::from_millis(ms.unsigned_abs());
        assert_eq!(form.parse(&form.write(moment)), Some(ms), "{form:?}");
    }
});
