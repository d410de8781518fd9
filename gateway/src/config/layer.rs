//! Where a configuration was written: the file, the environment or the command line, with the place of every key and
//! value in its text. Knows places only; what a value means is read elsewhere.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use crate::mistake::Step;

/// One text in which a person wrote configuration.
#[derive(Debug)]
pub(super) struct Layer {
    /// What a report calls it: a file's path, `the environment`, `the command line`.
    pub(super) name: String,
    pub(super) text: String,
    places: Places,
}

#[derive(Debug)]
enum Places {
    Toml(Node),
    /// Each assignment stands alone: the path it sets, and where its name and value are.
    Lines(Vec<Line>),
}

#[derive(Debug)]
struct Line {
    path: Vec<Step>,
    key: Range<usize>,
    value: Range<usize>,
}

/// Where a path, or as much of it as a layer has, is written.
#[derive(Debug, Clone)]
pub(super) struct Place {
    /// How many steps of the path this layer has.
    pub(super) depth: usize,
    /// Whether the path itself is written here, and not only something below it.
    pub(super) is_own: bool,
    pub(super) key: Range<usize>,
    /// Of a table that has a header: the header.
    pub(super) value: Range<usize>,
}

/// A text that is no TOML: what and where.
#[derive(Debug)]
pub(super) struct SyntaxMistake {
    pub(super) message: String,
    pub(super) span: Range<usize>,
}

impl Layer {
    /// Reads a file's text. Gives the plain table too, or every mistake of syntax that the parser can tell apart.
    pub(super) fn parse(name: String, text: String) -> (Self, Result<toml::Table, Vec<SyntaxMistake>>) {
        let (table, errors) = DeTable::parse_recoverable(&text);
        let places = Places::Toml(Node::of_table(table.get_ref()));
        let values = if errors.is_empty() {
            text.parse::<toml::Table>().map_err(|error| vec![SyntaxMistake::new(&error, &text)])
        } else {
            Err(errors.iter().map(|error| SyntaxMistake::new(error, &text)).collect())
        };
        (Self { name, text, places }, values)
    }

    /// A layer of single assignments, shown as `name = value`, one a line.
    pub(super) fn of_lines(name: &str, assignments: &[(Vec<Step>, String, String)], between: &str) -> Self {
        let mut text = String::new();
        let mut lines = Vec::new();
        for (path, key, value) in assignments {
            let start = text.len();
            text.push_str(key);
            let key = start..text.len();
            text.push_str(between);
            let start = text.len();
            // A line end inside a value would shift every line after it.
            text.push_str(&value.replace(['\n', '\r'], " "));
            lines.push(Line { path: path.clone(), key, value: start..text.len() });
            text.push('\n');
        }
        Self { name: name.to_owned(), text, places: Places::Lines(lines) }
    }

    /// The deepest place of this path.
    pub(super) fn place(&self, path: &[Step]) -> Option<Place> {
        match &self.places {
            Places::Toml(root) => root.place(path),
            Places::Lines(lines) => {
                let line =
                    lines.iter().find(|line| path.starts_with(&line.path) || line.path.starts_with(path))?;
                let is_own = path.len() >= line.path.len();
                Some(Place { depth: path.len(), is_own, key: line.key.clone(), value: line.value.clone() })
            }
        }
    }

    /// Covers every secret in the text with `*`, so that a report can quote its line. Places stay where they are.
    pub(super) fn mask_secrets(&mut self, is_secret: impl Fn(&str) -> bool) {
        let mut spans = Vec::new();
        match &self.places {
            Places::Toml(root) => {
                root.secret_spans(&is_secret, &mut spans);
                spans.extend(unparsed_secret_spans(&self.text, &is_secret));
            }
            Places::Lines(lines) => {
                let secret = |line: &&Line| {
                    line.path.iter().any(|step| matches!(step, Step::Key(key) if is_secret(key)))
                };
                spans.extend(lines.iter().filter(secret).map(|line| line.value.clone()));
            }
        }
        spans.extend(user_spans(&self.text));
        for span in spans {
            let stars = |character: char| {
                if character == '"' { "\"".into() } else { "*".repeat(character.len_utf8()) }
            };
            let masked: String = self.text[span.clone()].chars().map(stars).collect();
            self.text.replace_range(span, &masked);
        }
    }
}

/// What stands between `://` and `@` in a URL: a user and perhaps a password.
fn user_spans(text: &str) -> Vec<Range<usize>> {
    let user = |(start, mark): (usize, &str)| {
        let start = start + mark.len();
        let end = text[start..].find(['/', '"', '\'', ' ', '\n']).map_or(text.len(), |length| start + length);
        text[start..end].rfind('@').map(|length| start..start + length)
    };
    text.match_indices("://").filter_map(user).collect()
}

/// Where a line begins like a secret's and its string never ends, the parser has no value whose place could be asked.
fn unparsed_secret_spans(text: &str, is_secret: impl Fn(&str) -> bool) -> Vec<Range<usize>> {
    let mut spans = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let content = line.trim_end();
        let is_unclosed = content.matches('"').count() % 2 == 1;
        if let Some((key, value)) = content.split_once('=')
            && is_unclosed
            && is_secret(key.trim())
        {
            let quote = value.find('"').unwrap_or(0);
            spans.push(start + content.len() - value.len() + quote..start + content.len());
        }
        start += line.len();
    }
    spans
}

impl SyntaxMistake {
    fn new(error: &toml::de::Error, text: &str) -> Self {
        let span = error.span().unwrap_or(0..0);
        let start = span.start.min(text.len());
        let end = span.end.min(text.len()).max(start);
        Self { message: error.message().to_owned(), span: start..end }
    }
}

/// The places of a document, without its values.
#[derive(Debug)]
enum Node {
    Leaf,
    Table(Vec<Child>),
    Array(Vec<(Range<usize>, Node)>),
}

#[derive(Debug)]
struct Child {
    name: String,
    key: Range<usize>,
    value: Range<usize>,
    node: Node,
}

impl Node {
    fn of_table(table: &DeTable<'_>) -> Self {
        let child = |(key, value): (&Spanned<DeString<'_>>, &Spanned<DeValue<'_>>)| Child {
            name: key.get_ref().to_string(),
            key: key.span(),
            value: value.span(),
            node: Self::of_value(value.get_ref()),
        };
        Self::Table(table.iter().map(child).collect())
    }

    fn of_value(value: &DeValue<'_>) -> Self {
        match value {
            DeValue::Table(table) => Self::of_table(table),
            DeValue::Array(items) => {
                Self::Array(items.iter().map(|item| (item.span(), Self::of_value(item.get_ref()))).collect())
            }
            _ => Self::Leaf,
        }
    }

    /// The strings that stand as secrets themselves; a table there names a variable or a file.
    fn secret_spans(&self, is_secret: &impl Fn(&str) -> bool, spans: &mut Vec<Range<usize>>) {
        match self {
            Self::Leaf => {}
            Self::Array(items) => items.iter().for_each(|(_, item)| item.secret_spans(is_secret, spans)),
            Self::Table(children) => {
                for child in children {
                    match &child.node {
                        Self::Leaf | Self::Table(_) if is_secret(&child.name) => {
                            child.node.secret_spans_of_one(&child.value, spans);
                            child.node.secret_spans(is_secret, spans);
                        }
                        Self::Array(items) if is_secret(&child.name) => {
                            for (span, item) in items {
                                item.secret_spans_of_one(span, spans);
                            }
                        }
                        node => node.secret_spans(is_secret, spans),
                    }
                }
            }
        }
    }

    /// Of a node that is a secret itself: `"…"`, or the value in `{ value = "…", label = "…" }`.
    fn secret_spans_of_one(&self, span: &Range<usize>, spans: &mut Vec<Range<usize>>) {
        match self {
            Self::Leaf => spans.push(span.clone()),
            Self::Table(children) => {
                spans.extend(
                    children.iter().filter(|child| child.name == "value").map(|child| child.value.clone()),
                );
            }
            Self::Array(_) => {}
        }
    }

    fn place(&self, path: &[Step]) -> Option<Place> {
        let mut node = self;
        let mut found = None;
        for (index, step) in path.iter().enumerate() {
            let (key, value, next) = match (node, step) {
                (Self::Table(children), Step::Key(name)) => {
                    let Some(child) = children.iter().find(|child| child.name == *name) else { break };
                    (&child.key, &child.value, &child.node)
                }
                (Self::Array(items), Step::Index(at)) => {
                    let Some((span, item)) = items.get(*at) else { break };
                    (span, span, item)
                }
                _ => break,
            };
            found = Some(Place { depth: index + 1, is_own: true, key: key.clone(), value: value.clone() });
            node = next;
        }
        found
    }
}
