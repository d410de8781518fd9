//! `hookcast providers`: the list, one of it, and the pages that are made from it.

use super::Hookcast;

fn page(path: &str) -> String {
    let path = format!("{}/../{path}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn json(arguments: &[&str]) -> serde_json::Value {
    let ran = Hookcast::new().run(arguments);
    serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("no JSON: {ran:?}"))
}

#[test]
fn the_list_says_what_proves_each_and_how_sure_we_are() {
    let list = Hookcast::new().run(&["providers"]).stdout;
    let all = json(&["providers", "--json"]);
    let count = all.as_array().unwrap().len();
    assert!(count >= 150, "{count}");
    assert!(
        list.trim_end().ends_with(&format!("{count} providers; `hookcast providers NAME` says more of one"))
    );
    let stripe = list.lines().find(|line| line.starts_with("stripe ")).unwrap();
    let words: Vec<&str> = stripe.split_whitespace().collect();
    assert_eq!(words, ["stripe", "Stripe", "HMAC-SHA256", "vendor"]);
    let gitlab = list.lines().find(|line| line.starts_with("gitlab ")).unwrap();
    assert!(gitlab.contains("HMAC-SHA256 or token"), "{gitlab}");
}

#[test]
fn one_says_where_to_click_and_what_of_it_is_from_memory() {
    let text = Hookcast::new().run(&["providers", "meta"]).stdout;
    for expected in [
        "Meta (",
        "  URL      https://YOUR-GATEWAY/hooks/meta",
        "  paste at App dashboard",
        "  secret   The App Secret",
        "  proof    HMAC-SHA256",
        "  trap     ",
        "  docs     https://",
        "  facts    read at the vendor, as of 20",
        "  unsure   ",
        "  secrets = [{ env = \"META_SECRET\" }]",
        "  verify_token = { env = \"META_VERIFY_TOKEN\" }",
    ] {
        assert!(text.contains(expected), "{expected}\n{text}");
    }
    let open = Hookcast::new().run(&["providers", "none"]).stdout;
    assert!(!open.contains("secrets ="), "{open}");
    let github = json(&["providers", "github", "--json"]);
    assert_eq!(github["proof"], serde_json::json!(["HMAC-SHA256"]));
    assert_eq!(github["confidence"], "vendor");
    assert!(github["config"].as_str().unwrap().contains("provider = \"github\""), "{github}");
}

#[test]
fn a_wrong_name_is_answered_with_the_nearest() {
    let ran = Hookcast::new().run(&["providers", "shopfy"]);
    assert_eq!(ran.exit, 64, "{ran:?}");
    assert!(ran.stderr.contains("did you mean shopify?"), "{ran:?}");
}

#[test]
fn a_part_of_a_name_lists_those_that_have_it() {
    let list = Hookcast::new().run(&["providers", "Graph"]).stdout;
    assert!(list.contains("microsoft-graph") && !list.contains("stripe"), "{list}");
    let payments = json(&["providers", "payments", "--json"]);
    assert!(payments.as_array().unwrap().iter().any(|it| it["name"] == "stripe"), "{payments}");
}

#[test]
fn who_sends_its_secret_itself_is_waited_for() {
    let asana = json(&["providers", "asana", "--json"]);
    let config = asana["config"].as_str().unwrap();
    assert!(config.contains("capture = true") && !config.contains("secrets ="), "{config}");
}

/// What was captured is known to the gateway alone: there is no key here, public or private.
#[test]
fn who_signs_with_a_captured_secret_is_told_to_give_it() {
    for provider in ["asana", "notion"] {
        let config = format!("[[source]]\nname = \"work\"\nprovider = \"{provider}\"\ncapture = true\n");
        let ran = Hookcast::with_config(&config).run(&["send", "work"]);
        assert_eq!(ran.stdout, "", "{ran:?}");
        assert!(ran.stderr.contains("captured") && ran.stderr.contains("--secret"), "{ran:?}");
        assert!(!ran.stderr.contains("public key"), "{ran:?}");
    }
}

/// What each snippet says can be pasted: `check` takes it.
#[test]
fn every_snippet_is_a_source() {
    for provider in json(&["providers", "--json"]).as_array().unwrap() {
        let config = provider["config"].as_str().unwrap();
        let table: toml::Table = config.parse().unwrap_or_else(|error| panic!("{config}: {error}"));
        assert_eq!(table["source"][0]["provider"].as_str(), provider["name"].as_str());
    }
}

#[test]
fn the_page_of_the_catalogue_is_up_to_date() {
    let made = Hookcast::new().run(&["providers", "--markdown"]).stdout;
    let kept = page("docs/catalogue.md");
    let missing: Vec<&str> = made.lines().filter(|line| !kept.lines().any(|kept| kept == *line)).collect();
    assert!(made == kept, "docs/catalogue.md is old: run `make catalogue` and commit it\n{missing:#?}");
    let readme = page("README.md");
    let told = readme.split("The catalogue has more than ").nth(1).unwrap();
    let (told, names) = told.split_once(':').unwrap();
    let told: usize = told.parse().unwrap();
    for name in names.split('…').next().unwrap().split(',').map(str::trim) {
        assert!(made.contains(&format!("[{name}")), "README.md names {name}, of which there is no row");
    }
    let count = json(&["providers", "--json"]).as_array().unwrap().len();
    assert!(told < count && readme.contains("docs/catalogue.md"), "README.md: {told}, but there are {count}");
}

/// The ten lines of docs/providers.md are a configuration.
#[test]
fn the_documented_provider_passes_check() {
    let page = page("docs/providers.md");
    let block = page.split("```toml\n").nth(1).unwrap().split("```").next().unwrap();
    assert_eq!(block.lines().count(), 10, "{block}");
    let hookcast = Hookcast::with_config(block);
    let ran = hookcast.command(&["check"]).env("ACME_SECRET", "golden secret").output().unwrap();
    assert!(ran.status.success(), "{ran:?}");
}
