//! A mistake in something that a person wrote: where, what and how to mend it. Pure; `config` finds the line and column.

use std::fmt;

/// One step into a configuration: a key of a table or an index of an array.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    Key(String),
    Index(usize),
}

/// What is wrong at one place of a configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// From the root of the value that was read; whoever holds a larger document puts its own steps in front.
    pub at: Vec<Step>,
    /// Lower case, no full stop: what was expected and what came.
    pub message: String,
    /// What to write instead.
    pub mend: String,
}

impl Mistake {
    pub fn new(message: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { at: Vec::new(), message: message.into(), mend: mend.into() }
    }

    /// The same mistake seen from one table further out.
    #[must_use]
    pub fn under(mut self, key: &str) -> Self {
        self.at.insert(0, Step::Key(key.to_owned()));
        self
    }

    /// The same mistake seen from one array further out.
    #[must_use]
    pub fn at_index(mut self, index: usize) -> Self {
        self.at.insert(0, Step::Index(index));
        self
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (count, step) in self.at.iter().enumerate() {
            match step {
                Step::Key(key) if count == 0 => write!(formatter, "{key}")?,
                Step::Key(key) => write!(formatter, ".{key}")?,
                Step::Index(index) => write!(formatter, "[{index}]")?,
            }
        }
        let colon = if self.at.is_empty() { "" } else { ": " };
        write!(formatter, "{colon}{} ({})", self.message, self.mend)
    }
}
