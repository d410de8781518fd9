//! Sources, providers, streams and the broker in a configuration: what ingest and broker say of them, with its place.

use hookcast::broker::connect::BrokerUrl;

use super::{assert_golden, load, report};

/// What the documentation shows, with what it leaves as a comment.
const DOCUMENTED: &str = r#"
[server]
listen = "127.0.0.1:8080"
public_url = "https://live.example.com"
proxies = ["10.0.0.0/8"]
origins = ["https://app.example.com"]
drain = "30s"

[broker]
url = "file:./data"

[auth]
secrets = [{ env = "HOOKCAST_AUTH_SECRET" }]
audience = "hookcast"
anonymous = ["status/**"]

[[source]]
name = "github"
provider = "github"
secrets = [{ env = "GITHUB_WEBHOOK_SECRET" }]
topic = "github/{repository.owner.login}/{repository.name}/{type}"
keep = ["/action", "/ref", "/repository/full_name", "/sender/login"]

[[source]]
name = "donations"
provider = "token"
header = "x-donation-token"
secrets = ["…"]
type = "{event}"
accept = [{ type = "donation.success" }]
expect = "10m"

[stream.github]
events = 10000
bytes = "64MiB"
age = "7d"
"#;

#[test]
fn the_documented_file_reads_as_documented() {
    let variables = [("HOOKCAST_AUTH_SECRET", &"s".repeat(32)[..]), ("GITHUB_WEBHOOK_SECRET", "s")];
    let config = load(DOCUMENTED, &variables).unwrap_or_else(|report| panic!("{report}"));
    let names: Vec<_> =
        config.sources.iter().map(|source| (source.name(), source.stream().as_str())).collect();
    assert_eq!(names, [("github", "github"), ("donations", "donations")]);
    assert_eq!(config.broker, BrokerUrl::File("/folder/data".into()));
    assert_eq!(config.retentions.0.len(), 1);
}

#[test]
fn a_source_is_changed_by_a_variable_that_names_it() {
    let text = "[[source]]\nname = \"my-hub\"\nprovider = \"github\"\n";
    assert!(load(text, &[("HOOKCAST_SOURCE__MY_HUB__SECRETS", "[\"s\"]")]).is_ok());
    assert_golden("variables", &report(text, &[("HOOKCAST_SOURCE__ANOTHER__SECRETS", "[\"s\"]")]));
}

#[test]
fn all_mistakes_of_sources_are_told_at_once() {
    let found = report(
        r#"[broker]
url = "redis://user:hunter2@host:port"

[[source]]
name = "github"
provider = "githb"
secret = "hunter2"

[[source]]
name = "github"
provider = "stripe"
topic = "hookcast/{type}"

[[source]]
provider = "token"
secrets = [""]
acept = [{ type = "x" }]

[source.verify]
algorithm = "sha0"

[provider.mine.verify]
signature = { header = "X-Mine", stripp = "v1=" }

[stream.nowhere]
age = "long"
"#,
        &[],
    );
    assert!(!found.contains("hunter2"), "{found}");
    assert_golden("sources", &found);
}

#[test]
fn a_stream_that_no_source_has_is_told_with_those_there_are() {
    let text = "[[source]]\nname = \"a\"\nprovider = \"none\"\n[stream.b]\nevents = 1\n";
    let found = report(text, &[]);
    assert!(found.contains("no source has the stream `b`") && found.contains("streams are a"), "{found}");
}

/// What is weak is said where it stands, and the source is taken all the same: some vendors give such secrets.
#[test]
fn what_is_weak_in_a_source_is_warned_of_and_taken() {
    let text = r#"[[source]]
name = "code"
provider = "github"
secrets = ["abc", "0123456789abcdef"]

[[source]]
name = "pay"
provider = "stripe"
secrets = [{ env = "PAY" }]

[[source]]
name = "hooks"
provider = "standard-webhooks"
secrets = "whsec_YWJj"

[[source]]
name = "door"
provider = "token"
secrets = ["0123456789abcdef"]
verify.signature = [{ header = "X-Token" }, { query = "token" }]

[[source]]
name = "mine"
provider = "mine"
secrets = ["0123456789abcdef"]

[[provider.mine.verify]]
signature = { header = "X-Signature" }
[[provider.mine.verify]]
scheme = "token"
signature = { header = "X-Token" }
"#;
    let config = load(text, &[("PAY", "whsec_hunter2")]).unwrap_or_else(|report| panic!("{report}"));
    assert_eq!(config.sources.len(), 5);
    let advice = config.advice.unwrap().to_string();
    assert!(!advice.contains("abc\"") && !advice.contains("hunter2") && !advice.contains("YWJj"), "{advice}");
    assert_golden("advice", &advice);
    let calm = "[[source]]\nname = \"a\"\nprovider = \"github\"\nsecrets = [\"0123456789abcdef\"]\n";
    assert!(load(calm, &[]).unwrap().advice.is_none());
}

/// A second token beside the secrets reads as if both were asked for.
#[test]
fn a_token_beside_the_secrets_is_told_that_one_is_enough() {
    for name in ["token", "secret"] {
        let text = format!(
            "[[source]]\nname = \"a\"\nprovider = \"token\"\nsecrets = [\"0123456789abcdef\"]\n{name} = \"hunter2\"\n"
        );
        let found = report(&text, &[]);
        assert!(found.contains("hookcast.toml:5:1") && found.contains("one that fits is enough"), "{found}");
        assert!(!found.contains("hunter2"), "{found}");
    }
    let alone = report("[[source]]\nname = \"a\"\nprovider = \"token\"\ntoken = \"hunter2\"\n", &[]);
    assert!(alone.contains("write `secrets`"), "{alone}");
}
