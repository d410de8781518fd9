//! A body as expressions see it. Objects and arrays stay where they were scanned and are read member by member; only the
//! texts and numbers that an expression asks for are converted. What it reads is counted, for the body's size and shape
//! are the sender's: an expression that would walk it again and again ends with an error.

use std::fmt;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, OnceLock};

use minijinja::value::{DynObject, Enumerator, Object, ObjectRepr, Value};
use minijinja::{Error, ErrorKind};

use super::super::json::{self, Document, Kind};

/// What one evaluation may read, in bytes of text: about eight bodies of the usual bound.
const READ_BYTES_MAX: i64 = 8 * 1024 * 1024;
/// What passing one member or element costs of it.
const MEMBER_BYTES: usize = 8;

/// What is left to read.
#[derive(Debug)]
pub(super) struct Allowance(AtomicI64);

impl Allowance {
    pub(super) fn new() -> Self {
        Self(AtomicI64::new(READ_BYTES_MAX))
    }

    pub(super) fn refill(&self) {
        self.0.store(READ_BYTES_MAX, Ordering::Relaxed);
    }

    pub(super) fn is_exhausted(&self) -> bool {
        self.0.load(Ordering::Relaxed) < 0
    }

    /// Whether so much may still be read.
    fn takes(&self, bytes: usize) -> bool {
        let bytes = i64::try_from(bytes).unwrap_or(READ_BYTES_MAX);
        self.0.fetch_sub(bytes, Ordering::Relaxed) >= bytes
    }

    pub(super) fn text(&self, text: &str) -> Value {
        if self.takes(text.len() + MEMBER_BYTES) { Value::from(text) } else { exhausted() }
    }
}

/// A value that makes the engine stop where it is looked at.
fn exhausted() -> Value {
    Value::from(Error::from(ErrorKind::OutOfFuel))
}

/// An object or array of a scanned document.
pub(super) struct Container {
    document: Arc<Document>,
    node: usize,
    allowance: Arc<Allowance>,
    /// Of an array: where its elements are. Looked up once, for a scan each would be slow.
    elements: OnceLock<Vec<usize>>,
}

impl fmt::Debug for Container {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.value().raw())
    }
}

/// Any value of a document.
pub(super) fn value(document: &Arc<Document>, node: usize, allowance: &Arc<Allowance>) -> Value {
    let found = document.value(node);
    match found.kind() {
        Kind::Object | Kind::Array => Value::from_object(Container {
            document: Arc::clone(document),
            node,
            allowance: Arc::clone(allowance),
            elements: OnceLock::new(),
        }),
        Kind::String => allowance.text(&found.text().unwrap_or_default()),
        Kind::Number => number(found.raw()),
        Kind::Literal => match found.raw() {
            "true" => Value::from(true),
            "false" => Value::from(false),
            _ => Value::from(()),
        },
    }
}

/// Whole numbers are exact; others are floats.
fn number(raw: &str) -> Value {
    if let Ok(whole) = raw.parse::<i64>() {
        return Value::from(whole);
    }
    match raw.parse::<i128>() {
        Ok(whole) => Value::from(whole),
        Err(_) => Value::from(raw.parse::<f64>().unwrap_or(f64::NAN)),
    }
}

impl Container {
    /// The object or array itself, as it was scanned.
    pub(super) fn value(&self) -> json::Value<'_> {
        self.document.value(self.node)
    }

    fn at(&self, node: usize) -> Value {
        value(&self.document, node, &self.allowance)
    }

    fn elements(&self) -> &[usize] {
        self.elements.get_or_init(|| {
            let nodes: Vec<usize> = self.value().elements().map(json::Value::node).collect();
            self.allowance.takes(nodes.len() * MEMBER_BYTES);
            nodes
        })
    }

    fn member(&self, key: &str) -> Option<Value> {
        let mut passed = 0;
        let mut found = None;
        for (name, value) in self.value().members() {
            passed += MEMBER_BYTES;
            if name.is_spelt(key) {
                found = Some(value.node());
            }
        }
        if !self.allowance.takes(passed) {
            return Some(exhausted());
        }
        Some(self.at(found?))
    }
}

impl Object for Container {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        if self.value().kind() == Kind::Array { ObjectRepr::Seq } else { ObjectRepr::Map }
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        match (self.value().kind(), key.as_str(), key.as_usize()) {
            (Kind::Array, _, Some(index)) => self.elements().get(index).map(|node| self.at(*node)),
            (Kind::Object, Some(key), _) => self.member(key),
            _ => None,
        }
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        if self.value().kind() == Kind::Object { self.member(key) } else { None }
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        if self.value().kind() == Kind::Array {
            return Enumerator::Seq(self.elements().len());
        }
        let container = Arc::clone(self);
        let left = self.value().members().count();
        let mut node = self.node + 1;
        Enumerator::KeyValueIter(Box::new(Members {
            left,
            next: move || {
                let value = container.document.value(node).next();
                let pair = (container.at(node), container.at(value));
                node = container.document.value(value).next();
                pair
            },
        }))
    }

    fn enumerator_len(self: &Arc<Self>) -> Option<usize> {
        match self.value().kind() {
            Kind::Array => Some(self.elements().len()),
            _ => Some(self.value().members().count()),
        }
    }

    /// The same JSON is the same value; what is spelt otherwise is compared member by member.
    fn custom_cmp(self: &Arc<Self>, other: &DynObject) -> Option<std::cmp::Ordering> {
        let other = other.downcast_ref::<Self>()?;
        (self.value().raw() == other.value().raw()).then_some(std::cmp::Ordering::Equal)
    }

    /// As text, a container is its JSON.
    fn render(self: &Arc<Self>, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let raw = self.value().raw();
        if self.allowance.takes(raw.len()) { formatter.write_str(raw) } else { Err(fmt::Error) }
    }
}

/// An object's members in turn, and how many are left.
struct Members<F> {
    left: usize,
    next: F,
}

impl<F: FnMut() -> (Value, Value)> Iterator for Members<F> {
    type Item = (Value, Value);

    fn next(&mut self) -> Option<Self::Item> {
        self.left = self.left.checked_sub(1)?;
        Some((self.next)())
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}
