//! docs/rules.md, run: each block of rules becomes a source, and the bodies that follow it are posted there.

use std::path::Path;

use hookcast::ingest::expression::words::{FILTERS, TESTS};

use super::support::*;

/// The page's blocks: what stands behind the opening fence, and the text.
fn blocks(page: &str) -> Vec<(&str, String)> {
    let mut blocks: Vec<(&str, String)> = Vec::new();
    let mut is_inside = false;
    for line in page.lines() {
        match (line.strip_prefix("```"), is_inside) {
            (Some(info), false) => {
                blocks.push((info, String::new()));
                is_inside = true;
            }
            (Some(_), true) => is_inside = false,
            (None, true) => {
                let (_, text) = blocks.last_mut().unwrap();
                text.push_str(line);
                text.push('\n');
            }
            (None, false) => {}
        }
    }
    blocks
}

fn page() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("docs/rules.md");
    std::fs::read_to_string(path).unwrap()
}

#[tokio::test]
async fn every_example_of_the_page_does_what_it_says() {
    let page = page();
    let mut gateway = None;
    let mut count = 0;
    for (info, text) in blocks(&page) {
        if info == "toml" {
            gateway =
                Some(Gateway::start(vec![source(&format!("name = 's'\nprovider = 'none'\n{text}"))]).await);
            continue;
        }
        let gateway = gateway.as_ref().expect("rules stand before bodies");
        match info {
            "json accepted" | "json filtered" => {
                let answer = gateway.post("/hooks/s", &[], text.as_bytes()).await;
                assert_eq!(answer.json()["outcome"], info.trim_start_matches("json "), "{text}");
            }
            "json data" => {
                let log = gateway.log("s").await;
                let record = String::from_utf8(log.last().unwrap().body.to_vec()).unwrap();
                assert!(record.ends_with(&format!("\"data\":{}}}", text.trim())), "{record}\n{text}");
            }
            other => panic!("no test knows what `{other}` is"),
        }
        count += 1;
    }
    assert!(count > 15, "{count}");
}

#[test]
fn the_page_names_every_filter_and_test() {
    let page = page();
    for (head, names) in [("Filters: ", &FILTERS[..]), ("Tests: ", &TESTS[..])] {
        let told = page.split_once(head).unwrap().1.split_once('.').unwrap().0;
        let told: Vec<&str> = told.split(',').map(|name| name.trim().trim_matches('`')).collect();
        assert_eq!(told, names);
    }
}
