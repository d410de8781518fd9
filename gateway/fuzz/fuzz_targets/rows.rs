//! An operator's `[provider.NAME]` tables.
#![no_main]

use hookcast::ingest::providers::Catalogue;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let Ok(rows) = text.parse::<toml::Table>() else { return };
    if let Err(mistakes) = Catalogue::built_in().with_user_rows(&rows) {
        assert!(!mistakes.is_empty());
        for mistake in mistakes {
            assert!(!mistake.to_string().is_empty());
        }
    }
});
