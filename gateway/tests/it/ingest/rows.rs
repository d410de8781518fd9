//! Every row of the catalogue against the same table of good and bad deliveries: what `sign` makes from a row, changed in one
//! thing at a time. What a row cannot tell, such as whether a token's body was changed, follows from its own scheme and
//! template, never from its name.

use std::cell::RefCell;
use std::collections::HashSet;
use std::time::{Duration, SystemTime};

use axum::http::HeaderName;
use bytes::Bytes;
use hookcast::ingest::code::Vendor;
use hookcast::ingest::delivery::Delivery;
use hookcast::ingest::method::{MethodRule, Scheme};
use hookcast::ingest::providers::{Catalogue, Provider};
use hookcast::ingest::publish;
use hookcast::ingest::sign::{Sample, SignedRequest, sign_for};
use hookcast::ingest::signature::Place;
use hookcast::ingest::source::Source;
use hookcast::ingest::template::{Part, Piece, Template};
use hookcast::ingest::verify::{
    Reason::{self, Future, Malformed, Mismatch, Missing, Stale, WrongContent},
    Refusal, Verified,
};

use super::support::*;

const PUBLIC_URL: &str = "https://live.example.com";

/// One row, its source, and the sample that a sender would send now.
pub struct Subject<'a> {
    pub provider: &'a Provider,
    pub source: Source,
    pub now: SystemTime,
    pub good: SignedRequest,
}

type Verdict = Result<Verified, Refusal>;

impl<'a> Subject<'a> {
    /// None where a sample cannot be signed, as the key is the vendor's: other tests are the proof there.
    fn new(provider: &'a Provider) -> Option<Self> {
        // Nobody but the vendor signs; `fetched` tries these.
        if provider.row.methods[0].scheme == Scheme::Fetched {
            return None;
        }
        let source = of_row(provider);
        let now = SystemTime::now();
        let good = signed(&source, &source.row().sample.body.clone().into(), now)?;
        Some(Self { provider, source, now, good })
    }

    pub fn method(&self) -> &MethodRule {
        &self.provider.row.methods[0]
    }

    pub fn verify(&self, request: &SignedRequest) -> Verdict {
        self.verify_by(&self.source, request)
    }

    fn verify_by(&self, source: &Source, request: &SignedRequest) -> Verdict {
        source.verify(received(source, request, self.now), Some(PUBLIC_URL))
    }

    fn reads(&self, part: &Part) -> bool {
        self.method().message.parts().any(|signed| signed == part)
    }

    /// Whether what is signed, or when it was sent, is looked up in the body: another body is then another question.
    pub fn reads_into_the_body(&self) -> bool {
        let is_inside = |part: &Part| {
            !matches!(
                part,
                Part::Body
                    | Part::Host
                    | Part::Secret
                    | Part::Header(_)
                    | Part::Timestamp
                    | Part::Method
                    | Part::Url
                    | Part::Path
                    | Part::Query(_)
                    | Part::Signature(_)
            )
        };
        let method = self.method();
        let stands_inside = method
            .signatures
            .iter()
            .any(|rule| matches!(rule.place, Place::Json(_) | Place::Form(_) | Place::Body));
        let is_inside_of_vendor = matches!(method.scheme, Scheme::Code(Vendor::Adyen | Vendor::Braintree, _));
        stands_inside
            || is_inside_of_vendor
            || method.message.parts().any(is_inside)
            || method.time.as_ref().is_some_and(|time| is_inside(&time.from))
    }

    pub fn covers_the_body(&self) -> bool {
        self.verify(&self.good).is_ok_and(|verified| verified.proof().covers_body)
    }

    /// Where the signature stands, if that is a header of the good delivery.
    fn header(&self) -> Option<String> {
        let places = self.method().signatures.iter();
        let named = places.filter_map(|rule| match &rule.place {
            Place::Header(name) => Some(name.to_string()),
            Place::Headers(prefix) => Some(format!("{prefix}1")),
            Place::Json(_) | Place::Form(_) | Place::Query(_) | Place::Body => None,
        });
        let mut held = named.filter(|name| self.good.headers.iter().any(|(found, _)| found == name));
        held.next()
    }

    fn told(&self, case: &str, verdict: &Verdict) -> String {
        let verdict = verdict.as_ref().map(|_| "accepted").map_err(ToString::to_string);
        format!("{}: {case}: {verdict:?}", self.provider.slug)
    }
}

pub fn signed(source: &Source, body: &Bytes, now: SystemTime) -> Option<SignedRequest> {
    let event_type = source.row().sample.event_type.clone();
    sign_for(source, &Sample { event_type, body: body.clone() }, Some(PUBLIC_URL), now, "id-1").ok()
}

pub fn received(source: &Source, request: &SignedRequest, now: SystemTime) -> Delivery {
    let headers: Vec<(&str, &str)> =
        request.headers.iter().map(|(name, value)| (&**name, &**value)).collect();
    let mut delivery = delivery(source, &headers, request.body.clone(), now);
    if let Some(query) = &request.query {
        delivery.uri = format!("/hooks/s?{query}").parse().unwrap();
    }
    delivery
}

/// Runs a case for every row that can be signed, and tells all that went wrong at once.
pub fn each(case: impl Fn(&Subject<'_>) -> Result<(), String>) {
    let catalogue = Catalogue::built_in();
    let subjects: Vec<_> = catalogue.iter().filter_map(Subject::new).collect();
    assert!(subjects.len() >= 200, "only {} rows sign", subjects.len());
    let wrong: Vec<String> = subjects.iter().filter_map(|subject| case(subject).err()).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

pub fn expect(
    subject: &Subject<'_>,
    case: &str,
    verdict: &Verdict,
    reasons: &[Reason],
) -> Result<(), String> {
    match verdict {
        Err(refusal) if reasons.contains(&refusal.reason) => Ok(()),
        _ => Err(subject.told(case, verdict)),
    }
}

fn accept(subject: &Subject<'_>, case: &str, verdict: &Verdict) -> Result<(), String> {
    if verdict.is_ok() { Ok(()) } else { Err(subject.told(case, verdict)) }
}

/// Another character in the middle; what is hexadecimal or base64 stays so.
fn flipped(text: &str) -> String {
    let middle = (text.len() / 2..text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    let (head, tail) = text.split_at(middle);
    let other = if tail.starts_with('0') { '1' } else { '0' };
    format!("{head}{other}{}", tail.chars().skip(1).collect::<String>())
}

pub fn with_header(request: &SignedRequest, name: &str, value: &str) -> SignedRequest {
    let mut changed = request.clone();
    changed.headers.retain(|(found, _)| found != name);
    changed.headers.push((name.to_owned(), value.to_owned()));
    changed
}

pub fn value<'a>(request: &'a SignedRequest, name: &str) -> &'a str {
    request.headers.iter().find(|(found, _)| found == name).map_or("", |(_, value)| value)
}

/// What `sign` cannot make is proven elsewhere: where the key is the vendor's, against a stand-in; else by its package's golden.
#[test]
fn a_row_that_cannot_be_signed_is_one_whose_key_is_fetched_or_has_a_golden() {
    let goldens = super::goldens::providers();
    let catalogue = Catalogue::built_in();
    let is_proven = |provider: &&Provider| {
        Subject::new(provider).is_some()
            || provider.row.methods[0].scheme == Scheme::Fetched
            || goldens.contains(&provider.slug)
    };
    let unproven: Vec<_> = catalogue.iter().filter(|row| !is_proven(row)).map(|row| &row.slug).collect();
    assert!(unproven.is_empty(), "{unproven:?}");
}

#[test]
fn a_good_delivery_is_accepted() {
    each(|subject| {
        let verdict = subject.verify(&subject.good);
        accept(subject, "good", &verdict)?;
        let events = publish::events(&subject.source, &verdict.unwrap(), 1_000);
        events.map(drop).map_err(|refusal| format!("{}: {refusal:?}", subject.provider.slug))
    });
}

#[test]
fn a_changed_body_is_refused_where_the_row_signs_it() {
    each(|subject| {
        let mut changed = subject.good.clone();
        // Where the body itself is the token, a line break behind it is no part of it.
        let is_token = subject.method().signatures.iter().any(|rule| rule.place == Place::Body);
        let more: &[u8] = if is_token { b"A" } else { b"\n" };
        changed.body = [&changed.body[..], more].concat().into();
        let verdict = subject.verify(&changed);
        if subject.covers_the_body() {
            let reasons: &[Reason] = if is_token { &[Mismatch, Malformed] } else { &[Mismatch] };
            expect(subject, "one byte more", &verdict, reasons)?;
        } else {
            // A token, or a signature over some fields only: the row says so by its scheme and its template.
            accept(subject, "one byte more of an unsigned body", &verdict)?;
        }
        if subject.covers_the_body() && !subject.good.body.is_empty() {
            changed.body = flipped(std::str::from_utf8(&subject.good.body).unwrap()).into();
            let reasons: &[Reason] = if subject.reads_into_the_body() {
                &[Mismatch, WrongContent, Missing, Malformed, Stale, Future]
            } else {
                &[Mismatch]
            };
            expect(subject, "one byte of the body", &subject.verify(&changed), reasons)?;
        }
        Ok(())
    });
}

#[test]
fn a_changed_signature_is_refused() {
    each(|subject| {
        if let Some(name) = subject.header() {
            let changed = with_header(&subject.good, &name, &flipped(value(&subject.good, &name)));
            expect(subject, "one byte of the signature", &subject.verify(&changed), &[Mismatch, Malformed])?;
        }
        if let Some(query) = &subject.good.query {
            let changed = SignedRequest { query: Some(flipped(query)), ..subject.good.clone() };
            expect(subject, "one byte of the query", &subject.verify(&changed), &[Mismatch, Malformed])?;
        }
        Ok(())
    });
}

#[test]
fn a_changed_id_or_time_is_refused_where_the_row_signs_it() {
    each(|subject| {
        let ids = subject.provider.row.delivery.ids.iter().flat_map(Template::parts);
        let time = subject.method().time.as_ref().map(|time| &time.from);
        for part in ids.chain(time) {
            let Part::Header(name) = part else { continue };
            let present = value(&subject.good, name.as_str());
            if present.is_empty() || Some(name.to_string()) == subject.header() {
                continue;
            }
            // The last character of a time is its last digit: still a time, and still near.
            let changed = if time == Some(part) { next_digit(present) } else { flipped(present) };
            let verdict = subject.verify(&with_header(&subject.good, name.as_str(), &changed));
            let is_signed = subject.reads(part) || (time == Some(part) && subject.reads(&Part::Timestamp));
            if is_signed {
                expect(subject, &format!("another {name}"), &verdict, &[Mismatch])?;
            } else {
                accept(subject, &format!("another {name}, which is not signed"), &verdict)?;
            }
        }
        Ok(())
    });
}

pub fn touches_a_header(message: &Template) -> bool {
    let pieces: Vec<&Piece> = message.pieces().collect();
    let is = |piece: &Piece, is_part: fn(&Part) -> bool| matches!(piece, Piece::Part { part, .. } if is_part(part));
    let (body, header) = (|part: &Part| *part == Part::Body, |part: &Part| matches!(part, Part::Header(_)));
    pieces
        .windows(2)
        .any(|pair| (is(pair[0], body) && is(pair[1], header)) || (is(pair[0], header) && is(pair[1], body)))
}

fn next_digit(text: &str) -> String {
    let Some(at) = text.rfind(|letter: char| letter.is_ascii_digit()) else { return text.to_owned() };
    let other = if &text[at..=at] == "0" { "1" } else { "0" };
    format!("{}{other}{}", &text[..at], &text[at + 1..])
}

#[test]
fn a_wrong_secret_is_refused_and_any_of_two_is_enough() {
    each(|subject| {
        let Some(secret) = row_secret(subject.provider) else { return Ok(()) };
        // A key that is none is refused when the configuration is read, which is as good.
        let Ok(wrong) = try_of_row(subject.provider, &[flipped(&secret)]) else { return Ok(()) };
        expect(subject, "wrong secret", &subject.verify_by(&wrong, &subject.good), &[Mismatch])?;
        let two =
            try_of_row(subject.provider, &[flipped(&secret), secret]).map_err(|told| told.join("; "))?;
        accept(subject, "second secret", &subject.verify_by(&two, &subject.good))
    });
}

#[test]
fn a_signature_that_is_missing_empty_or_endless_is_refused_and_one_of_two_is_enough() {
    each(|subject| {
        let Some(name) = subject.header() else { return Ok(()) };
        let mut missing = subject.good.clone();
        missing.headers.retain(|(found, _)| *found != name);
        expect(subject, "no signature", &subject.verify(&missing), &[Missing])?;
        let empty = with_header(&subject.good, &name, "");
        expect(subject, "empty signature", &subject.verify(&empty), &[Missing])?;
        for endless in ["a".repeat(10_240), "=,".repeat(5_120), "v1=00,".repeat(1_700)] {
            let verdict = subject.verify(&with_header(&subject.good, &name, &endless));
            expect(subject, "10 KB of signature", &verdict, &[Mismatch, Malformed, Missing])?;
        }
        let genuine = value(&subject.good, &name);
        let mut twice = with_header(&subject.good, &name, &flipped(genuine));
        twice.headers.push((name.clone(), genuine.to_owned()));
        accept(subject, "a wrong signature before the right one", &subject.verify(&twice))
    });
}

#[test]
fn what_is_stale_or_from_the_future_is_refused_where_the_row_has_a_time() {
    each(|subject| {
        let Some(time) = &subject.method().time else { return Ok(()) };
        let far = time.tolerance + Duration::from_mins(1);
        let at = |now| subject.source.verify(received(&subject.source, &subject.good, now), Some(PUBLIC_URL));
        accept(subject, "within its tolerance", &at(subject.now + time.tolerance / 2))?;
        expect(subject, "stale", &at(subject.now + far), &[Stale])?;
        expect(subject, "from the future", &at(subject.now - far), &[Future])
    });
}

#[test]
fn any_body_is_signed_as_it_is_and_the_samples_signature_fits_none_of_them() {
    let bodies: [(&str, Bytes); 5] = [
        ("empty", Bytes::new()),
        ("1 MiB", vec![b'x'; 1024 * 1024].into()),
        ("unicode", "{\"name\":\"Grüße 👋\u{2028}\"}".into()),
        ("trailing newline", "{}\r\n".into()),
        ("no UTF-8", vec![0xff, 0xfe, 0x00].into()),
    ];
    // A mebibyte takes a debug build its time: once for each kind of row is enough.
    let kinds = RefCell::new(HashSet::new());
    each(|subject| {
        if subject.reads_into_the_body() {
            return Ok(());
        }
        let method = subject.method();
        let is_new = kinds.borrow_mut().insert(format!("{:?} {}", method.scheme, method.message.as_str()));
        // What only its own first byte tells from a header before it has to begin as JSON does.
        let touches = touches_a_header(&method.message);
        let is_of_fields = matches!(method.scheme, Scheme::Code(Vendor::Twilio | Vendor::Plivo, _));
        for (case, body) in bodies.iter().filter(|(_, body)| is_new || body.len() < 1024) {
            // Twilio and Plivo sign the fields of a form, or say in the URL that there is none.
            let is_no_form = is_of_fields && body.starts_with(b"{");
            if is_no_form || (touches && *case == "1 MiB") {
                continue;
            }
            let Some(genuine) = signed(&subject.source, body, subject.now) else {
                return Err(format!("{}: {case}: cannot be signed", subject.provider.slug));
            };
            let verdict = subject.verify(&genuine);
            if method.is_extendable() && std::str::from_utf8(body).is_err() {
                // It could be a genuine body with a forger's text behind it.
                expect(subject, case, &verdict, &[WrongContent])?;
                continue;
            }
            accept(subject, case, &verdict)?;
            let events = publish::events(&subject.source, &verdict.unwrap(), 1_000);
            events.map_err(|refusal| format!("{}: {case}: {refusal:?}", subject.provider.slug))?;
            if subject.covers_the_body() {
                let replaced = SignedRequest { body: body.clone(), ..subject.good.clone() };
                expect(subject, case, &subject.verify(&replaced), &[Mismatch])?;
            }
        }
        Ok(())
    });
}

#[test]
fn a_form_where_json_is_expected_is_read_as_what_it_is() {
    each(|subject| {
        if subject.reads_into_the_body() || touches_a_header(&subject.method().message) {
            return Ok(());
        }
        let genuine = signed(&subject.source, &"payload=%7B%7D&a=1".into(), subject.now).unwrap();
        let name = HeaderName::from_static("content-type");
        let form = with_header(&genuine, name.as_str(), "application/x-www-form-urlencoded");
        let verdict = subject.verify(&form);
        accept(subject, "a form", &verdict)?;
        let events = publish::events(&subject.source, &verdict.unwrap(), 1_000);
        events.map(drop).map_err(|refusal| format!("{}: {refusal:?}", subject.provider.slug))
    });
}
