//! `hookcast man`: the manual page, the verbs' pages after it.

use super::failure::Failure;
use super::terminal::line;

pub(super) fn run() -> Result<(), Failure> {
    let mut text = Vec::new();
    let mut command = super::command();
    command.build();
    let verbs = command.get_subcommands().cloned().collect::<Vec<_>>();
    std::iter::once(command)
        .chain(verbs)
        .try_for_each(|page| clap_mangen::Man::new(page).render(&mut text))
        .expect("a vector takes every byte");
    line(String::from_utf8_lossy(&text).trim_end())
}
