//! The filters and tests that expressions may use, and mistakes in their names: the library would find those only once
//! an event comes that gets so far.

use crate::mistake::Mistake;

use super::super::fields::nearest;

pub(super) const MEND: &str =
    "write such as \"type == 'push' and body.ref == 'refs/heads/main'\"; docs/rules.md has the whole of it";

pub const FILTERS: [&str; 34] = [
    "abs",
    "attr",
    "bool",
    "capitalize",
    "default",
    "first",
    "float",
    "format",
    "int",
    "items",
    "join",
    "last",
    "length",
    "lines",
    "list",
    "lower",
    "map",
    "max",
    "min",
    "reject",
    "rejectattr",
    "replace",
    "reverse",
    "round",
    "select",
    "selectattr",
    "sort",
    "split",
    "string",
    "sum",
    "title",
    "trim",
    "unique",
    "upper",
];

pub const TESTS: [&str; 19] = [
    "boolean",
    "defined",
    "divisibleby",
    "endingwith",
    "equalto",
    "even",
    "false",
    "float",
    "in",
    "integer",
    "mapping",
    "none",
    "number",
    "odd",
    "sequence",
    "startingwith",
    "string",
    "true",
    "undefined",
];

/// Most words, texts and signs of one expression: whoever reads `a ~ b ~ c …` goes one call deeper for each.
pub(super) const TOKENS_MAX: usize = 1_000;
/// Most of `not` and `-` one after another, for the same reason.
const PREFIXES_MAX: usize = 8;

/// Counts them, and looks at each `| filter`, `is test` and `.method(` outside quotes.
pub(super) fn check(expression: &str) -> Result<(), Mistake> {
    let mut before = Token::Other;
    let mut rest = expression;
    let (mut tokens, mut prefixes) = (0, 0);
    while let Some(first) = rest.chars().next() {
        let length = token_bytes(rest, first);
        let (text, after) = rest.split_at(length);
        rest = after;
        if first.is_whitespace() {
            continue;
        }
        tokens += 1;
        if tokens > TOKENS_MAX {
            let message =
                format!("an expression has at most {TOKENS_MAX} words and signs, but this has more");
            return Err(Mistake::new(message, "write a shorter one, or a table of `accept` or `drop`"));
        }
        prefixes = if matches!(text, "not" | "-" | "+") { prefixes + 1 } else { 0 };
        if prefixes > PREFIXES_MAX {
            return Err(Mistake::new(
                format!("`{text}` stands here again and again"),
                "write it once, or not at all",
            ));
        }
        let token = match (before, text) {
            (Token::Pipe, "|") => {
                return Err(Mistake::new("there is no `||`", "write `or`"));
            }
            (Token::Pipe, word) => known(&FILTERS, "filter", word)?,
            (Token::Is, "not") => Token::Is,
            (Token::Is, word) => known(&TESTS, "test", word)?,
            (Token::Dot, word) if rest.trim_start().starts_with('(') => {
                return Err(Mistake::new(
                    format!("values have no methods, but here is `.{}(`", word.escape_debug()),
                    "write a filter, such as `x | lower`, or a test, such as `x is startingwith 'a'`",
                ));
            }
            // A member may have any name.
            (Token::Dot, _) => Token::Other,
            (_, "|") => Token::Pipe,
            (_, ".") => Token::Dot,
            (_, "is") => Token::Is,
            _ => Token::Other,
        };
        before = token;
    }
    Ok(())
}

#[derive(Debug, Clone, Copy)]
enum Token {
    Pipe,
    Is,
    Dot,
    Other,
}

/// A word, a text in quotes, or one character.
fn token_bytes(text: &str, first: char) -> usize {
    if first == '"' || first == '\'' {
        let mut is_escaped = false;
        for (at, character) in text.char_indices().skip(1) {
            if character == first && !is_escaped {
                return at + 1;
            }
            is_escaped = character == '\\' && !is_escaped;
        }
        return text.len();
    }
    let is_word = |character: char| character.is_alphanumeric() || character == '_';
    let word = text.find(|character| !is_word(character)).unwrap_or(text.len());
    word.max(first.len_utf8())
}

fn known(all: &[&str], kind: &str, word: &str) -> Result<Token, Mistake> {
    if all.contains(&word) { Ok(Token::Other) } else { Err(unknown(kind, word, all)) }
}

pub(super) fn unknown(kind: &str, word: &str, all: &[&str]) -> Mistake {
    let mend = match nearest(word, all) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("there are: {}", all.join(", ")),
    };
    Mistake::new(format!("unknown {kind} `{}`", word.escape_debug()), mend)
}
