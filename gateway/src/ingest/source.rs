//! A configured upstream: one `[[source]]` table, its provider's row with the operator's changes laid over it, and its keys.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use ipnet::IpNet;
use reqwest::Url;
use toml::{Table, Value};

use crate::http::client;
use crate::mistake::Mistake;
use crate::secret::Secret;
use crate::topic::{RESERVED_STREAM, StreamName};

use super::delivery::Delivery;
use super::fetched::claim::{Evidence, Need};
use super::fetched::rule::Vendor;
use super::fetched::sns;
use super::fields::{Fields, unknown_word};
use super::keys::Keys;
use super::label::{self, Label, Labels};
use super::method::{MethodRule, Scheme};
use super::overrides::Overrides;
use super::pointer::{Keep, Pointer};
use super::privacy::{PRIVATE, Private};
use super::providers::{Catalogue, Provider};
use super::route::TopicRule;
use super::row::Row;
use super::rules::Rules;
use super::template::{Grammar, Template};
use super::verify::{Refusal, SECRETS_MAX, Verified, Verifier};

/// Reads a secret: a text, `{ env = "X" }` or `{ file = "…" }`. Only `config` knows the environment.
pub type ReadSecret<'a> = &'a dyn Fn(&Value) -> Result<Secret, Mistake>;

#[derive(Debug, Clone)]
pub struct Source {
    name: String,
    path: String,
    provider: String,
    pub(super) row: Row,
    pub(super) verifier: Verifier,
    pub(super) verify_token: Option<Secret>,
    pub(super) topic: TopicRule,
    /// The operator's own rules; they win over the row's.
    pub(super) id: Option<Template>,
    pub(super) event_type: Option<Template>,
    /// Shared with what becomes of this source when a secret comes: compiled once.
    pub(super) rules: Arc<Rules>,
    pub(super) private: Private,
    pub(super) keep: Option<Keep>,
    expect: Option<Duration>,
    labels: Labels,
    /// Empty: anybody.
    allow: Vec<IpNet>,
    secrets: Vec<Secret>,
    /// Takes the secret of whoever offers one first: on only while the operator registers the webhook.
    is_armed: bool,
    captured: Option<Secret>,
}

impl Source {
    /// Reads a whole `[[source]]` table.
    ///
    /// # Errors
    /// Every mistake at once, each with its path inside the table.
    pub fn parse(
        table: &Table,
        secrets: ReadSecret<'_>,
        catalogue: &Catalogue,
    ) -> Result<Self, Vec<Mistake>> {
        let mut fields = Fields::new(table);
        let name = read_name(&mut fields);
        let provider = read_provider(&mut fields, catalogue);
        let row = read_row(&mut fields, provider);
        let (read_secrets, labels) = label::read(&mut fields, secrets);
        let verify_token =
            fields.each("verify_token", |value| secrets(value).map_err(|mistake| vec![mistake]));
        let topic = read_topic(&mut fields, name);
        let id = fields.parsed("id", |text| Template::parse(text, Grammar::Rule));
        let event_type = fields.parsed("type", |text| Template::parse(text, Grammar::Rule));
        let rules = Rules::parse(&mut fields);
        let private = fields.choice("private", &PRIVATE);
        if let (Some(_), Some(row)) = (private, &row)
            && !row.delivery.privacy.has_private()
        {
            let mend = "take the key away, or write delivery = { private = { unless = {…}, hide = […] } }";
            let what = format!("{} calls no event private that the catalogue knows of", row.title);
            fields.mistake("private", Mistake::new(what, mend));
        }
        let keep = Keep::of(&fields.texts("keep", Pointer::parse));
        let expect = fields.duration("expect");
        let allow = read_allow(&mut fields);
        let is_armed = fields.boolean("capture").unwrap_or(false);
        let wrote_secrets = table.get("secrets").map(|value| value.as_array().map_or(1, Vec::len));
        let verifier = row.as_ref().and_then(|row| {
            check_secrets(&mut fields, row, wrote_secrets, verify_token.is_empty(), is_armed);
            match row.verifier(&read_secrets) {
                Ok(verifier) => Some(verifier),
                Err(mistakes) => {
                    fields.mistakes("secrets", mistakes);
                    None
                }
            }
        });
        let mistakes = fields.finish();
        match (name, provider, row, verifier, topic) {
            (Some(name), Some(provider), Some(row), Some(verifier), Some(topic)) if mistakes.is_empty() => {
                Ok(Self {
                    name: name.to_owned(),
                    path: format!("/hooks/{name}"),
                    provider: provider.slug.clone(),
                    labels: Labels::new(labels, &read_secrets, &row.methods),
                    row,
                    verifier,
                    verify_token: verify_token.into_iter().next(),
                    topic,
                    id,
                    event_type,
                    rules: Arc::new(rules),
                    private: private.unwrap_or_default(),
                    keep: table.contains_key("keep").then_some(keep),
                    expect,
                    allow,
                    secrets: read_secrets,
                    is_armed,
                    captured: None,
                })
            }
            _ => Err(mistakes),
        }
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where its deliveries are posted, below the address that the world sees.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The provider's slug.
    pub fn provider(&self) -> &str {
        &self.provider
    }

    /// Whether no delivery of it can be checked without `[server] public_url`.
    pub fn needs_url(&self) -> bool {
        self.row.methods.iter().all(MethodRule::needs_url)
    }

    pub fn row(&self) -> &Row {
        &self.row
    }

    pub fn stream(&self) -> &StreamName {
        self.topic.stream()
    }

    /// A silence longer than this is reported.
    pub fn expect(&self) -> Option<Duration> {
        self.expect
    }

    /// As they are configured.
    pub(super) fn secrets(&self) -> &[Secret] {
        &self.secrets
    }

    /// What its secrets are called, in their order.
    pub fn labels(&self) -> &[Label] {
        &self.labels.all
    }

    /// The place of the secret that proved a delivery, if it was one.
    pub fn secret_of(&self, verified: &Verified, public_url: Option<&str>) -> Option<usize> {
        self.labels.which(verified, public_url)
    }

    /// Where deliveries may come from; empty: anywhere.
    pub fn allow(&self) -> &[IpNet] {
        &self.allow
    }

    /// Whether deliveries may come from there; asks for the address only where that matters. One whose address nobody knows
    /// comes from nowhere that is listed.
    pub fn allows(&self, address: impl FnOnce() -> Option<IpAddr>) -> bool {
        self.allow.is_empty()
            || address().is_some_and(|address| self.allow.iter().any(|network| network.contains(&address)))
    }

    /// Proves a delivery as of the moment it was received.
    ///
    /// # Errors
    /// A [`Refusal`], for operators; senders hear one 401 whatever the reason.
    pub fn verify(
        &self,
        delivery: impl Into<Box<Delivery>>,
        public_url: Option<&str>,
    ) -> Result<Verified, Refusal> {
        let delivery = delivery.into();
        let now = delivery.received;
        self.verifier.verify(delivery, public_url, now)
    }

    /// The key that must be fetched before this delivery can be verified, if any.
    ///
    /// # Errors
    /// A [`Refusal`] of what is not worth fetching a key for.
    pub fn need(&self, delivery: &Delivery, public_url: Option<&str>) -> Result<Option<Need>, Refusal> {
        let now = delivery.received;
        for method in self.verifier.methods() {
            if let (Some(rule), Keys::Fetched(configured)) = (&method.rule.fetched, &method.keys) {
                let evidence = Evidence { delivery, configured, public_url, now };
                return rule.need(&evidence).map(Some).map_err(Refusal::from);
            }
        }
        Ok(None)
    }

    /// Where a verified delivery asks that its subscription be confirmed, if it does.
    pub fn confirmation(&self, verified: &Verified) -> Option<Url> {
        let rules = self.verifier.methods().iter().filter_map(|method| method.rule.fetched.as_ref());
        rules
            .filter(|rule| rule.vendor == Vendor::Sns)
            .find_map(|rule| sns::confirmation(rule, verified.delivery()))
    }

    pub fn is_armed(&self) -> bool {
        self.is_armed
    }

    /// The secret that came in-band since this source was configured.
    pub fn captured(&self) -> Option<&Secret> {
        self.captured.as_ref()
    }

    /// The same source, which believes this secret too. None where it can be no key.
    pub fn with_captured(&self, secret: Secret) -> Option<Self> {
        let mut secrets = self.secrets.clone();
        secrets.push(secret.clone());
        let verifier = self.row.verifier(&secrets).ok()?;
        let labels = self.labels.and_captured(&secrets, &self.row.methods);
        Some(Self { verifier, labels, captured: Some(secret), ..self.clone() })
    }

    /// Whether anybody who knows the URL may publish here.
    pub fn is_unproven(&self) -> bool {
        self.verifier.methods().iter().any(|method| method.rule.scheme == Scheme::None)
    }
}

fn read_name<'a>(fields: &mut Fields<'a>) -> Option<&'a str> {
    let name = fields.parsed("name", |text| match StreamName::parse(text) {
        Ok(_) => Ok(text),
        Err(_) => Err(Mistake::new(
            format!(
                "a source's name is 1 to 64 letters, digits, `.`, `_` or `-`, but this is `{}`",
                text.escape_debug()
            ),
            "choose a plain name: it stands in the URL",
        )),
    });
    if fields.get("name").is_none() {
        fields.mistake(
            "name",
            Mistake::new(
                "the source has no name",
                "write name = \"…\": it stands in the URL, POST /hooks/{name}",
            ),
        );
    }
    name
}

fn read_allow(fields: &mut Fields<'_>) -> Vec<IpNet> {
    let allow = fields.texts("allow", client::network);
    if allow.is_empty() && fields.get("allow").is_some() {
        let mend =
            "write the networks that deliveries come from, or leave the key out to take them from anywhere";
        fields.mistake("allow", Mistake::new("the list is empty: nobody could send anything", mend));
    }
    allow
}

fn read_provider<'c>(fields: &mut Fields<'_>, catalogue: &'c Catalogue) -> Option<&'c Provider> {
    let known = catalogue.slugs();
    if fields.get("provider").is_none() {
        let mend = format!("write provider = \"…\", one of: {}", known.join(", "));
        fields.mistake("provider", Mistake::new("the source has no provider", mend));
    }
    // What is wrong is told where its row stands.
    if fields.string("provider").is_some_and(|text| catalogue.is_mistaken(text)) {
        return None;
    }
    fields.parsed("provider", |text| {
        catalogue.get(text).ok_or_else(|| {
            let mistake = unknown_word(text, &known);
            Mistake::new(format!("unknown provider `{}`", text.escape_debug()), mistake.mend)
        })
    })
}

/// The provider's row with the source's own changes.
fn read_row(fields: &mut Fields<'_>, provider: Option<&Provider>) -> Option<Row> {
    let (header, verify) = (fields.string("header"), fields.get("verify"));
    let overrides =
        Overrides { header, verify, delivery: fields.get("delivery"), sample: fields.get("sample") };
    overrides.row(provider?).map_err(|mistakes| fields.add_all(mistakes)).ok()
}

fn read_topic(fields: &mut Fields<'_>, name: Option<&str>) -> Option<TopicRule> {
    if fields.get("topic").is_some() {
        return fields.parsed("topic", TopicRule::parse);
    }
    let name = name?;
    if name == RESERVED_STREAM {
        fields.mistake(
            "name",
            Mistake::new(
                format!(
                    "the stream `{RESERVED_STREAM}` is the gateway's own, and a source's name is its stream"
                ),
                "choose another name, or write topic = \"…\" with another first segment",
            ),
        );
        return None;
    }
    TopicRule::parse(&format!("{name}/{{type}}")).ok()
}

/// No secret is a mistake unless the provider proves nothing by its nature: an open door must be spelt out.
fn check_secrets(
    fields: &mut Fields<'_>,
    row: &Row,
    wrote: Option<usize>,
    lacks_verify_token: bool,
    is_armed: bool,
) {
    let is_open = row.methods.iter().all(|method| method.scheme == Scheme::None);
    // The vendor publishes its key, and the row holds it.
    let has_own_key = row.methods.iter().any(|method| !method.public_keys.is_empty());
    let captures = row.handshakes.iter().any(super::handshake::Handshake::captures);
    if is_armed && !captures {
        let mend = "take capture away, and write the secret that the provider shows to secrets";
        let what = format!("{} sends no secret when a webhook is registered", row.title);
        fields.mistake("capture", Mistake::new(what, mend));
    }
    let mistake = match wrote {
        None | Some(0) if captures && !is_armed => Some(Mistake::new(
            format!("{} sends its secret when the webhook is registered, and none is set yet", row.title),
            "write capture = true, register the webhook, write what came to secrets, and take capture away",
        )),
        None | Some(0) if !is_open && !has_own_key && !is_armed => Some(Mistake::new(
            format!("{} signs its deliveries, but no secret is set", row.title),
            "write secrets = [{ env = \"…\" }]; to take unproven deliveries spell out provider = \"none\"",
        )),
        Some(1..) if is_open => Some(Mistake::new(
            "nothing is verified here, so a secret has no use",
            "take the secrets away, or choose the provider `token` or `hmac`",
        )),
        Some(count) if count > SECRETS_MAX => Some(Mistake::new(
            format!("a source has at most {SECRETS_MAX} secrets, but this one has {count}"),
            "keep the new one and the one being replaced",
        )),
        _ => None,
    };
    if let Some(mistake) = mistake {
        fields.mistake("secrets", mistake);
    }
    if lacks_verify_token && row.handshakes.iter().any(super::handshake::Handshake::needs_verify_token) {
        let mend = "write verify_token = { env = \"…\" } and paste the same text where the URL is registered";
        fields.mistake(
            "verify_token",
            Mistake::new(format!("{} asks for a verify token when the URL is registered", row.title), mend),
        );
    }
}
