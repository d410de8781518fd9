//! `hookcast completions`: what a shell completes.

use clap_complete::Shell;

use super::failure::Failure;
use super::terminal::line;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    shell: Shell,
}

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    let mut text = Vec::new();
    clap_complete::generate(args.shell, &mut super::command(), "hookcast", &mut text);
    line(String::from_utf8_lossy(&text).trim_end())
}
