//! What proves a provider's deliveries, in a word or two for people: read from the row as it is written, so that a new scheme
//! needs no line here to be named.

use toml::{Table, Value};

/// The ways of a row, each once, in its order: `HMAC-SHA256`, `token`, `nothing`.
pub(super) fn words(row: &Table) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for method in methods(row) {
        let word = word(method);
        if !words.contains(&word) {
            words.push(word);
        }
    }
    words
}

/// Whether a source of this provider must bring a secret: not where nothing is proven, nor where the row holds the key.
pub(super) fn needs_secret(row: &Table) -> bool {
    methods(row).any(|method| text(method, "scheme") != Some("none") && !method.contains_key("public-key"))
}

fn methods(row: &Table) -> impl Iterator<Item = &Table> {
    let methods = match row.get("verify") {
        Some(Value::Array(all)) => all.as_slice(),
        Some(one) => std::slice::from_ref(one),
        None => &[],
    };
    methods.iter().filter_map(Value::as_table)
}

fn word(method: &Table) -> String {
    let algorithm = text(method, "algorithm");
    let upper = |text: &str| text.to_ascii_uppercase();
    match text(method, "scheme").unwrap_or("hmac") {
        "hmac" => format!("HMAC-{}", upper(algorithm.unwrap_or("sha256"))),
        "digest" => format!("{} with the secret", upper(algorithm.unwrap_or("sha256"))),
        "public-key" => match algorithm.unwrap_or("ed25519") {
            "ed25519" => "Ed25519".into(),
            other => upper(other),
        },
        "jws" => format!("JWS {}", algorithm.unwrap_or_default()).trim_end().to_owned(),
        "none" => "nothing".into(),
        "code" if method.contains_key("hosts") => "a fetched key".into(),
        "code" => "its own way".into(),
        other => other.to_owned(),
    }
}

fn text<'a>(table: &'a Table, key: &str) -> Option<&'a str> {
    table.get(key)?.as_str()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_says_what_proves_it() {
        for (row, expected, secret) in [
            ("verify = {}", "HMAC-SHA256", true),
            (
                "verify = [{ algorithm = 'sha1' }, { algorithm = 'sha1' }, { scheme = 'token' }]",
                "HMAC-SHA1, token",
                true,
            ),
            ("verify = { scheme = 'public-key' }", "Ed25519", true),
            (
                "verify = { scheme = 'public-key', algorithm = 'rsa-sha256', public-key = '…' }",
                "RSA-SHA256",
                false,
            ),
            ("verify = { scheme = 'jws', algorithm = 'HS256' }", "JWS HS256", true),
            ("verify = { scheme = 'none' }", "nothing", false),
            ("title = 'x'", "", false),
        ] {
            let row: Table = row.parse().unwrap();
            assert_eq!(words(&row).join(", "), expected, "{row}");
            assert_eq!(needs_secret(&row), secret, "{row}");
        }
    }
}
