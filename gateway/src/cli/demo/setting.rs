//! What the demo runs on: its data folder, the secrets kept there, and `demo.toml`, written there as an ordinary configuration
//! together with the sources that somebody has added to it.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::boards::built_in::DEMO_TEXT;
use crate::cli::failure::Failure;
use crate::config::edit::{self, EditError};
use crate::config::environment::Environment;
use crate::config::{Config, Overrides};
use crate::file;

const TEXT: &str = include_str!("demo.toml");
/// Its name in the data folder.
const FILE: &str = "hookcast.toml";
/// Bytes of each secret before it is written as text.
const SECRET_BYTES: usize = 32;

/// Makes the folder and what is missing in it, and reads the configuration.
pub(super) fn prepare(folder: &Path, listen: Option<&str>) -> Result<Config, Failure> {
    keep_secrets(folder).map_err(|error| not_writable(folder, &error))?;
    let path = keep_config(folder)?;
    let overrides = Overrides { listen: listen.map(str::to_owned), redis: None };
    // The environment of whoever tries this out has another gateway's settings, if any.
    Ok(Config::load(Some(&path), &overrides, Environment::default())?)
}

/// The configuration of this version, with the sources of the file that are not its own.
fn keep_config(folder: &Path) -> Result<PathBuf, Failure> {
    let path = folder.join(FILE);
    let before = fs::read_to_string(&path).unwrap_or_default();
    let text = edit::with_others_of(TEXT, &before).map_err(|error| {
        let why = match error {
            EditError::Shape(why) => why,
            EditError::Unknown => String::new(),
        };
        let mend = format!("mend {}, or remove it: it is written anew", path.display());
        Failure::failed(format!("the demo's sources cannot be read: {why}"), mend)
    })?;
    // A gateway that runs on it would read it again for nothing.
    if text != before {
        file::replace(&path, text.as_bytes(), 0o600).map_err(|error| not_writable(folder, &error))?;
    }
    Ok(path)
}

/// Makes the secrets, and writes the configuration and its board beside them, for gateways that are started on it; answers
/// the configuration's path. `curl` is what the board invites its viewer to try.
pub(super) fn write_config(folder: &Path, curl: impl FnOnce(&str) -> String) -> Result<PathBuf, Failure> {
    keep_secrets(folder).map_err(|error| not_writable(folder, &error))?;
    let path = keep_config(folder)?;
    let write = || {
        let mut invitation = toml::Table::new();
        invitation.insert("source".into(), "donations".into());
        let token = fs::read_to_string(folder.join("secrets/donations"))?;
        invitation.insert("curl".into(), curl(&token).into());
        let invitation = toml::Table::from_iter([("try".to_owned(), invitation.into())]);
        fs::create_dir_all(folder.join("boards"))?;
        let board = format!("{DEMO_TEXT}\n{invitation}");
        // What somebody has made of it is theirs.
        let is_ours = |text: String| text.starts_with(DEMO_TEXT);
        if !fs::read_to_string(folder.join("boards/home.toml")).map_or(true, is_ours) {
            return Ok(());
        }
        open_private(&folder.join("boards/home.toml"), OpenOptions::create)?.write_all(board.as_bytes())
    };
    write().map(|()| path.clone()).map_err(|error| not_writable(folder, &error))
}

fn not_writable(folder: &Path, error: &io::Error) -> Failure {
    Failure::failed(
        format!("cannot prepare {}: {error}", folder.display()),
        "name a folder that can be written with --data",
    )
}

fn keep_secrets(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder.join("secrets"))?;
    secret_names().iter().try_for_each(|name| keep_secret(&folder.join("secrets").join(name), name))
}

/// The files that `demo.toml` names below `secrets/`.
fn secret_names() -> Vec<String> {
    let names = TEXT.split("file = \"secrets/").skip(1);
    names.filter_map(|rest| rest.split('"').next()).map(str::to_owned).collect()
}

/// The text of a secret that `prepare` has made.
pub(super) fn secret_text(folder: &Path, name: &str) -> Result<String, Failure> {
    let path = folder.join("secrets").join(name);
    fs::read_to_string(&path).map_err(|error| {
        Failure::failed(
            format!("cannot read {}: {error}", path.display()),
            "let this user read it, or remove it",
        )
    })
}

fn keep_secret(path: &Path, name: &str) -> io::Result<()> {
    if path.exists() {
        return Ok(());
    }
    let mut random = [0; SECRET_BYTES];
    getrandom::fill(&mut random).map_err(|error| io::Error::other(error.to_string()))?;
    let text = match name {
        // Standard Webhooks keys are base64 behind a prefix.
        "parcels" => format!("whsec_{}", STANDARD.encode(random)),
        _ => hex::encode(random),
    };
    open_private(path, OpenOptions::create_new)?.write_all(text.as_bytes())
}

/// Nobody else on this machine may read it.
fn open_private(path: &Path, create: fn(&mut OpenOptions, bool) -> &mut OpenOptions) -> io::Result<fs::File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    create(OpenOptions::new().write(true).truncate(true).mode(0o600), true).open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_start_finds_what_the_first_one_made() {
        let folder = tempfile::tempdir().unwrap();
        let auth = || prepare(folder.path(), None).unwrap().auth.secrets;
        assert_eq!(auth(), auth());
        assert!(secret_text(folder.path(), "parcels").unwrap().starts_with("whsec_"));
    }
}
