//! The one integration binary: a module for each area, tested at the boundary its user has.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod broker;
mod cli;
mod config;
mod ingest;
mod operators;
mod subscribers;
mod tokens;
