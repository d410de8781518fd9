//! What a delivery goes through, check by check, in words for operators. A sentence is made of the row, of numbers and of
//! the configuration: never of a secret, and never of what an unproven delivery says.

use serde::Serialize;

/// The checks, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Check {
    /// The signature, or token, stands where the provider puts it.
    Header,
    /// It was sent near enough to now.
    Time,
    /// The signature fits a secret.
    Signature,
    /// Its events are told apart.
    Id,
    /// The operator's rules let its events through.
    Rule,
    /// Its events are in the log.
    Append,
}
