//! What a source changes of its provider's row, laid over the row's table before it is read.

use toml::{Table, Value};

use crate::mistake::{Mistake, Step};

use super::providers::Provider;
use super::row::Row;

/// What a source changes of its provider's row.
pub struct Overrides<'a> {
    pub header: Option<&'a str>,
    pub verify: Option<&'a Value>,
    pub delivery: Option<&'a Value>,
    pub sample: Option<&'a Value>,
}

impl Overrides<'_> {
    /// Lays the changes over the row's table and reads the result: whatever is wrong then is the operator's, at the same path.
    pub fn row(&self, provider: &Provider) -> Result<Row, Vec<Mistake>> {
        let mut table = provider.table.clone();
        let is_list = table.get("verify").is_some_and(Value::is_array);
        if let (Some(header), Some(verify)) = (self.header, table.get_mut("verify")) {
            each_table(verify, |method| set_header(method, header));
        }
        match (self.verify, table.get_mut("verify")) {
            (Some(Value::Table(changes)), Some(verify)) => {
                each_table(verify, |method| lay_over(method, changes));
            }
            (Some(other), _) => {
                table.insert("verify".into(), other.clone());
            }
            (None, _) => {}
        }
        for (key, changes) in [("delivery", self.delivery), ("sample", self.sample)] {
            match (changes, table.get_mut(key)) {
                (Some(Value::Table(changes)), Some(Value::Table(of_row))) => lay_over(of_row, changes),
                (Some(other), _) => {
                    table.insert(key.into(), other.clone());
                }
                (None, _) => {}
            }
        }
        Row::parse(&provider.slug, &table).map_err(|mistakes| {
            let is_written_once = is_list && self.verify.is_some_and(Value::is_table);
            locate(mistakes, is_written_once, self.header.is_some())
        })
    }
}

/// The operator wrote one `[source.verify]` for all methods of the row: the index means nothing to them.
fn locate(mistakes: Vec<Mistake>, is_written_once: bool, has_header: bool) -> Vec<Mistake> {
    let mut located: Vec<Mistake> = Vec::new();
    for mut mistake in mistakes {
        if is_written_once && matches!(mistake.at.get(1), Some(Step::Index(_))) {
            mistake.at.remove(1);
        }
        if has_header && mistake.at.last() == Some(&Step::Key("header".into())) {
            mistake.at = vec![Step::Key("header".into())];
        }
        if !located.contains(&mistake) {
            located.push(mistake);
        }
    }
    located
}

fn each_table(value: &mut Value, mut change: impl FnMut(&mut Table)) {
    match value {
        Value::Table(table) => change(table),
        Value::Array(all) => all.iter_mut().filter_map(Value::as_table_mut).for_each(change),
        _ => {}
    }
}

/// `header = "X-Token"`: the signature stands there, cut as before; a list of places gives way to this one.
fn set_header(method: &mut Table, header: &str) {
    let mut signature = match method.remove("signature") {
        Some(Value::Table(table)) => table,
        _ => Table::new(),
    };
    for place in ["headers", "json", "form", "query"] {
        signature.remove(place);
    }
    signature.insert("header".into(), Value::from(header));
    method.insert("signature".into(), Value::Table(signature));
}

/// Key by key; only `time` is changed inside, so that a tolerance can be widened without repeating where the time stands.
fn lay_over(table: &mut Table, changes: &Table) {
    for (key, change) in changes {
        match (key.as_str(), table.get_mut(key), change) {
            ("time", Some(Value::Table(old)), Value::Table(new)) => old.extend(new.clone()),
            _ => {
                table.insert(key.clone(), change.clone());
            }
        }
    }
}
