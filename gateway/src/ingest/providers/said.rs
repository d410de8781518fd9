//! What people are told of a provider: its facts, what to do there step by step, and a source of it to be pasted. The command
//! line and the screens say the same.

use serde_json::{Value, json};

use super::Provider;
use super::secret::Chooser;
use crate::ingest::handshake::Handshake;
use crate::ingest::origin::Confidence;

impl Provider {
    /// All that is known of it.
    pub fn said(&self) -> Value {
        let row = &self.row;
        json!({
            "name": self.slug,
            "title": row.title,
            "field": self.field,
            "proof": self.proofs(),
            "docs": row.docs,
            "paste": row.paste,
            "secret": row.secret,
            "events": row.events,
            "retries": row.retries,
            "traps": row.traps,
            "header": row.detect,
            "source": row.origin.source,
            "checked": row.origin.checked,
            "confidence": self.confidence(),
            "unsure": row.origin.unsure,
            "config": self.snippet(),
        })
    }

    /// What a list of all needs.
    pub fn said_in_short(&self) -> Value {
        json!({
            "name": self.slug,
            "title": self.row.title,
            "family": self.field,
            "confidence": self.confidence(),
            "proof": self.proofs(),
            "needs_secret": self.needs_secret() && !self.captures(),
            "secret_by": match self.chooser() {
                Chooser::Operator => "operator",
                Chooser::Vendor => "vendor",
                Chooser::Nobody => "nobody",
            },
            "captures": self.captures(),
            "needs_verify_token": self.needs_verify_token(),
            "needs_public_url": self.row.methods.iter().all(super::super::method::MethodRule::needs_url),
        })
    }

    /// What to do at the vendor, in its words and in turn.
    pub fn steps(&self) -> Value {
        let row = &self.row;
        let steps = [
            ("url", "Paste the URL", &row.paste),
            ("secret", "Secret", &row.secret),
            ("events", "Events", &row.events),
        ];
        let said = steps.into_iter().filter(|(_, _, text)| !text.is_empty());
        said.map(|(what, title, text)| json!({ "what": what, "title": title, "text": text })).collect()
    }

    pub fn confidence(&self) -> Option<&'static str> {
        self.row.origin.confidence.map(Confidence::word)
    }

    /// Whether it sends its secret itself, when a webhook is registered.
    pub fn captures(&self) -> bool {
        self.row.handshakes.iter().any(Handshake::captures)
    }

    pub fn needs_verify_token(&self) -> bool {
        self.row.handshakes.iter().any(Handshake::needs_verify_token)
    }

    /// A source of this provider, ready to be pasted into the configuration.
    pub fn snippet(&self) -> String {
        let slug = &self.slug;
        let environment = slug.to_uppercase().replace('-', "_");
        let mut lines =
            vec!["[[source]]".to_owned(), format!("name = \"{slug}\""), format!("provider = \"{slug}\"")];
        if self.captures() {
            lines.push(
                "capture = true   # until the vendor has sent its secret; then write it to secrets"
                    .to_owned(),
            );
        } else if self.needs_secret() {
            lines.push(format!("secrets = [{{ env = \"{environment}_SECRET\" }}]"));
        }
        if self.needs_verify_token() {
            lines.push(format!("verify_token = {{ env = \"{environment}_VERIFY_TOKEN\" }}"));
        }
        lines.join("\n")
    }
}
