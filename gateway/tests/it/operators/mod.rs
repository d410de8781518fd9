//! What the operators' screens ask of a node, over HTTP.

mod asking;
mod health;
mod nodes;
mod sessions;
mod topics;
