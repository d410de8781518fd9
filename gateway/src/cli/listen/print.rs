//! How events and what happens to the connection look in a terminal.

use super::message::{Gap, Item};
use crate::cli::Context;
use crate::cli::failure::Failure;
use crate::cli::terminal::{Terminal, Tone, line, printable};

/// So that a line stays one on a wide screen; `--json` has it all.
const DATA_CHARACTERS_MAX: usize = 120;

#[derive(Clone, Copy)]
pub(in crate::cli) struct Printer {
    terminal: Terminal,
    is_json: bool,
    is_quiet: bool,
    row: Row,
}

/// One event as a line for people.
pub(in crate::cli) type Row = fn(Terminal, &Item<'_>) -> String;

impl Printer {
    pub(in crate::cli) fn new(context: &Context) -> Self {
        Self::with(context, event_row)
    }

    /// For events of one kind, that people want to see otherwise.
    pub(in crate::cli) fn with(context: &Context, row: Row) -> Self {
        Self { terminal: context.terminal, is_json: context.is_json, is_quiet: context.is_quiet, row }
    }

    /// One event on stdout: a line for people, or the item as it came.
    pub(super) fn item(self, item: &Item<'_>, raw: &str) -> Result<(), Failure> {
        if self.is_json { line(raw) } else { line((self.row)(self.terminal, item)) }
    }

    /// What happens to the connection, on stderr.
    pub(super) fn note(self, text: &str) {
        if !self.is_quiet {
            self.terminal.aside(Tone::Quiet, format!("-- {text}"));
        }
    }

    /// What is missing, on stderr, however quiet.
    pub(super) fn warn(self, text: &str) {
        self.terminal.aside(Tone::Note, format!("-- {text}"));
    }

    pub(super) fn gap(self, gap: &Gap) {
        self.warn(&gap_line(gap));
    }
}

fn event_row(terminal: Terminal, item: &Item<'_>) -> String {
    let [time, topic, kind, data] = parts(item);
    format!(
        "{} {} {} {data}{}",
        terminal.tone(Tone::Quiet, time),
        terminal.tone(Tone::Strong, topic),
        terminal.tone(Tone::Good, kind),
        terminal.tone(Tone::Quiet, passed_over(item.skipped)),
    )
}

/// How many events of a topic stood between this one and the last, where only the newest is asked for.
fn passed_over(skipped: Option<u64>) -> String {
    skipped.filter(|it| *it > 0).map(|it| format!(" +{it} passed over")).unwrap_or_default()
}

/// Time, topic, type and the beginning of the data, safe to print.
fn parts(item: &Item<'_>) -> [String; 4] {
    // RFC 3339: the clock stands between `T` and the fraction.
    let clock = item.event.time.split_once('T').map_or("", |(_, clock)| clock);
    let clock = clock.get(..8).unwrap_or("--:--:--");
    let data = item.event.data.map_or("", |data| data.get());
    [
        printable(clock, 8),
        printable(&item.topic, usize::MAX),
        printable(&item.event.r#type, 64),
        printable(data, DATA_CHARACTERS_MAX),
    ]
}

fn gap_line(gap: &Gap) -> String {
    let stream = printable(&gap.stream, 64);
    let range = match (gap.from, gap.to) {
        (Some(from), Some(to)) if from <= to => format!("{from} to {to}, {} at most", to - from + 1),
        (Some(from), _) => format!("from {from}, nobody knows how many"),
        (None, Some(to)) => format!("up to {to}"),
        (None, None) => "nobody knows how many".into(),
    };
    let reason = match gap.reason.as_str() {
        "retention" => "they are no longer kept",
        "slow" => "this terminal was too slow",
        "epoch" => "the store has lost or changed its history",
        "limit" => "more was asked for than one may get",
        other => return format!("gap in {stream}: {range} ({})", printable(other, 32)),
    };
    format!("gap in {stream}: {range} ({reason})")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_time_topic_type_and_short_data() {
        let raw = format!(
            r#"{{"offset":1,"topic":"a/b","event":{{"type":"push","time":"2026-01-02T03:04:05.678Z","data":"{}\u001b"}}}}"#,
            "x".repeat(200)
        );
        let [time, topic, kind, data] = parts(&serde_json::from_str(&raw).unwrap());
        assert_eq!((time.as_str(), topic.as_str(), kind.as_str()), ("03:04:05", "a/b", "push"));
        assert_eq!(data.chars().count(), DATA_CHARACTERS_MAX + 1);
    }

    #[test]
    fn a_gap_says_how_much_and_why() {
        let gap = r#"{"stream":"s","reason":"slow","from":17,"to":30,"position":"k3f9a0zq:30"}"#;
        let line = gap_line(&serde_json::from_str(gap).unwrap());
        assert_eq!(line, "gap in s: 17 to 30, 14 at most (this terminal was too slow)");
    }
}
