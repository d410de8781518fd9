//! `hookcast deliveries`: what came in, and why not. A table, the same as it goes on, one delivery whole, and once more.

use std::collections::BTreeMap;

use reqwest::Method;
use serde_json::{Value, json};

use super::Context;
use super::failure::{Exit, Failure};
use super::listen::message::Item;
use super::listen::print::Printer;
use super::listen::{Wanted, follow};
use super::operator::{Gateway, UNKNOWN_DELIVERY, segment};
use super::terminal::{Terminal, Tone, line, printable};
use crate::auth::OPERATOR_GRANTS;
use crate::since::Since;

/// So that a line stays one on a wide screen; `ID` and `--json` have it all.
const WORDS_CHARACTERS_MAX: usize = 140;

#[derive(Debug, clap::Args)]
#[allow(clippy::struct_excessive_bools, reason = "each is a switch that is written or not")]
pub(super) struct Args {
    /// One delivery, whole: each check, headers, body
    #[arg(value_name = "ID", conflicts_with_all = ["follow", "refused", "source", "find", "limit"])]
    id: Option<String>,
    /// Only what was not taken
    #[arg(long)]
    refused: bool,
    /// Only of this source
    #[arg(long, value_name = "S", value_parser = parse_source)]
    source: Option<String>,
    /// Only with this text in it; or type:T, topic:PATTERN, or both
    #[arg(long, value_name = "WORDS", conflicts_with = "follow")]
    find: Option<String>,
    /// Go on: the last ten, then each as it comes, from all nodes
    #[arg(long)]
    follow: bool,
    /// How many, newest; a source keeps 100 proven and 100 unproven
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u16).range(1..=1_000))]
    limit: u16,
    /// Send this one again, as it was received
    #[arg(long, value_name = "ID", conflicts_with_all = ["id", "follow", "refused", "source", "find", "limit"])]
    replay: Option<String>,
    /// With --replay: with a new id, signed anew
    #[arg(long, requires = "replay")]
    sign: bool,
    /// With --sign: even what no secret fitted, perhaps a forgery
    #[arg(long, requires = "sign")]
    unproven: bool,
    #[command(flatten)]
    gateway: Gateway,
}

pub(super) async fn run(args: Args, context: &Context) -> Result<(), Failure> {
    if args.follow {
        return follow_all(&args, context).await;
    }
    let operator = args.gateway.operator(context)?;
    if let Some(id) = &args.replay {
        let path = format!("/api/v1/deliveries/{}/replay", segment(id));
        let wanted = json!({ "sign": args.sign, "unproven": args.unproven });
        let answer = operator.ask(Method::POST, path, Some(wanted), UNKNOWN_DELIVERY).await?;
        return print_replay(&answer, context);
    }
    if let Some(id) = &args.id {
        let answer = operator.delivery(id).await?;
        return if context.is_json { line(&answer) } else { print_whole(&answer, context.terminal) };
    }
    let path = format!("/api/v1/deliveries?{}", query(&args));
    print_list(&operator.ask(Method::GET, path, None, UNKNOWN_DELIVERY).await?, context)
}

fn query(args: &Args) -> String {
    let mut wanted = BTreeMap::from([("limit", args.limit.to_string())]);
    if args.refused {
        wanted.insert("outcome", "refused,unavailable".to_owned());
    }
    if let Some(source) = &args.source {
        wanted.insert("source", source.clone());
    }
    wanted.extend(args.find.iter().flat_map(|words| found_by(words)));
    let pairs: Vec<_> = wanted.iter().map(|(key, value)| format!("{key}={}", segment(value))).collect();
    pairs.join("&")
}

/// What words mean to the gateway: some begin with what they are about, the others are one text.
fn found_by(words: &str) -> Vec<(&'static str, String)> {
    const KEYS: [&str; 4] = ["source", "outcome", "type", "topic"];
    let about = |word: &str| {
        let (key, value) = word.split_once(':')?;
        let key = KEYS.into_iter().find(|known| *known == key)?;
        (!value.is_empty()).then(|| (key, value.to_owned()))
    };
    let (keyed, text): (Vec<_>, Vec<_>) = words.split_whitespace().partition(|word| about(word).is_some());
    let text = (!text.is_empty()).then(|| ("text", text.join(" ")));
    keyed.into_iter().filter_map(about).chain(text).collect()
}

/// The same names that a configuration allows: nothing in them means anything in a URL or a pattern.
fn parse_source(text: &str) -> Result<String, String> {
    crate::topic::StreamName::parse(text).map(|_| text.to_owned()).map_err(|error| error.to_string())
}

async fn follow_all(args: &Args, context: &Context) -> Result<(), Failure> {
    let source = args.source.as_deref().unwrap_or("*");
    let outcomes: &[&str] = if args.refused { &["refused", "unavailable"] } else { &["*"] };
    let patterns: Vec<String> =
        outcomes.iter().map(|outcome| format!("hookcast/delivery/{source}/{outcome}")).collect();
    let wanted = Wanted {
        patterns: &patterns,
        url: &args.gateway.url,
        token: args.gateway.token.as_deref(),
        grants: &OPERATOR_GRANTS,
        subject: "hookcast deliveries",
        since: &Since::Last(10),
        latest: None,
        configured: &args.gateway.configured,
    };
    let row = |terminal: Terminal, item: &Item<'_>| {
        let data = item.event.data.and_then(|data| serde_json::from_str(data.get()).ok());
        row(terminal, &data.unwrap_or(Value::Null))
    };
    follow(&wanted, context, Printer::with(context, row)).await
}

fn text(value: &Value, key: &str, characters_max: usize) -> String {
    printable(value[key].as_str().unwrap_or_default(), characters_max)
}

fn tone(outcome: &str) -> Tone {
    match outcome {
        "accepted" => Tone::Good,
        "refused" | "unavailable" => Tone::Bad,
        _ => Tone::Note,
    }
}

/// Time, id, source, outcome and what it is or why not.
fn row(terminal: Terminal, report: &Value) -> String {
    let received = text(report, "received", 40);
    let clock = received.split_once('T').and_then(|(_, clock)| clock.get(..8)).unwrap_or("--:--:--");
    let outcome = text(report, "outcome", 16);
    format!(
        "{} {:17} {:12} {} {}{}",
        terminal.tone(Tone::Quiet, clock),
        text(report, "id", 40),
        text(report, "source", 64),
        terminal.tone(tone(&outcome), format!("{outcome:11}")),
        words(report),
        terminal.tone(Tone::Quiet, left_out(report)),
    )
}

/// What its events are called, or the reason and its sentence.
fn words(report: &Value) -> String {
    if let Some(reason) = report["reason"].as_str() {
        return printable(
            &format!("{reason}: {}", report["says"].as_str().unwrap_or_default()),
            WORDS_CHARACTERS_MAX,
        );
    }
    let events = report["events"].as_array().map(Vec::as_slice).unwrap_or_default();
    let types: Vec<_> = events.iter().take(5).filter_map(|event| event["type"].as_str()).collect();
    let more = report["events_total"].as_u64().unwrap_or_default().saturating_sub(types.len() as u64);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let says = report["says"].as_str().unwrap_or_default();
    let gap = if types.is_empty() || says.is_empty() { "" } else { ": " };
    printable(&format!("{}{more}{gap}{says}", types.join(" ")), WORDS_CHARACTERS_MAX)
}

fn left_out(report: &Value) -> String {
    let count = report["left_out"].as_u64().filter(|count| *count > 0);
    count.map(|count| format!(" ({count} before it only counted)")).unwrap_or_default()
}

fn print_list(answer: &Value, context: &Context) -> Result<(), Failure> {
    let deliveries = answer["deliveries"].as_array().map(Vec::as_slice).unwrap_or_default();
    if deliveries.is_empty() && !context.is_json && !context.is_quiet {
        let node = text(answer, "node", 16);
        context.terminal.aside(
            Tone::Quiet,
            format!(
                "-- the node {node} keeps no delivery that fits: it has the newest 100 proven and 100 unproven of each source, \
                 since it began"
            ),
        );
    }
    if answer["more"] == true && !context.is_json && !context.is_quiet {
        context.terminal.aside(Tone::Quiet, "-- older ones fit as well: a higher --limit shows them");
    }
    // The newest stands last, next to the prompt, as with --follow.
    for report in deliveries.iter().rev() {
        if context.is_json { line(report)? } else { line(row(context.terminal, report))? }
    }
    Ok(())
}

fn print_whole(answer: &Value, terminal: Terminal) -> Result<(), Failure> {
    let (report, request) = (&answer["report"], &answer["request"]);
    let outcome = text(report, "outcome", 16);
    line(format!(
        "{} {} {} from {} at {}, answered {} in {} ms{}",
        terminal.tone(Tone::Strong, text(report, "id", 40)),
        terminal.tone(tone(&outcome), &outcome),
        text(report, "source", 64),
        text(report, "provider", 64),
        text(report, "received", 40),
        report["status"],
        report["took_ms"],
        left_out(report),
    ))?;
    if let Some(says) = report["says"].as_str() {
        line(format!("  {}", printable(says, 400)))?;
    }
    for checked in report["checks"].as_array().into_iter().flatten() {
        let (tone, mark) = match checked["result"].as_str() {
            Some("ok") => (Tone::Good, "ok"),
            Some("failed") => (Tone::Bad, "failed"),
            _ => (Tone::Quiet, "not reached"),
        };
        let mark = terminal.tone(tone, format!("{mark:12}"));
        line(format!("  {mark}{:10} {}", text(checked, "check", 16), text(checked, "says", 400)))?;
    }
    for event in report["events"].as_array().into_iter().flatten() {
        let [id, kind, topic] = ["id", "type", "topic"].map(|key| text(event, key, 600));
        let (outcome, position) = (text(event, "outcome", 16), text(event, "position", 40));
        line(format!("  event       {kind} {id} {topic} {outcome} {position}"))?;
        print_rules(event, terminal)?;
    }
    if request.is_object() {
        print_request(request, terminal)
    } else {
        line("  what came was not kept: it was not read, or it was a provider's question")
    }
}

/// Which rule kept an event out, and which failed on it over what.
fn print_rules(event: &Value, terminal: Terminal) -> Result<(), Failure> {
    if event["filtered_by"].is_string() {
        line(format!("              left out by {}", text(event, "filtered_by", 64)))?;
    }
    for failure in event["failures"].as_array().into_iter().flatten() {
        let [rule, expression] = ["rule", "expression"].map(|key| text(failure, key, 200));
        let [why, saw] = ["why", "saw"].map(|key| text(failure, key, 400));
        let rule = terminal.tone(Tone::Bad, format!("{rule} failed"));
        line(format!("              {rule}: {why}; it saw {saw}; it says {expression}"))?;
    }
    Ok(())
}

fn print_request(request: &Value, terminal: Terminal) -> Result<(), Failure> {
    let query = request["query"].as_str().map(|query| format!("?{query}")).unwrap_or_default();
    line(format!("\n{} {}", text(request, "method", 16), printable(&query, 2_000)))?;
    for header in request["headers"].as_array().into_iter().flatten() {
        let [name, value] = [0, 1].map(|part| printable(header[part].as_str().unwrap_or_default(), 8_192));
        line(format!("{}: {value}", terminal.tone(Tone::Quiet, name)))?;
    }
    line("")?;
    match (request["body"].as_str(), request["body_base64"].as_str()) {
        (Some(body), _) => body.lines().try_for_each(|part| line(printable(part, usize::MAX)))?,
        (None, Some(base64)) => line(format!("{base64} (base64)"))?,
        (None, None) => {}
    }
    if request["cut"] == true {
        let rest = format!("-- cut: the whole body has {} bytes", request["body_bytes"]);
        terminal.aside(Tone::Note, rest);
    }
    Ok(())
}

fn print_replay(answer: &Value, context: &Context) -> Result<(), Failure> {
    let is_taken = answer["status"].as_u64().is_some_and(|status| (200..300).contains(&status));
    if context.is_json {
        line(answer)?;
    } else {
        let tone = if is_taken { Tone::Good } else { Tone::Bad };
        let (way, says) = (text(answer, "as", 16), text(answer, "says", 400));
        line(format!("{} sent as {way}: {says}", context.terminal.tone(tone, &answer["status"])))?;
        line(printable(&answer["answer"].to_string(), 400))?;
    }
    if is_taken { Ok(()) } else { Err(Failure::Silent(Exit::Failed)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_about_something_or_a_text() {
        let found = found_by("invoice type:push  topic:a/** 7:5 source: paid");
        let text = |text: &str| text.to_owned();
        assert_eq!(
            found,
            [("type", text("push")), ("topic", text("a/**")), ("text", text("invoice 7:5 source: paid"))]
        );
        assert_eq!(found_by(" "), []);
    }

    #[test]
    fn a_line_says_what_it_is_or_why_it_was_not_taken_and_drives_no_terminal() {
        let refused = json!({ "reason": "stale", "says": "sent 1 h ago\u{1b}[2J" });
        assert_eq!(words(&refused), "stale: sent 1 h ago\\u{1b}[2J");
        let events: Vec<_> = (0..7).map(|n| json!({ "type": format!("t{n}") })).collect();
        let taken = json!({ "events": events, "events_total": 30 });
        assert_eq!(words(&taken), "t0 t1 t2 t3 t4 and 25 more");
        assert_eq!(
            words(&json!({ "says": "a question was answered", "events": [] })),
            "a question was answered"
        );
    }
}
