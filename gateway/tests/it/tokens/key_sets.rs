//! Key sets by URL and file: rotation without a restart, answers that are none, and how often we ask. Requests are counted.

use std::sync::Arc;
use std::time::Duration;

use hookcast::auth::Auth;
use hookcast::auth::keyring::Pace;
use jsonwebtoken::Algorithm::{ES256, EdDSA};
use serde_json::json;
use tokio_util::sync::CancellationToken;
use tokio_util::sync::DropGuard;

use super::provider::{Answer, Provider};
use super::{ED25519, P256, Pair, auth_at, claims, config};

/// Asks whenever a key is missing.
const EAGER: Pace = Pace {
    cooldown: Duration::ZERO,
    refresh: Duration::from_mins(10),
    fetch_deadline: Duration::from_secs(10),
    patience: Duration::from_secs(20),
};

fn tended(jwks: &str, files: &[(&str, &str)], pace: Pace) -> (Arc<Auth>, tempfile::TempDir, DropGuard) {
    let (config, folder) = config(&format!("[auth]\njwks = \"{jwks}\"\n"), files);
    let auth = Arc::new(auth_at(config.unwrap(), pace));
    let stop = CancellationToken::new();
    tokio::spawn(auth.clone().tend(stop.clone()));
    (auth, folder, stop.drop_guard())
}

async fn is_good(auth: &Auth, token: &str) -> bool {
    auth.learn(token).await;
    auth.verify(token).is_ok()
}

#[tokio::test]
async fn a_rotated_key_is_taken_without_a_restart() {
    let (old, new) = (Pair::new(P256), Pair::new(ED25519));
    let provider = Provider::start(Answer::Keys(json!([old.jwk(ES256, "old")]))).await;
    let (auth, _folder, _stop) = tended(&provider.url(), &[], EAGER);
    let (of_old, of_new) = (old.sign(ES256, Some("old"), &claims()), new.sign(EdDSA, Some("new"), &claims()));
    assert!(is_good(&auth, &of_old).await, "the first token waits for the first fetch");
    assert!(!is_good(&auth, &of_new).await);
    provider.says(Answer::Keys(json!([old.jwk(ES256, "old"), new.jwk(EdDSA, "new")])));
    assert!(is_good(&auth, &of_new).await && is_good(&auth, &of_old).await);
    provider.says(Answer::Keys(json!([new.jwk(EdDSA, "new")])));
    assert!(!is_good(&auth, &new.sign(EdDSA, Some("next"), &claims())).await);
    assert!(!is_good(&auth, &of_old).await, "a key that was withdrawn ends");
    let stolen = old.sign(ES256, Some("new"), &claims());
    assert!(!is_good(&auth, &stolen).await, "the kid of another key");
}

#[tokio::test]
async fn the_last_good_set_stays_whatever_is_answered() {
    let pair = Pair::new(P256);
    let keys = Answer::Keys(json!([pair.jwk(ES256, "one")]));
    let (provider, elsewhere) = (Provider::start(keys.clone()).await, Provider::start(keys).await);
    let (auth, _folder, _stop) = tended(&provider.url(), &[], EAGER);
    let (good, unknown) =
        (pair.sign(ES256, Some("one"), &claims()), pair.sign(ES256, Some("two"), &claims()));
    assert!(is_good(&auth, &good).await);
    let secret = json!([{ "kty": "oct", "kid": "two", "k": "c2VjcmV0", "alg": "HS256" }]);
    for bad in [
        Answer::Status(500),
        Answer::Status(204),
        Answer::Text("<html>".into()),
        Answer::Text("{\"keys\":7}".into()),
        Answer::Text(format!("{}{}", json!({ "keys": [pair.jwk(ES256, "two")] }), " ".repeat(64 * 1024))),
        Answer::Redirect(elsewhere.url()),
        Answer::Keys(json!([])),
        Answer::Keys(secret),
    ] {
        let before = provider.requests();
        provider.says(bad.clone());
        assert!(!is_good(&auth, &unknown).await, "{bad:?}");
        assert_eq!(provider.requests(), before + 1, "{bad:?}");
        assert!(is_good(&auth, &good).await, "{bad:?}");
    }
    assert_eq!(elsewhere.requests(), 0, "nobody is sent to");
    provider.says(Answer::Keys(json!([pair.jwk(ES256, "two")])));
    assert!(is_good(&auth, &unknown).await, "and it recovers");
}

#[tokio::test]
async fn no_flood_of_tokens_makes_us_ask_twice() {
    let pair = Pair::new(P256);
    let provider = Provider::start(Answer::Keys(json!([pair.jwk(ES256, "one")]))).await;
    provider.shut().await;
    let (auth, _folder, _stop) = tended(&provider.url(), &[], Pace::default());
    let token = pair.sign(ES256, Some("one"), &claims());
    let waiting: Vec<_> = (0..50)
        .map(|_| {
            let (auth, token) = (auth.clone(), token.clone());
            tokio::spawn(async move { is_good(&auth, &token).await })
        })
        .collect();
    provider.open();
    for waiter in waiting {
        assert!(waiter.await.unwrap());
    }
    for kid in 0..200 {
        assert!(!is_good(&auth, &pair.sign(ES256, Some(&kid.to_string()), &claims())).await);
    }
    assert_eq!(provider.requests(), 1, "the cooldown is 30 s");
}

#[tokio::test]
async fn whoever_waits_for_a_provider_that_hangs_does_not_wait_for_ever() {
    let pair = Pair::new(P256);
    let provider = Provider::start(Answer::Keys(json!([pair.jwk(ES256, "one")]))).await;
    provider.shut().await;
    let pace = Pace { patience: Duration::from_millis(20), ..EAGER };
    let (auth, _folder, _stop) = tended(&provider.url(), &[], pace);
    assert!(!is_good(&auth, &pair.sign(ES256, Some("one"), &claims())).await);
    let pace = Pace { fetch_deadline: Duration::from_millis(20), ..EAGER };
    let (auth, _folder, _stop) = tended(&provider.url(), &[], pace);
    assert!(!is_good(&auth, &pair.sign(ES256, Some("one"), &claims())).await, "the fetch itself ends");
}

#[tokio::test]
async fn a_file_is_read_again_when_it_has_changed() {
    let (old, new) = (Pair::new(P256), Pair::new(ED25519));
    let set = |keys: serde_json::Value| json!({ "keys": keys }).to_string();
    let first = set(json!([old.jwk(ES256, "old")]));
    let (auth, folder, _stop) = tended("keys.json", &[("keys.json", &first)], EAGER);
    let (of_old, of_new) = (old.sign(ES256, Some("old"), &claims()), new.sign(EdDSA, Some("new"), &claims()));
    assert!(is_good(&auth, &of_old).await && !is_good(&auth, &of_new).await);
    let file = folder.path().join("keys.json");
    std::fs::write(&file, "half a fi").unwrap();
    assert!(!is_good(&auth, &of_new).await && is_good(&auth, &of_old).await, "a bad file changes nothing");
    std::fs::write(&file, set(json!([new.jwk(EdDSA, "new")]))).unwrap();
    assert!(is_good(&auth, &of_new).await && !is_good(&auth, &of_old).await);
}
