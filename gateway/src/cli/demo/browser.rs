//! Opens the board where there is a desktop and somebody looks.

use std::process::{Child, Command, Stdio};

use crate::cli::Context;

/// The opener, as long as the demo runs; dropped, it goes its own way.
pub(super) fn open(url: &str, context: &Context) -> Option<Child> {
    let is_desktop =
        ["DISPLAY", "WAYLAND_DISPLAY"].iter().any(|name| context.environment.get(name).is_some());
    if !is_desktop || !context.terminal.is_interactive {
        return None;
    }
    // Without it the address is still on the terminal.
    Command::new("xdg-open")
        .arg(url)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .ok()
}
