//! Parses and calls; everything else is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    hookcast::cli::main()
}
