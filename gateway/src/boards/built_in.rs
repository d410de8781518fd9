//! The boards that come with the binary: a row for each file of dashboard/boards. Each is also an example to learn from.

/// Name and text.
pub const BOARDS: &[(&str, &str)] = &[
    (DEMO, DEMO_TEXT),
    ("conference", include_str!("../../../dashboard/boards/conference.toml")),
    ("engineering", include_str!("../../../dashboard/boards/engineering.toml")),
    ("leaderboard", include_str!("../../../dashboard/boards/leaderboard.toml")),
    ("parcels", include_str!("../../../dashboard/boards/parcels.toml")),
    ("sensors", include_str!("../../../dashboard/boards/sensors.toml")),
    ("shop", include_str!("../../../dashboard/boards/shop.toml")),
    ("stream", include_str!("../../../dashboard/boards/stream.toml")),
];

/// The board of the demo's stories.
pub const DEMO: &str = "demo";
pub const DEMO_TEXT: &str = include_str!("../../../dashboard/boards/demo.toml");

pub fn text_of(name: &str) -> Option<&'static str> {
    BOARDS.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::boards::convert::to_json;
    use crate::boards::{TEXT_BYTES_MAX, is_name};

    #[test]
    fn every_file_of_the_folder_has_its_row_and_no_row_is_without_a_file() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../dashboard/boards");
        let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let mut files: Vec<_> = files
            .filter(|path| path.extension().is_some_and(|it| it == "toml"))
            .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
            .collect();
        files.sort();
        let mut rows: Vec<_> = BOARDS.iter().map(|(name, _)| (*name).to_owned()).collect();
        rows.sort();
        assert_eq!(rows, files, "write a row in BOARDS for each file of dashboard/boards");
    }

    #[test]
    fn every_built_in_board_has_a_title_and_widgets() {
        for (name, text) in BOARDS {
            let board = to_json(text).unwrap_or_else(|why| panic!("{name}: {why}"));
            assert!(board["title"].is_string() && board["widget"][0]["type"].is_string(), "{name}");
            assert!(is_name(name) && text.len() <= TEXT_BYTES_MAX, "{name}");
        }
    }
}
