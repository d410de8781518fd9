//! From a verified delivery to the events that it holds: id, type, topic, dedupe key and record of each.

use std::cell::OnceCell;

use bytes::Bytes;

use crate::broker::{DedupeKey, NewEvent};
use crate::event::{self, Attributes, Data, ID_BYTES_MAX};

use super::cloudevent::{self, CloudEvent, Told};
use super::dedupe::{self, Digest, Identity};
use super::json::{Document, Kind, Value};
use super::pointer::Pointer;
use super::privacy::Seen;
use super::rules::{Failure, Judgement};
use super::source::Source;
use super::template::{EventNames, Part, Reading, Template};
use super::verify::Verified;

/// Longest type, in bytes; a longer one is cut.
const TYPE_BYTES_MAX: usize = 128;
/// The type of what has none.
const UNKNOWN_TYPE: &str = "unknown";

/// The events of one delivery, in their order.
#[derive(Debug)]
pub struct Batch {
    /// Whether the provider sends several at once: then the answer is a list.
    pub is_list: bool,
    pub events: Vec<Found>,
}

/// One event; `new` is none when a rule keeps it from being published.
#[derive(Debug)]
pub struct Found {
    pub id: String,
    pub event_type: String,
    /// The key of that rule.
    pub filtered_by: Option<&'static str>,
    /// Rules that could not be evaluated.
    pub failures: Vec<Failure>,
    pub new: Option<NewEvent>,
}

/// More events than one delivery may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooMany;

/// What every event of the delivery shares.
struct Shared<'a> {
    source: &'a Source,
    verified: &'a Verified,
    told: Told,
    /// Of the content, if an event is told apart by it.
    content: OnceCell<Digest>,
    received: String,
}

/// Reads the events of a delivery. Total but for their number: nothing in a genuine body is an error.
pub fn events(source: &Source, verified: &Verified, events_max: usize) -> Result<Batch, TooMany> {
    let delivery = verified.delivery();
    let root = delivery.document().map(Document::root);
    let whole = Pointer::default();
    let told = told(source, verified);
    // A row that knows where its elements stand is believed, not what the sender calls them.
    let each = match &source.row.delivery.each {
        None if cloudevent::is_batch(delivery, root, told) => Some(&whole),
        each => each.as_ref(),
    };
    let each = each.and_then(|each| each.find(root?)).filter(|array| array.kind() == Kind::Array);
    let shared = Shared {
        source,
        verified,
        told,
        content: OnceCell::new(),
        received: event::rfc3339_ms(delivery.received),
    };
    let Some(array) = each else {
        return Ok(Batch { is_list: false, events: vec![shared.found(None, None)] });
    };
    if array.elements().nth(events_max).is_some() {
        return Err(TooMany);
    }
    let elements = array.elements().enumerate();
    let events = elements.map(|(index, element)| shared.found(Some(element), Some(index))).collect();
    Ok(Batch { is_list: true, events })
}

/// Whether this may be CloudEvents, and what says that it is.
fn told(source: &Source, verified: &Verified) -> Told {
    let row = &source.row.delivery;
    let has_ids = source.id.is_some() || !row.ids.is_empty();
    match verified.delivery().is_cloudevents_allowed_in_headers() {
        _ if !source.verifier.signs(verified) => Told::ByHead,
        false if has_ids => Told::Never,
        _ => Told::ByBody,
    }
}

impl Shared<'_> {
    fn found(&self, element: Option<Value<'_>>, index: Option<usize>) -> Found {
        let source = self.source;
        let delivery = self.verified.delivery();
        let reading = Reading { element, ..Reading::of(delivery) };
        let cloud = cloudevent::read(delivery, reading.json(), self.told);
        let provided = self.provided_id(&reading, cloud.as_ref());
        let identity = self.identity(provided.as_ref());
        let place = match identity {
            // However a forger cuts it, one delivery's elements begin with the same.
            Identity::Proof(_) | Identity::Body(_) => Some(index.unwrap_or_default()),
            // An id inside the element is its own; what the whole delivery shares needs the place beside it.
            _ => index.filter(|_| provided.as_ref().is_none_or(|provided| !provided.is_in_element)),
        };
        let key = dedupe::key(source.name(), identity, place);
        let shared = index.filter(|_| provided.as_ref().is_some_and(|provided| !provided.is_in_element));
        let given = match &cloud {
            Some(cloud) => Some(cloud.id.clone()),
            None => provided.map(|provided| provided.id),
        };
        let id = match (given.filter(|id| id.len() <= ID_BYTES_MAX), shared) {
            (Some(id), Some(index)) => format!("{id}#{index}"),
            (Some(id), None) => id,
            (None, _) => hex::encode(&key.0[..16]),
        };
        let names = EventNames { id: &id, event_type: "", source: source.name() };
        let reading = Reading { event: Some(names), ..reading };
        let event_type = self.event_type(&reading, cloud.as_ref());
        let reading = Reading { event: Some(EventNames { event_type: &event_type, ..names }), ..reading };
        let (filtered_by, failures, new) = self.judged(key, reading, cloud);
        Found { id, event_type, filtered_by, failures, new }
    }

    /// What the source's rules leave of an event that has its names.
    fn judged(
        &self,
        key: DedupeKey,
        reading: Reading<'_>,
        cloud: Option<CloudEvent<'_>>,
    ) -> (Option<&'static str>, Vec<Failure>, Option<NewEvent>) {
        let (source, delivery) = (self.source, self.verified.delivery());
        let rule = &source.row.delivery;
        let seen = rule.privacy.seen(source.private, &reading, rule.each.as_ref());
        let reading = Reading { hides_body: !matches!(seen, Seen::Whole), ..reading };
        let hidden = match seen {
            Seen::Whole | Seen::Closed => None,
            Seen::Without(document) => Some(document),
            Seen::Nothing => return (Some("private"), Vec::new(), None),
        };
        let (document, reading, cloud) = match &hidden {
            None => (delivery.shared_document(), reading, cloud),
            // What was read before may hold what is hidden now.
            Some(document) => {
                let reading = Reading { element: Some(document.root()), ..reading };
                (Some(document), reading, cloudevent::read(delivery, reading.json(), self.told))
            }
        };
        let Judgement { filtered_by, data, failures } = source.rules.judge(&reading, document);
        let new = filtered_by.is_none().then(|| NewEvent {
            key,
            topic: source.topic.topic(&reading),
            body: self.record(&reading, cloud.as_ref(), data.as_deref()),
        });
        (filtered_by, failures, new)
    }

    fn provided_id(&self, reading: &Reading<'_>, cloud: Option<&CloudEvent<'_>>) -> Option<ProvidedId> {
        if let Some(cloud) = cloud {
            // A CloudEvent is told apart by its source and id together.
            let is_in_element = cloud.envelope.is_some();
            let part = if is_in_element { Part::Json(Pointer::default()) } else { Part::EventId };
            let is_signed = self.source.verifier.covers(self.verified, &part);
            return Some(ProvidedId {
                id: format!("{}\n{}", cloud.source, cloud.id),
                is_in_element,
                is_signed,
            });
        }
        self.source.id.iter().chain(&self.source.row.delivery.ids).find_map(|template| {
            let id = template.render(reading).filter(|id| !id.is_empty())?;
            let covers = |part: &Part| self.source.verifier.covers(self.verified, part);
            Some(ProvidedId {
                id,
                is_in_element: template.parts().all(|part| matches!(part, Part::Json(_))),
                is_signed: template.parts().all(covers),
            })
        })
    }

    fn identity<'i>(&'i self, provided: Option<&'i ProvidedId>) -> Identity<'i> {
        let (rule, proof) = (&self.source.row.delivery, self.verified.proof());
        let verifier = &self.source.verifier;
        let is_bound = verifier.binds_fields(self.verified);
        // A bare token is every delivery's.
        if verifier.signs(self.verified) && (rule.is_signature_once || !is_bound) {
            return Identity::Proof(&proof.signature);
        }
        let body = || self.content.get_or_init(|| dedupe::digest(self.verified.delivery().content()));
        match provided {
            _ if rule.is_body_once && proof.covers_body => Identity::Body(body()),
            Some(ProvidedId { id, is_signed: true, .. }) => Identity::SignedId(id),
            Some(ProvidedId { id, .. }) => Identity::UnsignedId { id, body: body() },
            None if proof.covers_body => Identity::Signature { signature: &proof.signature, body: body() },
            None => Identity::Unique,
        }
    }

    fn event_type(&self, reading: &Reading<'_>, cloud: Option<&CloudEvent<'_>>) -> String {
        let row = &self.source.row.delivery;
        let render = |template: &Template| template.render(reading).filter(|text| !text.is_empty());
        let special = || row.special.iter().find(|(when, _)| when.holds(reading));
        let found = match (&self.source.event_type, cloud) {
            (Some(rule), _) => render(rule),
            (None, Some(cloud)) => Some(cloud.event_type.clone()),
            (None, None) => match special() {
                Some((_, template)) => render(template),
                None if row.types.is_empty() => body_type(reading),
                None => row.types.iter().find_map(render),
            },
        };
        let mut found = found.unwrap_or_else(|| UNKNOWN_TYPE.to_owned());
        found.truncate(found.floor_char_boundary(TYPE_BYTES_MAX));
        found
    }

    /// `made` is data that the source's rules made in the place of the body's.
    fn record(&self, reading: &Reading<'_>, cloud: Option<&CloudEvent<'_>>, made: Option<&str>) -> Bytes {
        let event = reading.event.unwrap_or(EventNames { id: "", event_type: UNKNOWN_TYPE, source: "" });
        let others: Vec<(&str, &str)> = cloud.map_or(Vec::new(), |cloud| {
            cloud.others.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
        });
        let attributes = Attributes {
            id: event.id,
            source: cloud.map_or(self.source.path(), |cloud| &cloud.source),
            event_type: event.event_type,
            time: cloud.and_then(|cloud| cloud.time.as_deref()).unwrap_or(&self.received),
            content_type: cloud.and_then(|cloud| cloud.content_type.as_deref()),
            others: &others,
        };
        let json = match (self.verified.delivery().inner(), reading.json()) {
            (Some(inner), Some(envelope)) => inner.find(envelope),
            (_, json) => json,
        };
        match (made, cloud.and_then(|cloud| cloud.envelope)) {
            (Some(made), _) => {
                let attributes = Attributes { content_type: Some("application/json"), ..attributes };
                event::record(&attributes, Data::Json(made))
            }
            (None, Some(envelope)) => self.envelope_record(&attributes, envelope),
            (None, None) => self.body_record(attributes, json, reading),
        }
    }

    /// The record of a body that is the event's data.
    fn body_record(
        &self,
        attributes: Attributes<'_>,
        json: Option<Value<'_>>,
        reading: &Reading<'_>,
    ) -> Bytes {
        let delivery = self.verified.delivery();
        let with = |content_type| Attributes { content_type: Some(content_type), ..attributes };
        match (json, &self.source.keep) {
            (Some(json), None) => event::record(&with("application/json"), Data::Json(json.raw())),
            (Some(json), Some(keep)) => {
                let mut kept = String::new();
                keep.write(json, &mut kept);
                event::record(&with("application/json"), Data::Json(&kept))
            }
            _ if delivery.body.is_empty() || reading.hides_body => event::record(&attributes, Data::Absent),
            // What has no members cannot be kept in part, and nobody said to keep all.
            (None, Some(_)) => event::record(&with("application/json"), Data::Json("null")),
            (None, None) => {
                let header = delivery.content_type().filter(|text| text.len() <= ID_BYTES_MAX);
                let content = delivery.content();
                let (usual, data) = match std::str::from_utf8(content) {
                    Ok(text) => ("text/plain", Data::Text(text)),
                    Err(_) => ("application/octet-stream", Data::Bytes(content)),
                };
                event::record(&with(header.unwrap_or(usual)), data)
            }
        }
    }

    /// The record of a CloudEvent that brought its data in an envelope.
    fn envelope_record(&self, attributes: &Attributes<'_>, envelope: Value<'_>) -> Bytes {
        let (data, base64) = (envelope.member("data"), envelope.member("data_base64"));
        match (&self.source.keep, data, base64) {
            (None, Some(data), _) => event::record(attributes, Data::Json(data.raw())),
            (None, None, Some(base64)) => event::record(attributes, Data::Base64(base64.raw())),
            (Some(keep), Some(data), _) => {
                let mut kept = String::new();
                match keep.branch("data") {
                    Some(keep) => keep.write(data, &mut kept),
                    None => kept.push_str("null"),
                }
                event::record(attributes, Data::Json(&kept))
            }
            (Some(_), None, Some(_)) => event::record(attributes, Data::Json("null")),
            (_, None, None) => event::record(attributes, Data::Absent),
        }
    }
}

/// An id that the provider gave.
struct ProvidedId {
    id: String,
    /// Read inside a batch's element, so it is that element's own.
    is_in_element: bool,
    is_signed: bool,
}

/// Where no row knows better: `/type`, then `/event`.
fn body_type(reading: &Reading<'_>) -> Option<String> {
    let json = reading.json()?;
    ["type", "event"].iter().find_map(|name| {
        let text = json.member(name)?.text()?;
        (!text.is_empty()).then(|| text.into_owned())
    })
}
