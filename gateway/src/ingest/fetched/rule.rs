//! `scheme = "code"` of a vendor whose key is fetched: what its row says, and the verdict.
//!
//! ```toml
//! [acme.verify]
//! scheme = "code"
//! code = "sns"                       # or paypal, plaid, pubsub, ebay
//! hosts = ["sns.*.amazonaws.com"]    # keys come from nowhere else; `*` is one label
//! tolerance = "2h"                   # how old a delivery may be, where it says
//! keys = "https://…"                 # plaid, pubsub, ebay: where keys lie
//! audience = "https://…"             # pubsub: what its tokens are for, if not the source's own URL
//! ```

use std::time::Duration;

use reqwest::Url;

use crate::ingest::checks::Check;
use crate::ingest::fields::Fields;
use crate::ingest::template::Part;
use crate::mistake::Mistake;
use crate::secret::Secret;

use super::claim::{Claim, Evidence, Found, Need, No};
use super::hosts::Hosts;
use super::{ebay, paypal, plaid, pubsub, sns};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Vendor {
    Sns,
    PayPal,
    Plaid,
    PubSub,
    Ebay,
}

/// Their names in `code`.
pub const VENDORS: &[(&str, Vendor)] = &[
    ("sns", Vendor::Sns),
    ("paypal", Vendor::PayPal),
    ("plaid", Vendor::Plaid),
    ("pubsub", Vendor::PubSub),
    ("ebay", Vendor::Ebay),
];

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    pub vendor: Vendor,
    pub hosts: Hosts,
    /// Where keys lie, of vendors whose deliveries do not say it.
    pub keys: Option<Url>,
    pub audience: Option<String>,
    pub tolerance: Duration,
}

impl Rule {
    pub fn read(vendor: Vendor, fields: &mut Fields<'_>) -> Self {
        let hosts = Hosts::read(fields);
        let needs_place = matches!(vendor, Vendor::Plaid | Vendor::PubSub | Vendor::Ebay);
        let keys = fields.parsed("keys", |text| {
            hosts.url(text).ok_or_else(|| {
                let what = format!("keys may not come from `{}`", text.escape_debug());
                Mistake::new(what, "write an https URL whose host stands in hosts")
            })
        });
        if needs_place && fields.get("keys").is_none() {
            let mend = "write keys = \"https://…\", with a host of hosts";
            fields.mistake("keys", Mistake::new("nothing says where the vendor's keys lie", mend));
        }
        let audience = fields.string("audience").map(str::to_owned);
        let tolerance = fields.duration("tolerance").unwrap_or(vendor.tolerance());
        Self { vendor, hosts, keys, audience, tolerance }
    }

    /// Whether a configured secret is what this vendor is verified with.
    pub fn check_secret(&self, secret: &Secret) -> Result<(), Mistake> {
        let text = std::str::from_utf8(secret.expose()).unwrap_or_default();
        let (is_good, what, mend) = match self.vendor {
            Vendor::Sns => (
                text.starts_with("arn:") && text.split(':').count() == 6,
                "this is no topic's ARN",
                "write the topic's ARN, arn:aws:sns:REGION:ACCOUNT:TOPIC: only its messages are taken",
            ),
            Vendor::PayPal => (
                !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric()),
                "this is no webhook id",
                "copy the webhook's ID from the app's page at PayPal; it is letters and digits",
            ),
            Vendor::Plaid | Vendor::Ebay => (
                credentials(secret).is_some(),
                "the vendor gives its keys to its customers alone, and these are no credentials",
                "write client id and secret with a colon between: \"ID:SECRET\"",
            ),
            Vendor::PubSub => (
                text.contains('@') && !text.contains(char::is_whitespace),
                "this is no service account's e-mail",
                "write the e-mail of the service account that the push subscription authenticates as",
            ),
        };
        if is_good { Ok(()) } else { Err(Mistake::new(what, mend)) }
    }

    /// Whether the signature covers a part: only then may an id be believed by itself.
    pub fn covers(&self, part: &Part) -> bool {
        match self.vendor {
            Vendor::Sns => sns::covers(part),
            // A CRC-32 fits as many bodies as one likes to make.
            Vendor::PayPal => paypal::covers(part),
            Vendor::Plaid | Vendor::Ebay => matches!(part, Part::Body | Part::Json(_)),
            Vendor::PubSub => pubsub::covers(part),
        }
    }

    fn claim(&self, evidence: &Evidence<'_>) -> Result<Claim, No> {
        match self.vendor {
            Vendor::Sns => sns::claim(self, evidence),
            Vendor::PayPal => paypal::claim(self, evidence),
            Vendor::Plaid => plaid::claim(self, evidence),
            Vendor::PubSub => pubsub::claim(self, evidence),
            Vendor::Ebay => ebay::claim(self, evidence),
        }
    }

    /// The key that this delivery needs, if it is worth asking for.
    pub fn need(&self, evidence: &Evidence<'_>) -> Result<Need, No> {
        self.claim(evidence).map(|claim| claim.need)
    }

    /// The signature that proves this delivery. Sees to everything again: a key proves nothing that it was not fetched for.
    pub fn prove(&self, evidence: &Evidence<'_>, found: Option<&Found>) -> Result<Vec<u8>, No> {
        let claim = self.claim(evidence)?;
        let key = &found
            .filter(|found| found.need == claim.need)
            .ok_or(No::missing("no key of that name is known to its vendor"))?
            .key;
        if !key.is_valid_at(evidence.now) {
            let why = "the certificate that signed it is not good today";
            return Err(No { check: Check::Signature, ..No::mismatch(why) });
        }
        let mut messages = claim.messages.iter();
        if messages.any(|message| key.public.proves(claim.algorithm, message, &claim.signature)) {
            // A replay could come with the other signature that fits, and would look new.
            Ok(key.public.canonical(&claim.signature))
        } else {
            Err(No::mismatch("the vendor's key did not sign this"))
        }
    }
}

impl Vendor {
    /// How old a delivery may be where the row does not say.
    fn tolerance(self) -> Duration {
        match self {
            // SNS gives up after an hour, and its retries keep the time of the first.
            Self::Sns => Duration::from_hours(2),
            // PayPal tries for three days.
            Self::PayPal => Duration::from_hours(73),
            Self::Plaid | Self::PubSub | Self::Ebay => Duration::from_mins(5),
        }
    }
}

/// Client id and secret.
pub fn credentials(secret: &Secret) -> Option<(&str, &str)> {
    let (id, secret) = std::str::from_utf8(secret.expose()).ok()?.split_once(':')?;
    (!id.is_empty() && !secret.is_empty()).then_some((id, secret))
}
