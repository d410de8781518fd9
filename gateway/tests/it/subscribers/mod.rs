//! Subscribers at the socket: a whole node over the memory broker, and clients that speak the wire.

pub mod away;
mod catching_up;
mod ending;
mod floods;
mod golden;
mod history;
mod hostile;
mod interleavings;
mod late;
mod latest;
mod ledger;
mod lifetimes;
mod live;
mod model;
pub mod node;
mod readiness;
mod scripted;
mod slow;
mod sse;
mod turning_over;
mod used_again;
