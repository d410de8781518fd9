//! What this process asks of others over HTTP: one client, one cryptography, and answers that have a bound.

use std::time::Duration;

use reqwest::header::CACHE_CONTROL;
use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder, StatusCode};

/// To a connection; whoever takes longer is not reachable.
const CONNECT_DEADLINE: Duration = Duration::from_secs(10);
/// To the whole answer: more than the longest that a gateway lets a delivery wait.
const ANSWER_DEADLINE: Duration = Duration::from_secs(30);

/// The HTTP client of this process: TLS by rustls with ring, no redirects, deadlines.
///
/// # Errors
/// When the system's certificates cannot be read.
pub fn client() -> Result<Client, reqwest::Error> {
    install_tls();
    Client::builder()
        .connect_timeout(CONNECT_DEADLINE)
        .timeout(ANSWER_DEADLINE)
        .redirect(Policy::none())
        .user_agent(concat!("hookcast/", env!("CARGO_PKG_VERSION")))
        .build()
}

/// The one cryptography of this process's own TLS connections.
pub fn install_tls() {
    // An error says that it is there already.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// A whole answer of 200.
#[derive(Debug)]
pub struct Whole {
    pub bytes: Vec<u8>,
    /// How long it may be kept, if it says so.
    pub max_age: Option<Duration>,
}

/// Asks, and reads the answer to its end.
///
/// # Errors
/// Why there is none, for the log: it is no 200 (a redirect is none either, since only the host that was asked is believed), it
/// has more than `bytes_max` bytes, or it does not come.
pub async fn whole(asking: RequestBuilder, bytes_max: usize) -> Result<Whole, String> {
    let mut response = asking.send().await.map_err(|error| told(&error))?;
    if response.status() != StatusCode::OK {
        return Err(format!("the answer is {}", response.status()));
    }
    let max_age = response.headers().get(CACHE_CONTROL).and_then(|value| max_age(value.to_str().ok()?));
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| told(&error))? {
        if bytes.len() + chunk.len() > bytes_max {
            return Err(format!("the answer has more than {bytes_max} bytes"));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(Whole { bytes, max_age })
}

/// The innermost cause, which says more than "error sending request"; a URL may hold a token of SNS, so it is left out.
pub fn told(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    if std::error::Error::source(error).is_some() {
        cause.to_string()
    } else {
        "it could not be reached".into()
    }
}

/// `max-age` of `Cache-Control`; whatever forbids keeping counts as none at all.
fn max_age(value: &str) -> Option<Duration> {
    let mut directives = value.split(',').map(str::trim);
    let seconds = directives.find_map(|it| it.to_ascii_lowercase().strip_prefix("max-age=")?.parse().ok());
    seconds.map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_says_how_long_it_is_good() {
        assert_eq!(max_age("public, max-age=21234, must-revalidate"), Some(Duration::from_secs(21_234)));
        assert_eq!(max_age("no-store"), None);
    }
}
