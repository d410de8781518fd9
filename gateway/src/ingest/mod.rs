//! Webhooks in: from an HTTP request to trusted events in the log. May not know subscribers.
//!
//! The way of a delivery, one file after another: `receive` reads it, `handshake` answers questions, `verify` proves it,
//! `publish` (with `json`, `route`, `dedupe`) makes its events, `answer` says what became of it.

pub mod fields;

pub mod json;
pub mod pointer;

pub mod delivery;
pub mod signature;
pub mod template;
pub mod time;
pub mod when;
mod within;

pub mod mac;
pub mod meant;
pub mod public_key;

pub mod key;
pub mod method;

pub mod checks;
pub mod code;
pub mod compact;
pub mod jws;
pub mod qsh;

pub mod challenge;
pub mod keys;
pub mod seam;
pub mod verify;

pub mod fetched;

pub mod handshake;

pub mod cloudevent;
pub mod dedupe;
pub mod expression;
pub mod field_map;
pub mod matching;
pub mod route;
pub mod rules;

pub mod label;
pub mod origin;
pub mod overrides;
pub mod privacy;
pub mod providers;
pub mod row;
pub mod source;

pub mod advice;

pub mod pulse;
pub mod tally;

pub mod publish;

pub mod answer;
pub mod read;
mod room;

pub mod capture;
pub mod inspect;
pub mod rejection;
pub mod throttle;

pub mod mounted;
pub mod receive;

pub mod hook;

pub mod draft;
pub mod sign;
pub mod wrong;
