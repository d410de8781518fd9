//! How subscribers reach their sessions.

mod serve;
pub mod sse;
pub mod ws;
