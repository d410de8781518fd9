//! A file written whole or not at all: under another name beside it, then renamed. A crash, a full disk or a reader in between
//! finds the old one or the new one, never a part.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

/// Puts these bytes in the place of the file, through links; a new one gets this mode, one that is there keeps its own, and its
/// owner as far as we may give it. May wait for the file system.
///
/// # Errors
/// When it cannot be written; then nothing has changed.
pub fn replace(path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
    let path = match fs::canonicalize(path) {
        Ok(target) => target,
        Err(error) if error.kind() == io::ErrorKind::NotFound => path.to_owned(),
        Err(error) => return Err(error),
    };
    let before = fs::metadata(&path).ok();
    let mode = before.as_ref().map_or(mode, |it| it.permissions().mode() & 0o777);
    let next = beside(&path)?;
    let written = write(&next, bytes, mode, before.as_ref()).and_then(|()| fs::rename(&next, &path));
    if let Err(error) = written {
        let _ = fs::remove_file(&next);
        return Err(error);
    }
    // Else a power cut could bring the old name back.
    path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
}

fn write(next: &Path, bytes: &[u8], mode: u32, before: Option<&fs::Metadata>) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(next)?;
    // What the umask took away was there before.
    file.set_permissions(fs::Permissions::from_mode(mode))?;
    if let Some(before) = before {
        // Who is not root may not, and need not: then the file was its own.
        let _ = std::os::unix::fs::fchown(&file, Some(before.uid()), Some(before.gid()));
    }
    file.write_all(bytes)?;
    file.sync_all()
}

/// A name that nobody has, in the same folder: a rename does not leave its file system. The dot keeps it out of listings.
fn beside(path: &Path) -> io::Result<PathBuf> {
    let name = path.file_name().ok_or_else(|| io::Error::other("the path names no file"))?;
    let random: String = std::iter::repeat_with(|| fastrand::digit(36)).take(8).collect();
    Ok(path.with_file_name(format!(".{}.{random}.new", name.to_string_lossy())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_keeps_its_mode_and_its_link_and_a_failure_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let mode = |name: &str| fs::metadata(path(name)).unwrap().permissions().mode() & 0o777;
        replace(&path("new"), b"one", 0o600).unwrap();
        assert_eq!((fs::read(path("new")).unwrap(), mode("new")), (b"one".to_vec(), 0o600));
        fs::set_permissions(path("new"), fs::Permissions::from_mode(0o640)).unwrap();
        std::os::unix::fs::symlink("new", path("link")).unwrap();
        replace(&path("link"), b"two", 0o600).unwrap();
        assert_eq!((fs::read(path("new")).unwrap(), mode("new")), (b"two".to_vec(), 0o640));
        assert!(fs::symlink_metadata(path("link")).unwrap().is_symlink());

        fs::create_dir(path("taken")).unwrap();
        assert!(replace(&path("taken"), b"three", 0o600).is_err());
        assert!(replace(&path("new/below"), b"three", 0o600).is_err());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3);
    }
}
