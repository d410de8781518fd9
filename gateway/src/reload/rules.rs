//! From `[auth]` to the rules that tokens are checked by, at the start and again at each reload: the key of our own stays the
//! same, or every token and link would end with a reload.

use reqwest::Client;

use crate::auth::OPERATOR_GRANTS;
use crate::auth::issuer::Settings;
use crate::auth::keyring::{Keyring, Pace};
use crate::auth::rulebook::Rules;
use crate::broker::connect::BrokerUrl;
use crate::config::{AuthConfig, Config};
use crate::secret::Secret;
use crate::signing_key;
use crate::topic::Grant;

/// What of the node the rules need beside `[auth]`.
#[derive(Debug)]
pub struct RuleMaker {
    broker: BrokerUrl,
    token_bytes: usize,
    client: Client,
    /// Signs where there is no secret; made when it is first needed.
    own_key: Option<Secret>,
}

impl RuleMaker {
    pub fn new(config: &Config, client: Client) -> Self {
        let (broker, token_bytes) = (config.broker.clone(), config.limits.token_bytes);
        Self { broker, token_bytes, client, own_key: None }
    }

    /// Where no secret is configured, a key of our own signs: kept beside the store, if there is one. Without `[auth]` whoever
    /// reaches us may do everything, and that is loopback only.
    ///
    /// # Errors
    /// Why that key cannot be kept.
    pub fn rules(&mut self, auth: &AuthConfig) -> Result<Rules, String> {
        let own_key = if auth.secrets.is_empty() { Some(self.own_key()?) } else { None };
        let mut anonymous = auth.anonymous.clone();
        if auth.is_open() {
            anonymous.extend(OPERATOR_GRANTS.iter().filter_map(|grant| Grant::parse(grant).ok()));
        }
        Ok(Rules {
            secrets: auth.secrets.clone(),
            own_key,
            main: auth.main.clone(),
            issuers: auth.issuers.clone(),
            anonymous,
            token_bytes: self.token_bytes,
        })
    }

    fn own_key(&mut self) -> Result<Secret, String> {
        if let Some(key) = &self.own_key {
            return Ok(key.clone());
        }
        let key = match &self.broker {
            BrokerUrl::File(folder) => signing_key::load_or_make(folder)
                .map_err(|error| format!("the key that signs tokens cannot be kept: {error}"))?,
            // Other nodes know nothing of it: where there are several, the configuration gives them one.
            BrokerUrl::Memory | BrokerUrl::Redis(_) => signing_key::fresh(),
        };
        self.own_key = Some(key.clone());
        Ok(key)
    }

    /// The keeper of this issuer's key set, if it has one.
    pub fn keyring(&self, issuer: &Settings) -> Option<Keyring> {
        Some(Keyring::new(issuer.jwks.clone()?, self.client.clone(), Pace::default()))
    }
}
