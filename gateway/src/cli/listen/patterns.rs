//! Whether a pattern can be heard, and where it cannot, what to type instead: with the streams of the configuration, if one is
//! at hand.

use std::path::Path;

use super::super::Context;
use super::super::configured::Configured;
use super::super::failure::Failure;
use super::super::usage::is_value;
use crate::topic::{Pattern, StreamName};

/// A line that still reads as one; whoever has more sources knows how it goes on.
const STREAMS_SHOWN_MAX: usize = 6;

const SUCH_AS: &str =
    "write such as 'github/*/push' or 'github/**': `*` is one segment, a last `**` all that follow";

/// # Errors
/// The first that is no pattern, and what was probably meant.
pub(super) fn check(patterns: &[String], configured: &Configured, context: &Context) -> Result<(), Failure> {
    let Some((wrong, error)) =
        patterns.iter().find_map(|text| Some((text, Pattern::parse(text).err()?.to_string())))
    else {
        return Ok(());
    };
    if !is_value(wrong) {
        let message = "what is to be heard is no pattern; it is not shown, as it may be a secret";
        return Err(Failure::usage(message, SUCH_AS));
    }
    let streams = streams(configured, context);
    // What is not quoted the shell reads first: `**` becomes the names of the files here.
    if Path::new(wrong).exists() {
        let message = format!(
            "`{wrong}` is a file here, and no pattern: the shell reads * and ** where they have no quotes"
        );
        return Err(Failure::usage(message, format!("{}, with the quotes", meant("**", &streams))));
    }
    let message = if names_no_stream(wrong) {
        format!("`{wrong}` names no stream, and a pattern begins with the name of its one stream")
    } else {
        error
    };
    Err(Failure::usage(message, meant(wrong, &streams)))
}

/// Each once, in the order of the file; none where there is no file that reads: it may be wrong, and the gateway elsewhere.
fn streams(configured: &Configured, context: &Context) -> Vec<String> {
    let mut streams = Vec::new();
    for source in configured.load(context).map(|config| config.sources).unwrap_or_default() {
        let stream = source.stream().as_str().to_owned();
        if !streams.contains(&stream) {
            streams.push(stream);
        }
    }
    streams
}

fn names_no_stream(text: &str) -> bool {
    text.split('/').next().is_none_or(|first| first.is_empty() || first.contains('*'))
}

fn meant(wrong: &str, streams: &[String]) -> String {
    let quoted = |patterns: Vec<String>| format!("type hookcast listen {}", patterns.join(" "));
    if StreamName::parse(wrong).is_ok() {
        return quoted(vec![format!("'{wrong}/**'")]);
    }
    if !names_no_stream(wrong) {
        return SUCH_AS.into();
    }
    let rest = wrong.trim_start_matches('/').split_once('/').map_or("**", |(_, rest)| rest);
    let below = |stream: &str| {
        let pattern = format!("{stream}/{rest}");
        if Pattern::parse(&pattern).is_ok() { format!("'{pattern}'") } else { format!("'{stream}/**'") }
    };
    if streams.is_empty() {
        return format!(
            "{}: a source's name first, and one pattern for each source",
            quoted(vec![below("github")])
        );
    }
    let shown = streams.iter().take(STREAMS_SHOWN_MAX).map(|stream| below(stream)).collect();
    let more = match streams.len().saturating_sub(STREAMS_SHOWN_MAX) {
        0 => String::new(),
        more => format!(" … (there are {more} more)"),
    };
    format!("{}{more}", quoted(shown))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_to_type_instead_is_a_line_to_copy() {
        let two = ["github".to_owned(), "shop".to_owned()];
        for (wrong, streams, expected) in [
            ("**", &two[..], "type hookcast listen 'github/**' 'shop/**'"),
            ("*", &two[..1], "type hookcast listen 'github/**'"),
            ("*/push", &two[..1], "type hookcast listen 'github/push'"),
            ("/github/push", &two[..1], "type hookcast listen 'github/push'"),
            ("**/push/**", &two[..1], "type hookcast listen 'github/push/**'"),
            ("*/a//b", &two[..1], "type hookcast listen 'github/**'"),
            ("shop", &two[..1], "type hookcast listen 'shop/**'"),
            ("**", &[], "type hookcast listen 'github/**': a source's name first"),
            ("a/**/b", &two[..], "write such as 'github/*/push'"),
        ] {
            let said = meant(wrong, streams);
            assert!(said.starts_with(expected), "{wrong}: {said}");
        }
        let many: Vec<_> = (0..9).map(|number| format!("s{number}")).collect();
        assert!(meant("**", &many).ends_with("'s5/**' … (there are 3 more)"), "{}", meant("**", &many));
    }
}
