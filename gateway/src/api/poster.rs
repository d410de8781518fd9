//! Posts signed deliveries over HTTP, as a provider does: for the test button, `hookcast send` and the demo.

use std::time::{Duration, Instant};

use bytes::Bytes;
use reqwest::header::{CONTENT_TYPE, HeaderMap};
use reqwest::{Method, Url};

use crate::ingest::answer::DELIVERY_ID;
use crate::ingest::sign::SignedRequest;

/// Of an answer; a gateway says far less.
const ANSWER_BYTES_MAX: usize = 64 * 1024;

/// A client that keeps its connections; clones share them.
#[derive(Debug, Clone)]
pub struct Poster {
    client: reqwest::Client,
}

/// What the other side said.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub content_type: String,
    /// The id that a gateway keeps the delivery under, where it told of it.
    pub delivery: Option<String>,
    pub body: String,
    pub took: Duration,
}

impl Answer {
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The answer in one word: an outcome, a refusal's code, or nothing that we know.
    pub fn word(&self) -> Option<String> {
        let body: serde_json::Value = serde_json::from_str(&self.body).ok()?;
        ["outcome", "code"].iter().find_map(|key| body[key].as_str()).map(str::to_owned)
    }
}

impl Poster {
    pub fn new(client: reqwest::Client) -> Self {
        Self { client }
    }

    /// # Errors
    /// When no answer came. A refusal is an answer.
    pub async fn post(&self, hook: &Url, request: &SignedRequest) -> Result<Answer, reqwest::Error> {
        let mut url = hook.clone();
        if let Some(query) = &request.query {
            url.set_query(Some(query));
        }
        let mut sending = self.client.post(url).body(request.body.clone());
        for (name, value) in &request.headers {
            sending = sending.header(name, value);
        }
        Self::answer(sending).await
    }

    /// Sends a request as it is.
    ///
    /// # Errors
    /// When no answer came. A refusal is an answer.
    pub async fn repeat(
        &self,
        url: Url,
        method: Method,
        headers: HeaderMap,
        body: Bytes,
    ) -> Result<Answer, reqwest::Error> {
        Self::answer(self.client.request(method, url).headers(headers).body(body)).await
    }

    async fn answer(sending: reqwest::RequestBuilder) -> Result<Answer, reqwest::Error> {
        let started = Instant::now();
        let mut response = sending.send().await?;
        let status = response.status().as_u16();
        let header = |name| Some(response.headers().get(name)?.to_str().ok()?.to_owned());
        let content_type = header(CONTENT_TYPE).unwrap_or_default();
        let delivery = header(DELIVERY_ID);
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await? {
            let room = ANSWER_BYTES_MAX - body.len();
            body.extend_from_slice(&chunk[..chunk.len().min(room)]);
            if chunk.len() >= room {
                break;
            }
        }
        let body = String::from_utf8_lossy(&body).into_owned();
        Ok(Answer { status, content_type, delivery, body, took: started.elapsed() })
    }
}

/// An id that no delivery had before, in the form that many providers give theirs.
pub fn fresh_id() -> String {
    let mut bytes = [0; 16];
    // Without the system's random numbers no TLS and no secret would work either.
    getrandom::fill(&mut bytes).expect("the system gives random numbers");
    let text = hex::encode(bytes);
    format!("{}-{}-{}-{}-{}", &text[..8], &text[8..12], &text[12..16], &text[16..20], &text[20..])
}
