//! Form bodies and queries, and the JSON that they become.
#![no_main]

use hookcast::http::form::Form;
use hookcast::ingest::json::Document;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let form = Form::parse(bytes);
    assert!(Document::scan(form.to_json().as_bytes()).is_ok(), "a form becomes JSON");
    assert!(form.all("a").count() <= bytes.len() + 1);
});
