//! What is weak in this Redis, said once at the start, each with its mend: which of our promises its settings do not keep.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::line::Line;
use super::remedy::describe;
use super::url::RedisUrl;

/// Between two attempts while Redis is away.
const PAUSE: Duration = Duration::from_secs(2);
/// Sharded pub/sub and scripts that say what they do came with 7.0.
const OLDEST: u32 = 7;

/// What was found; empty until Redis could be reached.
pub(super) type Warnings = Arc<Mutex<Vec<String>>>;

/// Looks once Redis can be reached, and says what it finds.
pub(super) async fn run(url: Arc<RedisUrl>, replicas_ack: u32, warnings: Warnings) {
    let line = Line::new(url.clone());
    let mut has_complained = false;
    loop {
        match look(&line).await {
            Ok(info) => {
                tracing::info!(redis = %url, version = info.get("redis_version"), "connected");
                let found = weaknesses(&info, replicas_ack);
                for weakness in &found {
                    tracing::warn!(redis = %url, "{weakness}");
                }
                *warnings.lock().expect("no holder of this lock panics: it copies") = found;
                return;
            }
            Err(error) => {
                if !has_complained {
                    tracing::warn!(redis = %url, error, "cannot be reached; deliveries wait, and this goes on trying");
                    has_complained = true;
                }
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

/// The fields of INFO.
async fn look(line: &Line) -> Result<HashMap<String, String>, String> {
    let (number, mut wire) = line.wire().await.map_err(|error| error.to_string())?;
    match wire.call_beside("hc1:", redis::cmd("INFO")).await {
        Ok(value) => Ok(fields(&redis::from_redis_value::<String>(value).unwrap_or_default())),
        Err(error) => {
            line.discard(number).await;
            Err(describe(&error))
        }
    }
}

fn fields(info: &str) -> HashMap<String, String> {
    let pairs = info.lines().filter_map(|line| line.split_once(':'));
    pairs.map(|(name, value)| (name.to_owned(), value.trim().to_owned())).collect()
}

fn weaknesses(info: &HashMap<String, String>, replicas_ack: u32) -> Vec<String> {
    let field = |name: &str| info.get(name).map_or("", String::as_str);
    let mut found = Vec::new();
    let major: u32 =
        field("redis_version").split('.').next().and_then(|it| it.parse().ok()).unwrap_or(OLDEST);
    if major < OLDEST {
        found.push(format!("Redis {} is too old: 7.0 or later is needed", field("redis_version")));
    }
    if field("aof_enabled") == "0" {
        found.push(
            "without an append-only file a restart loses events that were answered; they lie in a told gap \
                    (set appendonly yes)"
                .into(),
        );
    }
    if !matches!(field("maxmemory_policy"), "noeviction" | "") {
        found.push(format!(
            "maxmemory-policy {} lets Redis throw our keys away when memory is full (set noeviction)",
            field("maxmemory_policy")
        ));
    }
    if field("role") == "slave" {
        found.push(
            "this is a replica, which takes no writes (name its master, or the service that follows it)"
                .into(),
        );
    }
    let replicas: u32 = field("connected_slaves").parse().unwrap_or(0);
    if replicas < replicas_ack {
        found.push(format!(
            "{replicas} replicas are connected, but [broker] replicas_ack asks for {replicas_ack}: deliveries will be refused"
        ));
    }
    if replicas > 0 && replicas_ack == 0 {
        found.push(
            "a failover may lose events that no replica had yet; they lie in a told gap \
                    (set [broker] replicas_ack = 1)"
                .into(),
        );
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(info: &str, replicas_ack: u32) -> String {
        weaknesses(&fields(info), replicas_ack).join("\n")
    }

    #[test]
    fn each_weakness_is_named_with_its_mend() {
        let sound = "redis_version:7.0.15\r\naof_enabled:1\r\nmaxmemory_policy:noeviction\r\nrole:master\r\nconnected_slaves:0\r\n";
        assert_eq!(found(sound, 0), "");
        for (from, to, replicas_ack, expected) in [
            ("version:7.0", "version:6.2", 0, "7.0 or later"),
            ("aof_enabled:1", "aof_enabled:0", 0, "appendonly yes"),
            ("noeviction", "allkeys-lru", 0, "allkeys-lru"),
            ("role:master", "role:slave", 0, "replica"),
            ("slaves:0", "slaves:1", 0, "replicas_ack = 1"),
            ("slaves:0", "slaves:1", 2, "asks for 2"),
        ] {
            assert!(found(&sound.replace(from, to), replicas_ack).contains(expected), "{to}");
        }
    }
}
