//! The functions that run inside Redis, each as one atomic step, and the commands that call them.

use std::sync::LazyLock;

use redis::Cmd;

use crate::topic::StreamName;

/// A script by its text; Redis knows it by the text's SHA-1, so another version is another script.
#[derive(Debug)]
pub(super) struct Script {
    text: String,
    hash: String,
}

const APPEND_LUA: &str = include_str!("append.lua");
const READ_LUA: &str = include_str!("read.lua");
const SWAP_LUA: &str = include_str!("swap.lua");

/// Refused as a whole when Redis is out of memory, before it has changed anything.
pub(super) static APPEND: LazyLock<Script> = LazyLock::new(|| Script::new("#!lua", APPEND_LUA));
/// The same without events: it must go on when memory is full, because it trims.
pub(super) static CHECK: LazyLock<Script> =
    LazyLock::new(|| Script::new("#!lua flags=allow-oom", APPEND_LUA));
/// Not declared as writing nothing: a replica, which may be behind, would then answer it.
pub(super) static READ: LazyLock<Script> = LazyLock::new(|| Script::new("#!lua flags=allow-oom", READ_LUA));
/// Of a record; see records.
pub(super) static SWAP: LazyLock<Script> = LazyLock::new(|| Script::new("#!lua", SWAP_LUA));

impl Script {
    fn new(head: &str, body: &str) -> Self {
        let text = format!("{head}\n{body}");
        let hash = redis::Script::new(&text).get_hash().to_owned();
        Self { text, hash }
    }

    /// The call by hash, to which arguments are added; Redis answers NOSCRIPT where it does not know it.
    pub(super) fn call(&self, keys: &[&str]) -> Cmd {
        Self::command("EVALSHA", &self.hash, keys)
    }

    /// The call by text, which also makes the script known by its hash.
    pub(super) fn teach(&self, keys: &[&str]) -> Cmd {
        Self::command("EVAL", &self.text, keys)
    }

    fn command(name: &str, script: &str, keys: &[&str]) -> Cmd {
        let mut command = redis::cmd(name);
        command.arg(script).arg(keys.len()).arg(keys);
        command
    }
}

/// The names of a stream's keys and of its channel; `1` is the schema, the braces keep them in one slot of a cluster.
#[derive(Debug, Clone)]
pub(super) struct Keys {
    pub(super) meta: String,
    pub(super) log: String,
    pub(super) ids: String,
    pub(super) last: String,
    pub(super) live: String,
}

impl Keys {
    pub(super) fn of(stream: &StreamName) -> Self {
        let key = |name: &str| format!("hc1:{{{stream}}}:{name}");
        Self { meta: key("meta"), log: key("log"), ids: key("ids"), last: key("last"), live: key("live") }
    }

    pub(super) fn for_append(&self) -> [&str; 5] {
        [&self.meta, &self.log, &self.ids, &self.last, &self.live]
    }

    pub(super) fn for_read(&self) -> [&str; 3] {
        [&self.meta, &self.log, &self.last]
    }
}

/// The stream whose channel this is.
pub(super) fn stream_of_channel(channel: &[u8]) -> Option<StreamName> {
    let text = std::str::from_utf8(channel).ok()?;
    StreamName::parse(text.strip_prefix("hc1:{")?.strip_suffix("}:live")?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_channel_names_its_stream_and_no_other_text_does() {
        let stream = StreamName::parse("github").unwrap();
        assert_eq!(stream_of_channel(Keys::of(&stream).live.as_bytes()), Some(stream));
        for other in ["hc1:{github}:log", "hc2:{github}:live", "hc1:{}:live", "hc1:{a/b}:live", "\u{7f}"] {
            assert_eq!(stream_of_channel(other.as_bytes()), None, "{other}");
        }
    }

    #[test]
    fn append_and_check_are_two_scripts() {
        assert_ne!(APPEND.hash, CHECK.hash);
        assert_eq!(APPEND.hash.len(), 40);
    }
}
