//! A signature covers bytes, not where one part of the message ends: what is moved from one into the next fits as well, and
//! would be another id, another time, another body. Tried for every row.

use std::cell::RefCell;
use std::collections::HashSet;

use hookcast::ingest::sign::{Sample, SignedRequest, sign};
use hookcast::ingest::template::{Part, Piece};
use hookcast::ingest::verify::Reason::{Future, Malformed, Mismatch, Missing, Stale};

use super::rows::{each, expect, value, with_header};
use super::support::*;

#[test]
fn no_part_of_a_signed_message_can_be_moved_into_the_next() {
    let tried = RefCell::new(HashSet::new());
    each(|subject| {
        let method = subject.method();
        let time = method.time.as_ref().map(|time| &time.from);
        let texts: Vec<Text> = method
            .message
            .pieces()
            .map(|piece| match piece {
                Piece::Literal(text) => Text::Literal(text.clone()),
                Piece::Part { part: Part::Body, .. } => Text::Body,
                Piece::Part { part: Part::Timestamp, .. } => match time {
                    Some(Part::Header(name)) => Text::Header(name.to_string()),
                    _ => Text::Other,
                },
                Piece::Part { part: Part::Header(name), .. } => Text::Header(name.to_string()),
                Piece::Part { .. } => Text::Other,
            })
            .collect();
        for (at, first) in texts.iter().enumerate() {
            let (between, second) = match (texts.get(at + 1), texts.get(at + 2)) {
                (Some(Text::Literal(between)), Some(second)) => (between.as_str(), second),
                (Some(second), _) => ("", second),
                _ => continue,
            };
            let (Some(one), Some(other)) = (first.of(&subject.good), second.of(&subject.good)) else {
                continue;
            };
            for (one, other) in moved(&one, between, &other) {
                let mut request = subject.good.clone();
                if !first.set(&mut request, &one) || !second.set(&mut request, &other) {
                    continue;
                }
                tried.borrow_mut().insert(subject.provider.slug.clone());
                // Of several methods the one that came furthest is told.
                let others = if subject.provider.row.methods.len() > 1 { Mismatch } else { Malformed };
                let reasons = [Malformed, Stale, Future, Missing, others];
                expect(subject, &format!("{one:?} before {other:?}"), &subject.verify(&request), &reasons)?;
            }
        }
        Ok(())
    });
    assert!(tried.borrow().len() >= 30, "{:?}", tried.borrow());
}

/// The body of an old delivery holds, between two points, the time that it is now.
#[test]
fn an_old_body_cannot_bring_its_own_time() {
    let (old, now) = (1_700_000_000, 1_700_100_000);
    let source = plain("standard-webhooks", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    let body = format!(r#"{{"type":"msg","text":"x.{now}.y"}}"#);
    let sample = Sample { event_type: String::new(), body: body.into() };
    let good = sign(&source, &sample, at(old), "m1").unwrap();
    let signature = value(&good, "webhook-signature");
    let headers =
        |id, time| [("webhook-id", id), ("webhook-timestamp", time), ("webhook-signature", signature)];
    assert_eq!(published(&source, &headers("m1", "1700000000"), good.body.clone(), at(old)).events.len(), 1);
    let id = format!(r#"m1.{old}.{{"type":"msg","text":"x"#);
    let forged = headers(&id, "1700100000");
    assert_eq!(refused(&source, &forged, r#"y"}"#, at(now)), Malformed);
}

/// A piece of a signed message, as a request holds it.
enum Text {
    Literal(String),
    Header(String),
    Body,
    Other,
}

impl Text {
    fn of(&self, request: &SignedRequest) -> Option<String> {
        match self {
            Self::Header(name) => Some(value(request, name).to_owned()),
            Self::Body => String::from_utf8(request.body.to_vec()).ok(),
            Self::Literal(_) | Self::Other => None,
        }
    }

    /// Whether a request can hold it so.
    fn set(&self, request: &mut SignedRequest, text: &str) -> bool {
        match self {
            Self::Header(name) if text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) => {
                *request = with_header(request, name, text);
                true
            }
            Self::Body => {
                request.body = text.to_owned().into();
                true
            }
            Self::Header(_) | Self::Literal(_) | Self::Other => false,
        }
    }
}

/// All other ways to write the same bytes as two texts with this between them, a few of the many.
fn moved(one: &str, between: &str, other: &str) -> Vec<(String, String)> {
    let all = format!("{one}{between}{other}");
    let cuts = (0..=all.len()).filter(|at| *at != one.len() && all.is_char_boundary(*at));
    let ways =
        cuts.filter_map(|at| Some((all[..at].to_owned(), all[at..].strip_prefix(between)?.to_owned())));
    let ways: Vec<_> = ways.collect();
    let near = |way: &(String, String)| way.0.len().abs_diff(one.len()) <= 40;
    ways.into_iter().filter(near).collect()
}
