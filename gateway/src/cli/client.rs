//! The gateway as our own client reaches it: base URL, HTTP client, TLS.

use reqwest::Url;

use super::failure::Failure;
use crate::outbound;

/// Where a gateway listens unless told otherwise.
pub(super) const DEFAULT_URL: &str = "http://127.0.0.1:8080";

/// A client that keeps its connections.
pub(super) fn http() -> Result<reqwest::Client, Failure> {
    outbound::client().map_err(|error| {
        Failure::failed(format!("cannot prepare TLS: {error}"), "install the package ca-certificates")
    })
}

/// A base URL as clap takes it, without the slash at its end.
pub(super) fn parse_url(text: &str) -> Result<Url, String> {
    let with_scheme = if text.contains("://") { text.to_owned() } else { format!("http://{text}") };
    let url = Url::parse(&with_scheme).map_err(|error| format!("{error}: write it as {DEFAULT_URL}"))?;
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
        return Err(format!("expected http or https: write it as {DEFAULT_URL}"));
    }
    Ok(url)
}

/// A path below a base URL that may have a path of its own.
pub(super) fn below(base: &Url, path: &str) -> Url {
    let mut url = base.clone();
    url.set_path(&format!("{}{path}", base.path().trim_end_matches('/')));
    url
}

/// The failure of a request that got no answer.
pub(super) fn unreachable(url: &Url, error: &reqwest::Error) -> Failure {
    let mut cause: &dyn std::error::Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    let reason = if error.is_timeout() { "no answer in time".to_owned() } else { cause.to_string() };
    Failure::unreachable(
        format!("cannot reach {}: {reason}", url.origin().ascii_serialization()),
        "start it with `hookcast serve`, or name it with --to or --url",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_keeps_its_own_path() {
        let base = parse_url("https://example.com/live/").unwrap();
        assert_eq!(below(&base, "/readyz").as_str(), "https://example.com/live/readyz");
        assert_eq!(below(&parse_url("127.0.0.1:80").unwrap(), "/ws").as_str(), "http://127.0.0.1/ws");
        assert!(parse_url("ftp://x").is_err() && parse_url("http://").is_err());
    }
}
