//! `hookcast config`: the commented default file, or its JSON Schema.

use super::failure::Failure;
use super::terminal::line;
use crate::config::default_file::default_file;
use crate::config::schema::schema;

#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
pub(super) struct Args {
    /// The commented default file
    #[arg(long)]
    default: bool,
    /// The file's JSON Schema, for editors
    #[arg(long)]
    schema: bool,
}

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    if args.schema { line(format!("{:#}", schema())) } else { line(default_file().trim_end()) }
}
