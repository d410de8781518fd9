//! The checker against transcripts made by hand: for each rule one that keeps it and one that breaks it. Every token is a
//! line: `>a:0` subscribed, `5` the event 5 at offset 5, `6=5` the event 5 at offset 6, `!a:5` a heartbeat,
//! `gap(3-4)a:4` and `epoch(6-?)b:5` gaps, `|` the connection ended. The n-th token comes at n × 10 ms.

use super::ledger::{Answer, Ledger};
use super::transcript::{Gap, Line, Place, Takes, Transcript};
use super::verdict::Verdict;

fn place(text: &str) -> Place {
    text.parse().unwrap()
}

fn line(token: &str) -> Line {
    if let Some(position) = token.strip_prefix('>') {
        return Line::Begins(place(position));
    }
    if let Some(position) = token.strip_prefix('!') {
        return Line::Vouched(place(position));
    }
    if token == "|" {
        return Line::Away;
    }
    if let Some((reason, rest)) = token.split_once('(') {
        let (bounds, on) = rest.split_once(')').unwrap();
        let (from, to) = bounds.split_once('-').unwrap();
        let is_epoch = reason == "epoch";
        return Line::Gap(Box::new(Gap {
            is_epoch,
            from: from.parse().ok(),
            to: to.parse().ok(),
            on: place(on),
        }));
    }
    let (offset, seq) = token.split_once('=').unwrap_or((token, token));
    Line::Event { offset: offset.parse().unwrap(), seq: seq.parse().unwrap() }
}

fn transcript(tokens: &str) -> Transcript {
    let lines = tokens.split_whitespace().zip(1..).map(|(token, n)| (n * 10, line(token))).collect();
    Transcript { name: "s1".into(), takes: Takes::All, lines }
}

/// `7@a:7` is the event 7, sent at 70 ms and answered at 71 ms; `7@-` was answered as a duplicate.
fn answers(tokens: &str) -> Vec<Answer> {
    let answer = |token: &str| {
        let (seq, position) = token.split_once('@').unwrap();
        let seq: u32 = seq.parse().unwrap();
        Answer { seq, sent_ms: seq * 10, answered_ms: seq * 10 + 1, place: position.parse().ok() }
    };
    tokens.split_whitespace().map(answer).collect()
}

fn judged(in_: &str, transcripts: &[Transcript]) -> Verdict {
    Verdict::of(&Ledger::of(&answers(in_), transcripts), transcripts)
}

/// Untold, twice, out of order, told.
fn counts(in_: &str, tokens: &str) -> (u64, u64, u64, u64) {
    let verdict = judged(in_, &[transcript(tokens)]);
    assert_eq!(verdict.is_clean(), verdict.untold + verdict.twice + verdict.out_of_order == 0);
    assert_eq!(verdict.is_clean(), verdict.findings.is_empty(), "{:?}", verdict.findings);
    (verdict.untold, verdict.twice, verdict.out_of_order, verdict.told)
}

const FIVE: &str = "1@a:1 2@a:2 3@a:3 4@a:4 5@a:5";

#[test]
fn all_in_order_is_clean_also_over_a_resume() {
    assert_eq!(counts(FIVE, ">a:0 1 2 3 4 5 !a:5"), (0, 0, 0, 0));
    assert_eq!(counts(FIVE, ">a:0 1 2 | >a:2 3 4 !a:4 5"), (0, 0, 0, 0));
    assert_eq!(counts(FIVE, ">a:2 3 4 5"), (0, 0, 0, 0), "what lies before the beginning is not owed");
}

#[test]
fn what_is_missing_in_the_middle_at_the_end_or_over_a_resume_is_untold() {
    assert_eq!(counts(FIVE, ">a:0 1 2 5"), (2, 0, 0, 0));
    assert_eq!(counts(FIVE, ">a:0 1 2 3"), (2, 0, 0, 0));
    assert_eq!(counts(FIVE, ">a:0 1 2 | >a:3 4 5"), (1, 0, 0, 0));
    assert_eq!(counts("1@a:1 3@a:3", ">a:0 1 3"), (1, 0, 0, 0), "an offset that nobody knows is missing too");
}

#[test]
fn a_told_gap_covers_what_it_names_and_no_more() {
    assert_eq!(counts(FIVE, ">a:0 1 gap(2-4)a:4 5"), (0, 0, 0, 3));
    assert_eq!(counts(FIVE, ">a:0 1 gap(?-?)a:4 5"), (0, 0, 0, 3));
    assert_eq!(counts(FIVE, ">a:0 1 5 gap(2-4)a:5"), (0, 0, 0, 3), "told afterwards");
    assert_eq!(counts(FIVE, ">a:0 1 gap(3-4)a:4 5"), (1, 0, 0, 2));
}

#[test]
fn a_heartbeat_that_vouches_for_what_was_not_sent_is_untold_whatever_is_told_later() {
    assert_eq!(counts(FIVE, ">a:0 1 2 3 !a:2 4 5"), (0, 0, 0, 0), "it may lag behind");
    assert_eq!(counts(FIVE, ">a:0 1 2 3 !a:5"), (2, 0, 0, 0));
    assert_eq!(counts(FIVE, ">a:0 1 2 3 !a:5 4 5"), (0, 0, 2, 0), "they came after all, behind their time");
    assert_eq!(counts(FIVE, ">a:0 1 2 3 !a:5 gap(4-5)a:5"), (2, 0, 0, 0));
    assert_eq!(counts(FIVE, ">a:0 1 2 3 gap(4-5)a:5 !a:5"), (0, 0, 0, 2));
}

#[test]
fn twice_is_twice() {
    assert_eq!(counts(FIVE, ">a:0 1 2 2 3 4 5"), (0, 1, 0, 0));
    assert_eq!(counts(FIVE, ">a:0 1 2 3 | >a:1 2 3 4 5"), (0, 2, 0, 0));
    assert_eq!(counts("1@a:1 2@a:2", ">a:0 1 2 3=1"), (0, 2, 0, 0), "numbered anew within one epoch");
}

#[test]
fn behind_its_time_is_out_of_order() {
    assert_eq!(counts(FIVE, ">a:0 1 3 2 4 5"), (0, 0, 1, 0));
    assert_eq!(
        counts("1@a:1 2@b:2", ">a:0 1 epoch(2-?)b:1 2 epoch(3-?)a:1"),
        (0, 0, 1, 0),
        "back to an old epoch"
    );
}

#[test]
fn a_heartbeat_of_an_epoch_that_was_left_is_out_of_order() {
    let in_ = "1@a:1 2@b:2 3@b:3";
    assert_eq!(counts(in_, ">a:0 1 epoch(2-?)b:1 !a:1 2 3 !b:3"), (0, 0, 1, 0));
    assert_eq!(counts(in_, ">a:0 1 !a:1 epoch(2-?)b:1 2 3 !b:3"), (0, 0, 0, 0));
}

#[test]
fn one_place_holds_one_event_for_all() {
    let verdict = judged("1@a:1", &[transcript(">a:0 1=1"), transcript(">a:0 1=2")]);
    assert_eq!(verdict.out_of_order, 1, "{verdict:?}");
    assert_eq!(judged("1@a:1 2@a:2", &[transcript(">a:0 1=1 2=2")]).out_of_order, 0);
    assert_eq!(judged("1@a:1 2@a:2", &[transcript(">a:0 1=2 2=1")]).out_of_order, 2, "the answers count too");
}

#[test]
fn the_tail_of_an_epoch_is_told_by_an_epoch_gap_and_by_nothing_else() {
    let in_ = "1@a:1 2@a:2 3@a:3 4@b:3 5@b:4";
    assert_eq!(counts(in_, ">a:0 1 2 epoch(3-?)b:2 3=4 4=5"), (0, 0, 0, 1));
    assert_eq!(
        counts(in_, ">a:0 1 2 | >b:2 3=4 4=5"),
        (1, 0, 0, 0),
        "resumed in the new epoch without a word"
    );
    assert_eq!(counts(in_, ">a:0 1 2 | >b:2 epoch(3-?)b:2 3=4 4=5"), (0, 0, 0, 1), "resumed, and told");
    assert_eq!(counts(in_, ">a:0 1 2 !b:2 3=4 4=5"), (1, 0, 0, 0), "a heartbeat brought the new epoch");
    assert_eq!(counts(in_, ">a:0 1 2 gap(3-3)b:2 3=4 4=5"), (1, 0, 0, 0), "a gap for another reason");
    assert_eq!(counts(in_, ">a:0 1 2 | >b:2 3=4 4=5 epoch(3-?)b:4"), (1, 0, 0, 0), "too late");
}

#[test]
fn an_epoch_gap_excuses_neither_what_was_passed_before_nor_what_came_after() {
    let in_ = "1@a:1 2@a:2 3@a:3 4@b:3 5@b:4 6@b:5";
    assert_eq!(counts(in_, ">a:0 1 3 epoch(4-?)b:2 3=4 4=5 5=6"), (1, 0, 0, 0));
    assert_eq!(counts(in_, ">a:0 1 2 epoch(3-?)b:2 3=4 5=6"), (1, 0, 0, 1));
    assert_eq!(counts(in_, ">a:0 1 2 epoch(3-?)b:2 3=4 4=5"), (1, 0, 0, 1), "the end was not reached");
}

#[test]
fn what_survived_a_turn_over_goes_on_silently_where_nothing_was_lost() {
    let in_ = "1@a:1 2@a:2 3@a:3 4@b:4";
    assert_eq!(counts(in_, ">a:0 1 2 | >b:2 3 4"), (0, 0, 0, 0));
    assert_eq!(counts(in_, ">a:0 1 2 | >b:3 4"), (1, 0, 0, 0));
    assert_eq!(counts(in_, ">a:0 1 2 !b:2 3 4"), (0, 0, 0, 0));
    assert_eq!(counts(in_, ">a:0 1 2 !b:3 4"), (1, 0, 0, 0));
}

#[test]
fn put_back_events_may_come_again_around_a_told_epoch_gap_only() {
    let in_ = "1@a:1 2@a:2 3@a:3 4@b:4";
    assert_eq!(counts(in_, ">a:0 1 2 3 epoch(4-?)b:1 2=2 3=3 4"), (0, 0, 0, 0));
    assert_eq!(counts(in_, ">a:0 1 2 3 | >b:1 2=2 3=3 4"), (0, 2, 0, 0));
    assert_eq!(counts(in_, ">a:0 1 2 3 epoch(4-?)b:1 2=2 3=3 4 5=3"), (0, 1, 0, 0), "twice in one epoch");
    let many = (1..=4_200).map(|n| format!("{n}@a:{n}")).collect::<Vec<_>>().join(" ");
    let got = (1..=4_200).map(|n| n.to_string()).collect::<Vec<_>>().join(" ");
    let again = |seq: u32| counts(&many, &format!(">a:0 {got} epoch(4201-?)b:0 1={seq}")).1;
    assert_eq!((again(105), again(104)), (0, 1), "beyond the last 4,096 the SDK does not know it");
}

#[test]
fn an_epoch_that_was_slept_through_is_told_by_the_gap_that_led_past_it() {
    let other = transcript(">a:0 1 epoch(2-?)b:1 2=2 epoch(3-?)c:1 2=3");
    let in_ = "1@a:1 2@b:2 3@c:2";
    let told = judged(in_, &[other.clone(), transcript(">a:0 1 | >c:1 epoch(2-?)c:1 2=3")]);
    assert_eq!((told.untold, told.told), (0, 1), "{told:?}");
    let silent = judged(in_, &[other, transcript(">a:0 1 | >c:1 2=3")]);
    assert_eq!((silent.untold, silent.told), (1, 0), "{silent:?}");
}

#[test]
fn an_answer_without_a_place_is_judged_by_time() {
    assert_eq!(counts("1@a:1 2@-", ">a:0 1"), (1, 0, 0, 0), "nobody ever saw it");
    assert_eq!(counts("1@a:1 2@- 5@b:2", ">a:0 1 epoch(2-?)b:1 2=5"), (0, 0, 0, 1), "told after it was sent");
    assert_eq!(counts("1@a:1 6@-", ">a:0 1 epoch(2-?)b:1"), (1, 0, 0, 0), "told before it was sent");
    let passed = ">a:0 1 3=3 gap(2-2)a:3 epoch(4-?)b:3";
    assert_eq!(
        counts("1@a:1 2@- 3@a:3", passed),
        (1, 0, 0, 0),
        "an event that was sent later came before the gap"
    );
}

#[test]
fn a_pattern_is_owed_what_it_matches() {
    let odd = |tokens: &str| {
        let narrow = Transcript { takes: Takes::Odd, ..transcript(tokens) };
        judged(FIVE, &[transcript(">a:0 1 2 3 4 5"), narrow]).untold
    };
    assert_eq!(odd(">a:0 1 3 5 !a:5"), 0);
    assert_eq!(odd(">a:0 1 5"), 1);
    assert_eq!(odd(">a:0 1 3 !a:4 5"), 0, "4 is of the other region");
    assert_eq!(odd(">a:0 1 3 !a:5"), 1);
}
