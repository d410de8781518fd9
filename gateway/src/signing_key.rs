//! The key that signs tokens where the operator configured none: made once, kept beside the store, so that an open page
//! survives a restart.

use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use crate::secret::Secret;

const FILE: &str = "auth.key";
const KEY_BYTES: usize = 32;

/// A key that lives as long as the process.
pub fn fresh() -> Secret {
    let mut key = [0; KEY_BYTES];
    getrandom::fill(&mut key).expect("the operating system gives random bytes, or nothing here is safe");
    Secret::new(key)
}

/// The key of this folder; made when there is none, readable by the owner alone.
///
/// # Errors
/// When the folder cannot be read or written, or the file holds no key.
pub fn load_or_make(folder: &Path) -> io::Result<Secret> {
    let path = folder.join(FILE);
    match std::fs::read(&path) {
        Ok(bytes) if bytes.len() == KEY_BYTES => Ok(Secret::new(bytes)),
        Ok(_) => Err(io::Error::other(format!("{} is not {KEY_BYTES} bytes; remove it", path.display()))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let key = fresh();
            let mut file =
                std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
            file.write_all(key.expose())?;
            file.sync_all()?;
            Ok(key)
        }
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn a_key_is_made_once_and_for_the_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let key = load_or_make(folder.path()).unwrap();
        assert_eq!(key.expose().len(), KEY_BYTES);
        assert!(load_or_make(folder.path()).unwrap() == key);
        let mode = std::fs::metadata(folder.path().join(FILE)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        std::fs::write(folder.path().join(FILE), b"short").unwrap();
        assert!(load_or_make(folder.path()).is_err());
    }
}
