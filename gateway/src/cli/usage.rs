//! What is said of a command line that clap does not take. It quotes what was typed, and a secret that was pasted in the wrong
//! place would stay on the screen, in a log of the shell's and in a report to us: what could be one is not shown.

use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::failure::Failure;

/// No word of ours and no name of a verb is longer.
const WORD_CHARACTERS_MAX: usize = 16;
/// Of an option's name, its dashes included.
const OPTION_CHARACTERS_MAX: usize = 32;
/// Of a value that is shown: a pattern, an address, a time.
const VALUE_CHARACTERS_MAX: usize = 48;
/// Letters and digits in a row, as keys have them and words do not.
const RUN_CHARACTERS_MAX: usize = 15;

const HIDDEN: &str = "it is not shown, as it may be a secret";

/// The failure to tell instead of clap's, where that would quote what may be a secret.
pub(super) fn discreet(error: &clap::Error, arguments: &[OsString]) -> Option<Failure> {
    let text = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.as_str()),
        _ => None,
    };
    let help = format!("see `hookcast{} --help`", verb(arguments));
    match error.kind() {
        ErrorKind::UnknownArgument => {
            let given = text(ContextKind::InvalidArg)?;
            if let Some(secret) = without_value(arguments) {
                let message = format!("{secret} has no value: what follows is an option");
                return Some(Failure::usage(message, format!("write {secret}=…; {help}")));
            }
            let option = option_before(given, arguments);
            if option.is_none() && (is_option(given) || (is_value(given) && given.contains(['/', '.', '*'])))
            {
                return None;
            }
            Some(match option {
                Some(option) => Failure::usage(
                    format!(
                        "what follows {option} begins with a dash, so it was read as an option; {HIDDEN}"
                    ),
                    format!("write it behind an equals sign: {option}=…"),
                ),
                None if given.starts_with('-') => {
                    Failure::usage(format!("there is no such option; {HIDDEN}"), help)
                }
                None => Failure::usage(
                    format!("there is an argument too many; {HIDDEN}"),
                    format!("a secret or token stands behind its option; {help}"),
                ),
            })
        }
        ErrorKind::InvalidSubcommand => {
            let given = text(ContextKind::InvalidSubcommand)?;
            (!is_word(given)).then(|| {
                Failure::usage(
                    format!("the first argument is no verb of hookcast; {HIDDEN}"),
                    "see `hookcast --help`",
                )
            })
        }
        ErrorKind::InvalidValue | ErrorKind::ValueValidation | ErrorKind::TooManyValues => {
            let (option, given) = (text(ContextKind::InvalidArg)?, text(ContextKind::InvalidValue)?);
            let why = std::error::Error::source(error).map(ToString::to_string);
            let why =
                why.filter(|why| !quotes(why, given)).map_or_else(String::new, |why| format!(": {why}"));
            (!given.is_empty() && !is_value(given))
                .then(|| Failure::usage(format!("the value of {option} is wrong{why}; {HIDDEN}"), help))
        }
        _ => None,
    }
}

/// Whether a text may be shown where it is no option's: a word of small letters, a number, a path, a pattern, no key.
pub(super) fn is_value(text: &str) -> bool {
    let is_plain = |character: char| {
        character.is_ascii_lowercase() || character.is_ascii_digit() || "/*.:-_".contains(character)
    };
    let longest = text.split(|character: char| !character.is_ascii_alphanumeric()).map(str::len).max();
    text.len() <= VALUE_CHARACTERS_MAX
        && text.chars().all(is_plain)
        && longest.is_none_or(|longest| longest <= RUN_CHARACTERS_MAX)
}

fn is_word(text: &str) -> bool {
    text.len() <= WORD_CHARACTERS_MAX && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')
}

/// `--secret`, or one letter behind a dash.
pub(super) fn is_option(text: &str) -> bool {
    match text.strip_prefix("--") {
        Some(name) => {
            text.len() <= OPTION_CHARACTERS_MAX
                && name.starts_with(|first: char| first.is_ascii_lowercase())
                && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')
        }
        None => text.starts_with('-') && text.chars().count() <= 2,
    }
}

/// The option whose value this was meant to be: one that stands right before it, without an equals sign of its own.
fn option_before<'a>(given: &str, arguments: &'a [OsString]) -> Option<&'a str> {
    let is_given = |argument: &OsString| argument.to_str().is_some_and(|text| text.starts_with(given));
    let place = arguments.iter().position(is_given)?;
    let before = arguments.get(place.checked_sub(1)?)?.to_str()?;
    (given.starts_with('-') && before.starts_with("--") && is_option(before) && !is_option(given))
        .then_some(before)
}

/// `--secret`, which takes what follows whatever it begins with, right before an option of ours.
fn without_value(arguments: &[OsString]) -> Option<&str> {
    let mut pairs = arguments.windows(2).filter_map(|pair| Some((pair[0].to_str()?, pair[1].to_str()?)));
    pairs.find(|(one, next)| *one == "--secret" && is_option(next)).map(|(one, _)| one)
}

/// ` VERB`, if the first argument is one.
fn verb(arguments: &[OsString]) -> String {
    let first = arguments.get(1).and_then(|first| first.to_str());
    let command = super::command();
    let found = command.get_subcommands().find(|it| Some(it.get_name()) == first);
    found.map_or_else(String::new, |found| format!(" {}", found.get_name()))
}

/// Whether a reason has a piece of what was given in it.
fn quotes(why: &str, given: &str) -> bool {
    let mut pieces = given.split(|character: char| !character.is_ascii_alphanumeric());
    pieces.any(|piece| piece.len() > 3 && why.contains(piece))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_patterns_are_shown_and_keys_are_not() {
        for shown in ["later", "20", "*/x", "github/**", "ftp://x", "hookcast.toml", "k3f9a0zq:41", ""] {
            assert!(is_value(shown), "{shown}");
        }
        for hidden in [
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "0123456789abcdef",
            "-----BEGIN PRIVATE KEY-----\nMIIE",
            "golden secret",
            "http://me:word@host",
        ] {
            assert!(!is_value(hidden), "{hidden}");
        }
        assert!(is_option("--nope") && is_option("-x") && !is_option("-----BEGIN") && !is_option("--a=b"));
    }
}
