//! Secrets as they are configured: a string, a variable of the environment, or a file.

use std::path::Path;

use toml::Value;

use super::environment::Environment;
use crate::mistake::Mistake;
use crate::secret::Secret;

/// What an HS256 key needs, so that guessing it is no easier than breaking the hash (RFC 7518 §3.2).
const SIGNING_BYTES_MIN: usize = 32;

/// Largest file that is taken for a secret.
const FILE_BYTES_MAX: u64 = 64 * 1024;

pub(super) fn secret(value: &Value, folder: &Path, environment: &Environment) -> Result<Secret, Mistake> {
    let mend = "write a string, { env = \"X\" } or { file = \"/run/secrets/x\" }";
    let bytes = match value {
        Value::String(text) => text.clone().into_bytes(),
        Value::Table(table) => match (table.len(), table.get("env"), table.get("file")) {
            (1, Some(Value::String(name)), None) => {
                variable(name, environment).map_err(|mistake| mistake.under("env"))?
            }
            // What a label can stand beside.
            (1, None, None) if table.get("value").is_some_and(Value::is_str) => {
                table.get("value").and_then(Value::as_str).unwrap_or_default().as_bytes().to_vec()
            }
            (1, None, Some(Value::String(path))) => {
                file(&folder.join(path)).map_err(|mistake| mistake.under("file"))?
            }
            _ => return Err(Mistake::new("this table is no secret", mend)),
        },
        _ => return Err(Mistake::new("this is no secret", mend)),
    };
    if bytes.is_empty() {
        return Err(Mistake::new(
            "the secret is empty: anybody could sign with it",
            "write the provider's secret",
        ));
    }
    Ok(Secret::new(bytes))
}

/// A secret that signs tokens.
pub(super) fn signing_secret(
    value: &Value,
    folder: &Path,
    environment: &Environment,
) -> Result<Secret, Mistake> {
    let secret = secret(value, folder, environment)?;
    let bytes = secret.expose().len();
    if bytes < SIGNING_BYTES_MIN {
        let message =
            format!("a key of HS256 has at least {SIGNING_BYTES_MIN} bytes, but this one has {bytes}");
        return Err(Mistake::new(message, "make one with `openssl rand -hex 32`"));
    }
    Ok(secret)
}

fn variable(name: &str, environment: &Environment) -> Result<Vec<u8>, Mistake> {
    environment.get(name).map(|text| text.as_bytes().to_vec()).ok_or_else(|| {
        Mistake::new(format!("the variable {name} is not set, or empty"), format!("set it: export {name}=…"))
    })
}

/// The file without the line end that an editor leaves.
fn file(path: &Path) -> Result<Vec<u8>, Mistake> {
    let fail = |why: String| {
        Mistake::new(format!("cannot read {}: {why}", path.display()), "name a file that can be read")
    };
    let bytes_in_file = std::fs::metadata(path).map_err(|error| fail(error.to_string()))?.len();
    if bytes_in_file > FILE_BYTES_MAX {
        return Err(fail(format!(
            "a secret has at most {FILE_BYTES_MAX} bytes, but this file has {bytes_in_file}"
        )));
    }
    let mut bytes = std::fs::read(path).map_err(|error| fail(error.to_string()))?;
    while matches!(bytes.last(), Some(b'\n' | b'\r')) {
        bytes.pop();
    }
    Ok(bytes)
}
