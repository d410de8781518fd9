//! The scan of a JSON body: what it accepts it minifies into what it accepts again, unchanged.
#![no_main]

use hookcast::ingest::json::Document;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(document) = Document::scan(bytes) else { return };
    let minified = document.root().raw();
    assert!(minified.len() <= bytes.len());
    let again = Document::scan(minified.as_bytes()).expect("minified JSON is JSON");
    assert_eq!(again.root().raw(), minified);
});
