//! Hears of boards that somebody edits by hand: looks at the folder's files, as the configuration's are looked at, and tells of
//! those whose text has changed. What is saved through us was told when it was saved.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::Boards;
use super::folder::Look;

/// Between two looks. Files count as changed when two looks in a row find the same change: nobody is still writing.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Until told to stop.
pub async fn run(boards: Arc<Boards>, stop: CancellationToken) {
    let Some(folder) = &boards.folder else { return };
    let mut seen: Option<Vec<Look>> = None;
    let mut read: Option<Vec<Look>> = None;
    loop {
        let looks = folder.look().await;
        let is_settled = looks == seen;
        let is_first = read.is_none();
        if looks.is_some() && looks != read && (is_settled || is_first) {
            match folder.all().await {
                // Whoever opens a page now reads them as they are.
                Ok(files) if is_first => {
                    let files = files.iter().map(|(name, text)| (name.clone(), super::revision_of(text)));
                    boards.lock().extend(files);
                }
                Ok(files) => boards.compare(&files).await,
                Err(_) => {}
            }
            read.clone_from(&looks);
        }
        seen = looks;
        if stop.run_until_cancelled(sleep(LOOK_EVERY)).await.is_none() {
            return;
        }
    }
}
