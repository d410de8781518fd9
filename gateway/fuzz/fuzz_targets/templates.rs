//! Templates, and what they render from a body. The first line is the template.
#![no_main]

use std::time::SystemTime;

use axum::http::{HeaderMap, Method, Uri};
use hookcast::ingest::delivery::Delivery;
use hookcast::ingest::template::{Grammar, Reading, Template};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let (spelt, body) = text.split_once('\n').unwrap_or((text, "{}"));
    let (uri, now) = (Uri::from_static("/hooks/s?a=1"), SystemTime::UNIX_EPOCH);
    let delivery =
        Delivery::new(Method::POST, uri, HeaderMap::new(), body.to_owned().into(), now, <_>::default());
    for grammar in [Grammar::Row, Grammar::Rule] {
        let Ok(template) = Template::parse(spelt, grammar) else { continue };
        assert_eq!(template.as_str(), spelt);
        let reading = Reading::of(&delivery);
        let is_fed = template.feed(&reading, |_| {}).is_ok();
        assert_eq!(template.render(&reading).is_some(), is_fed);
        template.render_with(&reading, "-");
    }
});
