//! A sample as its provider would write it, before it is signed: id, type and time stand where the row reads them, in the
//! head, the query or the body.

use std::sync::Arc;
use std::time::SystemTime;

use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};
use bytes::Bytes;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::http::form::Form;

use super::delivery::{BodyForm, Delivery};
use super::json::{Document, Kind};
use super::pointer::Pointer;
use super::sign::{Sample, SignError};
use super::source::Source;
use super::template::{Part, Template};
use super::time::TimeForm;
use super::verify::Method as VerifyMethod;

/// The sample, addressed to its source and not yet signed.
pub fn draft(
    source: &Source,
    method: &VerifyMethod,
    sample: &Sample,
    now: SystemTime,
    id: &str,
) -> Result<Delivery, SignError> {
    let mut headers = HeaderMap::new();
    let content_type = source.row.sample.content_type.as_deref().unwrap_or("application/json");
    set(&mut headers, "content-type", content_type);
    for (name, value) in &source.row.sample.headers {
        set(&mut headers, name, value);
    }
    name_in_headers(source, method, sample, id, &mut headers);
    // Discord signs its timestamp, though no rule says how old it may be.
    for part in method.rule.message.parts() {
        if let Part::Header(name) = part
            && !headers.contains_key(name)
        {
            let seconds = TimeForm::Seconds.write(now);
            let is_time = name.as_str().contains("timestamp");
            set(&mut headers, name.as_str(), if is_time { &seconds } else { id });
        }
    }
    let uri: Uri = source.path().parse().map_err(|_| SignError::Unsupported)?;
    let (body, form) = (sample.body.clone(), source.row.delivery.body.clone());
    let delivery = Delivery::new(Method::POST, uri, headers, body, now, form);
    let delivery = name_in_body(source, delivery, sample, id);
    let Some(rule) = &method.rule.time else { return Ok(delivery) };
    let timestamp = rule.form.write(now);
    Ok(match &rule.from {
        Part::Header(name) => with_header(delivery, name.as_str(), &timestamp),
        Part::Json(pointer) => with_json(delivery, pointer, &timestamp),
        Part::Form(name) => with_field(delivery, name, &timestamp),
        Part::Query(name) => with_query(delivery, name, &timestamp)?,
        _ => delivery,
    })
}

pub fn with_body(delivery: Delivery, body: Bytes) -> Delivery {
    let form = delivery.body_form().clone();
    Delivery::new(delivery.method, delivery.uri, delivery.headers, body, delivery.received, form)
}

pub fn with_header(mut delivery: Delivery, name: &str, value: &str) -> Delivery {
    set(Arc::make_mut(&mut delivery.headers), name, value);
    delivery
}

pub fn with_query(delivery: Delivery, name: &str, value: &str) -> Result<Delivery, SignError> {
    let before = delivery.uri.query().map(|query| format!("{query}&")).unwrap_or_default();
    let pair = format!("{}={}", escape(name), escape(value));
    let uri = format!("{}?{before}{pair}", delivery.uri.path());
    let uri: Uri = uri.parse().map_err(|_| SignError::Unsupported)?;
    let form = delivery.body_form().clone();
    Ok(Delivery::new(delivery.method, uri, delivery.headers, delivery.body, delivery.received, form))
}

/// With another text in a field of the form; unchanged where the body is none.
pub fn with_field(delivery: Delivery, name: &str, value: &str) -> Delivery {
    let form = delivery.form();
    if form.is_empty() {
        return delivery;
    }
    let body = rewritten(form, name, value).into();
    with_body(delivery, body)
}

/// With another text at a pointer into its data; unchanged where that finds nothing.
pub fn with_json(delivery: Delivery, pointer: &Pointer, text: &str) -> Delivery {
    let is_in_field = match delivery.body_form() {
        BodyForm::FormJson(name) => delivery.form().get(name).is_some().then(|| name.clone()),
        _ => None,
    };
    let body = match is_in_field {
        Some(name) => {
            let content = replaced(&Bytes::copy_from_slice(delivery.content()), pointer, text);
            rewritten(delivery.form(), &name, &String::from_utf8_lossy(&content)).into()
        }
        None => replaced(&delivery.body, pointer, text),
    };
    with_body(delivery, body)
}

fn rewritten(form: &Form, name: &str, value: &str) -> String {
    let mut pairs: Vec<(&str, &str)> = form.pairs().filter(|(found, _)| *found != name).collect();
    pairs.push((name, value));
    let pairs: Vec<String> =
        pairs.into_iter().map(|(name, value)| format!("{}={}", escape(name), escape(value))).collect();
    pairs.join("&")
}

fn escape(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

/// Puts id and type where the row reads them in the body, if the sample has something there to be replaced.
fn name_in_body(source: &Source, mut delivery: Delivery, sample: &Sample, id: &str) -> Delivery {
    let row = &source.row.delivery;
    // Of a batch the first element is named.
    let placed = |pointer: &Pointer| match &row.each {
        Some(each) => each.first_then(pointer),
        None => pointer.clone(),
    };
    let single = |templates: &[Template]| -> Option<Pointer> {
        templates.iter().find_map(|template| {
            let mut parts = template.parts();
            match (parts.next(), parts.next()) {
                (Some(Part::Json(pointer)), None) => Some(placed(pointer)),
                _ => None,
            }
        })
    };
    // An id may be made of several members: with another first one, that does not name the type, it is another.
    let names_type = |part: &Part| row.types.iter().flat_map(Template::parts).any(|other| other == part);
    let first = |template: &Template| {
        template.parts().find_map(|part| match part {
            Part::Json(pointer) if !names_type(part) => Some(placed(pointer)),
            _ => None,
        })
    };
    if let Some(pointer) = single(&row.ids).or_else(|| row.ids.iter().find_map(first)) {
        delivery = with_json(delivery, &pointer, id);
    }
    let is_here = |name: &str| delivery.form().get(name).is_some();
    let field = row.ids.iter().flat_map(Template::parts).find_map(|part| match part {
        Part::Form(name) if !names_type(part) && is_here(name) => Some(name.clone()),
        _ => None,
    });
    if let Some(name) = field {
        delivery = with_field(delivery, &name, id);
    }
    if !sample.event_type.is_empty() && sample.event_type != source.row.sample.event_type {
        let plain = || ["type", "event"].iter().filter_map(|name| Pointer::parse(name).ok()).collect();
        let pointers: Vec<Pointer> = match single(&row.types) {
            Some(pointer) => vec![pointer],
            None if row.types.is_empty() => plain(),
            None => Vec::new(),
        };
        for pointer in pointers {
            delivery = with_json(delivery, &pointer, &sample.event_type);
        }
    }
    delivery
}

/// The same JSON with another text at a pointer; unchanged where that finds nothing.
fn replaced(body: &Bytes, pointer: &Pointer, text: &str) -> Bytes {
    let Ok(document) = Document::scan(body) else { return body.clone() };
    let Some(value) = pointer.find(document.root()) else { return body.clone() };
    let (whole, range) = (document.root().raw(), value.range());
    // A number stays one.
    let is_number = value.kind() == Kind::Number && text.bytes().all(|byte| byte.is_ascii_digit());
    let text = if is_number { text.to_owned() } else { serde_json::Value::from(text).to_string() };
    format!("{}{text}{}", &whole[..range.start], &whole[range.end..]).into()
}

/// Puts id and type where the row reads them in the head.
fn name_in_headers(
    source: &Source,
    method: &VerifyMethod,
    sample: &Sample,
    id: &str,
    headers: &mut HeaderMap,
) {
    let row = &source.row.delivery;
    let ids: Vec<&Part> =
        row.ids.iter().flat_map(Template::parts).filter(|part| matches!(part, Part::Header(_))).collect();
    let signed = ids.iter().find(|part| method.rule.message.parts().any(|signed| signed == **part));
    if let Some(Part::Header(name)) = signed.or(ids.first()) {
        set(headers, name.as_str(), id);
    }
    for template in row.types.iter().take(1) {
        let mut parts = template.parts();
        if let Some(Part::Header(name)) = parts.next() {
            // What follows the header's part, such as an action, is the body's.
            let text = match parts.next() {
                Some(_) => sample.event_type.split('.').next().unwrap_or_default(),
                None => &sample.event_type,
            };
            if !text.is_empty() {
                set(headers, name.as_str(), text);
            }
        }
    }
}

fn set(headers: &mut HeaderMap, name: &str, value: &str) {
    if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), HeaderValue::from_str(value)) {
        headers.insert(name, value);
    }
}
