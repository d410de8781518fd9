//! Puts the built dashboard into the binary.

use std::path::Path;

fn main() {
    assert!(
        Path::new("assets/index.html").exists(),
        "the built dashboard is missing: run `npm ci && npm run build` in dashboard/, which writes gateway/assets/"
    );
    memory_serve::load_directory("./assets");
}
