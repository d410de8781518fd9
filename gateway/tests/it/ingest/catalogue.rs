//! Every row of the catalogue, walked: what it signs it takes, under the type and the id that its sample says.

use std::time::SystemTime;

use hookcast::ingest::method::Scheme;
use hookcast::ingest::providers::{Catalogue, Provider};
use hookcast::ingest::publish;
use hookcast::ingest::sign::{Sample, SignedRequest, sign_for};
use hookcast::ingest::source::Source;
use hookcast::ingest::template::{Part, Template};
use hookcast::ingest::verify::{Reason, Refusal, Verified};
use hookcast::ingest::wrong::spoil;
use hookcast::secret::Secret;

use super::support::*;

/// Where the gateway is reached, for rows that sign the URL.
const PUBLIC_URL: &str = "https://live.example.com";

/// What `sign` makes from a row, `verify` takes by the same row: `send` and the demo stand on it. Told for all rows at once.
#[test]
fn every_row_signs_what_it_verifies() {
    let catalogue = Catalogue::built_in();
    let wrong: Vec<String> = catalogue.iter().filter_map(|provider| signs(provider).err()).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

fn verified(source: &Source, signed: &SignedRequest, now: SystemTime) -> Result<Verified, Refusal> {
    let headers: Vec<(&str, &str)> =
        signed.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let mut delivery = delivery(source, &headers, signed.body.clone(), now);
    if let Some(query) = &signed.query {
        delivery.uri = format!("/hooks/s?{query}").parse().unwrap();
    }
    source.verify(delivery, Some(PUBLIC_URL))
}

fn signs(provider: &Provider) -> Result<(), String> {
    let slug = &provider.slug;
    // Nobody but the vendor signs; `fetched` tries these.
    if provider.row.methods[0].scheme == Scheme::Fetched {
        return Ok(());
    }
    let source = of_row(provider);
    let sample = &source.row().sample;
    let what = Sample { event_type: sample.event_type.clone(), body: sample.body.clone().into() };
    let now = SystemTime::now();
    let signed = sign_for(&source, &what, Some(PUBLIC_URL), now, "id-1")
        .map_err(|error| format!("{slug}: {error}"))?;
    let genuine = verified(&source, &signed, now).map_err(|refusal| format!("{slug}: {refusal}"))?;
    let batch = publish::events(&source, &genuine, 1_000).map_err(|error| format!("{slug}: {error:?}"))?;
    let record = record(&batch);
    if record["type"] != sample.event_type.as_str() {
        return Err(format!("{slug}: type {}, but the sample's is {}", record["type"], sample.event_type));
    }
    // Where the row reads an id that stands alone in a header, or where the sample has one, each sending has its own.
    let ids = source.row().delivery.ids.iter().filter(|id| id.parts().count() == 1);
    let is_named = ids.flat_map(Template::parts).any(|part| match part {
        Part::Header(_) => true,
        _ => signed.body.windows(4).any(|run| run == b"id-1"),
    });
    if is_named && record["id"] != "id-1" {
        return Err(format!("{slug}: the id is {}", record["id"]));
    }
    // The test button's wrong secret: refused by every row that proves anything, also where it proves one member of the body.
    let mut spoilt = signed;
    let proves = source.row().methods[0].scheme != Scheme::None;
    if spoil(&source, &mut spoilt, Some(PUBLIC_URL), now) != proves {
        return Err(format!("{slug}: nothing that can be changed is proven"));
    }
    match verified(&source, &spoilt, now) {
        Ok(_) if proves => Err(format!("{slug}: takes {spoilt:?}")),
        _ => Ok(()),
    }
}

/// What docs/providers.md shows: ten lines of TOML, and the delivery that they take. Its signature is not ours:
/// `hmac.new(b"golden secret", b"1900000000." + body, sha256)` of Python.
#[test]
fn the_provider_that_the_documentation_writes_takes_its_delivery() {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/providers.md");
    let page = std::fs::read_to_string(page).unwrap();
    let block = |fence: &str| page.split(fence).nth(1).unwrap().split("```").next().unwrap().trim();
    let config: toml::Table = block("```toml\n").parse().unwrap();
    let request = page.split("```\n").find(|block| block.starts_with("POST ")).unwrap();
    let (head, body) = request.trim().split_once("\n\n").unwrap();
    let headers: Vec<(&str, &str)> = head.lines().skip(1).filter_map(|line| line.split_once(": ")).collect();

    let rows = config["provider"].as_table().unwrap();
    let catalogue = Catalogue::built_in().with_user_rows(rows).unwrap();
    let secret = |value: &toml::Value| {
        assert_eq!(value["env"].as_str(), Some("ACME_SECRET"));
        Ok(Secret::new("golden secret"))
    };
    let source = Source::parse(config["source"][0].as_table().unwrap(), &secret, &catalogue).unwrap();
    let batch = published(&source, &headers, body.to_owned(), at(1_900_000_000));
    assert_eq!(record(&batch)["id"], "evt_51");
    assert_eq!(record(&batch)["type"], "order.paid");
    assert_eq!(topic(&batch), "acme/order.paid");
    let changed = body.replace("1042", "1043");
    assert_eq!(refused(&source, &headers, changed, at(1_900_000_000)), Reason::Mismatch);
    assert_eq!(refused(&source, &headers, body.to_owned(), at(1_900_000_301)), Reason::Stale);
}

/// Grafana's code and its pages spell the default header differently; a signature counts under either, and still covers the body.
#[test]
fn grafana_is_taken_under_both_of_its_headers() {
    let source = plain("grafana", "golden secret");
    // `hmac.new(b"golden secret", body, sha256)` of Python.
    let signature = "12baa69fd61e8ae37ee2faf747d251185b100ab520435b51e75116fb45fa4437";
    let body = r#"{"status":"firing","alerts":[]}"#;
    for header in ["x-grafana-alerting-signature", "x-grafana-alert-signature"] {
        assert_eq!(record(&published(&source, &[(header, signature)], body, at(0)))["type"], "firing");
        refused(&source, &[(header, signature)], r#"{"status":"resolved","alerts":[]}"#, at(0));
    }
}

/// A token in the body proves the sender, and would let every viewer be one: it is never published, and what is private is not
/// either, whatever the source keeps.
#[test]
fn tokens_and_what_is_private_are_not_published() {
    let rows = "[p.verify]\nscheme = 'token'\nsignature = { json = 'token' }\n[p.delivery]\nprivate = { unless = { json = 'is_public', equals = true }, hide = ['/message'] }";
    let source = of_rows(
        rows,
        "name = 's'\nprovider = 'p'\nsecrets = ['t0p']\nkeep = ['/token', '/message', '/amount']",
    );
    for (is_public, message) in [("true", r#""hello""#), ("false", "null")] {
        let body = format!(r#"{{"token":"t0p","is_public":{is_public},"message":"hello","amount":3}}"#);
        let data = record(&published(&source, &[], body, at(0)))["data"].to_string();
        assert_eq!(data, format!(r#"{{"amount":3,"message":{message},"token":null}}"#));
    }
}
