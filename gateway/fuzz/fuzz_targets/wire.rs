//! What a client says: messages, patterns, and where to begin.
#![no_main]

use hookcast::since::Since;
use hookcast::topic::{Grant, Pattern, Topic};
use hookcast::wire::{ClientMessage, ID_BYTES_MAX};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(ClientMessage::Subscribe { id, .. } | ClientMessage::Unsubscribe { id }) =
        ClientMessage::parse(text)
    {
        assert!((1..=ID_BYTES_MAX).contains(&id.len()));
    }
    let _ = Since::parse(text);
    let Ok(pattern) = Pattern::parse(text) else { return };
    assert_eq!(pattern.as_str(), text);
    let grant = Grant::parse(text).expect("every pattern is a grant");
    assert!(grant.covers(&pattern), "a grant covers itself");
    if let Ok(topic) = Topic::parse(text) {
        assert!(pattern.matches(topic.as_str()), "a topic is a pattern of itself");
    }
});
