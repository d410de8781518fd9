//! How subscribers reach their sessions. Server-sent events get their file here.

pub mod ws;
