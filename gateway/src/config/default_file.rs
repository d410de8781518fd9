//! `hookcast config --default`: every key with its default, or with an example behind `#`, and a sentence each.

use std::fmt::Write as _;

use super::bounds::BOUNDS;
use super::keys::{KEYS, Key, Kind};
use super::value::{write_duration, write_size};
use crate::limits::Limits;

const HEAD: &str = "\
# The configuration of hookcast. What stands here without `#` is the default; a line behind `#` is an example,
# and one behind `##` goes in place of others.
# Any key is also a variable: HOOKCAST_SERVER__LISTEN. A secret is a string, { env = \"X\" } or { file = \"/run/secrets/x\" }.
# Paths are relative to this file. `hookcast check` tells every mistake at once.
";

/// The file. It parses back to the defaults.
pub fn default_file() -> String {
    let mut text = HEAD.to_owned();
    let mut section = "";
    for key in KEYS {
        if key.section() != section {
            section = key.section();
            write_header(&mut text, section);
        }
        write_key(&mut text, key);
    }
    text.push_str("\n[limits]\n");
    let defaults = Limits::default();
    for bound in BOUNDS {
        let number = (bound.get)(&defaults);
        let value = match bound.kind {
            Kind::Duration => write_duration(number),
            Kind::Size => write_size(number),
            _ => number.to_string(),
        };
        let assignment = format!("{} = {value}", bound.name);
        let _ = writeln!(text, "{assignment:<40} # {}", bound.about);
    }
    text
}

fn write_header(text: &mut String, section: &str) {
    let header = match section {
        "source[]" => "# [[source]]".to_owned(),
        "stream.*" => "# [stream.github]".to_owned(),
        "provider" => "# [provider.mine]".to_owned(),
        // Its presence alone changes what the gateway does.
        "auth" => "# [auth]".to_owned(),
        "metrics" => "# [metrics]".to_owned(),
        "auth.key[]" => "## [[auth.key]]".to_owned(),
        "auth.issuer[]" => "## [[auth.issuer]]".to_owned(),
        section => format!("[{section}]"),
    };
    let _ = write!(text, "\n{header}\n");
}

fn write_key(text: &mut String, key: &Key) {
    let _ = writeln!(text, "# {}", key.about);
    let is_section_commented = key.section() == "auth";
    let comment = if key.is_instead { "##" } else { "#" };
    let _ = match key.default {
        _ if key.name() == "*" => Ok(()),
        Some(default) if !is_section_commented => writeln!(text, "{} = {default}", key.name()),
        _ => writeln!(text, "{comment} {} = {}", key.name(), key.example),
    };
}
