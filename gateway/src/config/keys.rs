//! Every key of the configuration, one row a key. Unknown-key detection, `hookcast config --default`, its JSON Schema
//! and the defaults themselves come from here. Pure.

/// What a value must look like, in what unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Text,
    /// `host:port`.
    Address,
    /// `"30s"`, `"15m"`, `"8h"`, `"7d"`.
    Duration,
    /// `"64KiB"`, `"1MiB"`, or a number of bytes.
    Size,
    /// A whole number, 1 or more.
    Count,
    Path,
    /// A string, `{ env = "X" }` or `{ file = "…" }`.
    Secrets,
    /// The same, each table perhaps with a `label`.
    LabelledSecrets,
    /// One such.
    Secret,
    Texts,
    Tables,
    /// Tables of what an event must be like: a key for each value that is looked at.
    Matches,
    /// A table of texts under names of one's own.
    TextTable,
    /// One of these.
    Words(&'static [&'static str]),
    /// `true` or `false`.
    Switch,
    /// A table whose keys are checked where they are read.
    Table,
}

/// One key.
#[derive(Debug, Clone, Copy)]
pub struct Key {
    /// `server.listen`; `[]` stands for each of an array of tables, `*` for any name.
    pub path: &'static str,
    pub kind: Kind,
    /// What holds when the key is absent, as TOML; none means nothing does.
    pub default: Option<&'static str>,
    /// What one might write, as TOML.
    pub example: &'static str,
    /// One sentence, for the default file and the schema.
    pub about: &'static str,
    /// Names that people try, or that the key once had.
    pub also: &'static [&'static str],
    /// Whether it goes in place of others, so that not all examples can be tried together.
    pub is_instead: bool,
}

const fn key(path: &'static str, kind: Kind, example: &'static str, about: &'static str) -> Key {
    Key { path, kind, default: None, example, about, also: &[], is_instead: false }
}

impl Key {
    const fn or(mut self, default: &'static str) -> Self {
        self.default = Some(default);
        self
    }

    const fn also(mut self, names: &'static [&'static str]) -> Self {
        self.also = names;
        self
    }

    const fn instead(mut self) -> Self {
        self.is_instead = true;
        self
    }

    /// The path without its last name: `server`, `source[]`, `stream.*`.
    pub fn section(&self) -> &'static str {
        self.path.rsplit_once('.').map_or("", |(section, _)| section)
    }

    pub fn name(&self) -> &'static str {
        self.path.rsplit_once('.').map_or(self.path, |(_, name)| name)
    }
}

/// Keys that are read one by one; the bounds of `[limits]` have their own table in `bounds`.
pub const KEYS: &[Key] = &[
    key(
        "server.listen",
        Kind::Address,
        "\"0.0.0.0:8080\"",
        "Where the gateway listens. Other than loopback needs [auth].",
    )
    .or("\"127.0.0.1:8080\"")
    .also(&["bind", "address", "addr", "port", "host"]),
    key(
        "server.public_url",
        Kind::Text,
        "\"https://live.example.com\"",
        "The address that the world sees: for providers that sign the URL, and for links.",
    )
    .also(&["url", "base_url"]),
    key(
        "server.proxies",
        Kind::Texts,
        "[\"10.0.0.0/8\"]",
        "Networks of the balancers in front: what they bring is not counted as one address's, and they alone are believed about addresses.",
    )
    .or("[]")
    .also(&["trusted_proxies"]),
    key(
        "server.origins",
        Kind::Texts,
        "[\"https://app.example.com\"]",
        "Other sites whose pages may connect.",
    )
    .or("[]")
    .also(&["cors", "allowed_origins"]),
    key(
        "server.sse_query_token",
        Kind::Switch,
        "true",
        "Whether /sse takes a token as ?access_token=, for a browser's EventSource. Proxies write addresses into their logs.",
    )
    .or("false"),
    key(
        "server.drain",
        Kind::Duration,
        "\"30s\"",
        "How long closing the open connections is spread over at the end.",
    )
    .or("\"30s\""),
    key(
        "broker.url",
        Kind::Text,
        "\"redis://localhost:6379\"",
        "Where events are kept: `file:` and a folder, `redis://` or `redis+cluster://` to share them among nodes, `memory:` for tests.",
    )
    .or("\"file:./data\""),
    key(
        "broker.replicas_ack",
        Kind::Count,
        "1",
        "So many Redis replicas must have an event before it is answered 2xx; absent: none.",
    )
    .also(&["wait", "min_replicas"]),
    key(
        "auth.secrets",
        Kind::Secrets,
        "[{ env = \"HOOKCAST_AUTH_SECRET\" }]",
        "Keys of HS256 tokens, 32 bytes or more; the first also signs. Several: rotation.",
    )
    .also(&["secret", "jwt_secret", "key"]),
    key("auth.audience", Kind::Text, "\"hookcast\"", "What a token's `aud` must name.").also(&["aud"]),
    key("auth.issuer", Kind::Text, "\"https://idp.example.com\"", "What a token's `iss` must be.")
        .also(&["iss"]),
    key(
        "auth.claim",
        Kind::Text,
        "\"/hookcast/subscribe\"",
        "JSON Pointer to the grants in a token: a list, or one string with spaces.",
    )
    .also(&["claims"]),
    key("auth.prefix", Kind::Text, "\"hookcast:\"", "What a grant begins with there; what does not is not for us.")
        .instead(),
    key("auth.grants", Kind::Texts, "[\"**\"]", "What tokens may grant at most; absent: anything.")
        .also(&["ceiling"]),
    key(
        "auth.jwks",
        Kind::Text,
        "\"https://idp.example.com/.well-known/jwks.json\"",
        "A key set instead of secrets: an https URL, or a file.",
    )
    .also(&["jwks_url", "jwks_uri"])
    .instead(),
    key("auth.anonymous", Kind::Texts, "[\"status/**\"]", "What a client without a token may subscribe to.")
        .or("[]"),
    key("auth.key[].kid", Kind::Text, "\"2026\"", "The `kid` of the tokens that this key checks.").instead(),
    key(
        "auth.key[].algorithms",
        Kind::Texts,
        "[\"ES256\"]",
        "Of one kind: HS256 HS384 HS512, RS256 RS384 RS512 PS256 PS384 PS512, ES256, ES384 or EdDSA.",
    )
    .also(&["algorithm", "alg"])
    .instead(),
    key("auth.key[].public_key", Kind::Secret, "{ file = \"issuer.pem\" }", "The public key as PEM.")
        .also(&["key", "pem"])
        .instead(),
    key("auth.key[].secret", Kind::Secret, "{ env = \"X\" }", "The shared secret of HS algorithms, instead.")
        .also(&["secrets"])
        .instead(),
    key(
        "auth.issuer[].iss",
        Kind::Text,
        "\"https://idp.example.com/\"",
        "The `iss` of its tokens, to the letter.",
    )
    .also(&["issuer", "url"])
    .instead(),
    key(
        "auth.issuer[].jwks",
        Kind::Text,
        "\"https://idp.example.com/.well-known/jwks.json\"",
        "Its key set: an https URL, or a file.",
    )
    .also(&["jwks_url", "jwks_uri"])
    .instead(),
    key("auth.issuer[].key", Kind::Tables, "[{ algorithms = [\"ES256\"], public_key = \"…\" }]", "Keys of its own, as [[auth.key]].")
        .instead(),
    key("auth.issuer[].audience", Kind::Text, "\"hookcast\"", "What its tokens' `aud` must name.")
        .also(&["aud"])
        .instead(),
    key(
        "auth.issuer[].grants",
        Kind::Texts,
        "[\"github/**\"]",
        "What its tokens may grant at most; absent: anything.",
    )
    .also(&["ceiling"])
    .instead(),
    key("auth.issuer[].claim", Kind::Text, "\"/scope\"", "JSON Pointer to the grants in its tokens.")
        .also(&["claims"])
        .instead(),
    key("auth.issuer[].prefix", Kind::Text, "\"hookcast:\"", "What a grant begins with there.").instead(),
    key("source[].name", Kind::Text, "\"github\"", "Deliveries come to /hooks/NAME."),
    key(
        "source[].provider",
        Kind::Text,
        "\"github\"",
        "How deliveries are signed: a name of `hookcast providers`.",
    )
    .also(&["type_of", "kind"]),
    key(
        "source[].secrets",
        Kind::LabelledSecrets,
        "[{ env = \"GITHUB_WEBHOOK_SECRET\" }]",
        "What the provider signs with; a delivery may match any. `label = \"…\"` beside `env`, `file` or `value` names one in /api/v1/sources.",
    )
    .also(&["secret", "token", "tokens"]),
    key(
        "source[].verify_token",
        Kind::Secrets,
        "{ env = \"META_VERIFY_TOKEN\" }",
        "What the provider asks for when the URL is registered, where it does.",
    ),
    key(
        "source[].capture",
        Kind::Switch,
        "true",
        "Take the secret of whoever offers one first, while a webhook is registered at a provider that sends its secret.",
    )
    .instead(),
    key(
        "source[].topic",
        Kind::Text,
        "\"github/{repository.owner.login}/{repository.name}/{type}\"",
        "Where an event is heard; absent: NAME/{type}.",
    )
    .also(&["topics"]),
    key(
        "source[].type",
        Kind::Text,
        "\"{event}\"",
        "The event's type, where the provider's row does not know it.",
    ),
    key("source[].id", Kind::Text, "\"{id}\"", "The event's id, where the provider's row does not know it."),
    key(
        "source[].header",
        Kind::Text,
        "\"x-donation-token\"",
        "The header that holds the token or signature.",
    ),
    key(
        "source[].keep",
        Kind::Texts,
        "[\"/action\", \"/repository/full_name\"]",
        "JSON Pointers of what a browser may see; absent: all.",
    ),
    key(
        "source[].accept",
        Kind::Matches,
        "[{ type = \"push\", ref = { prefix = \"refs/heads/\" } }]",
        "Which events are published: those that one table fits; others are answered 2xx and go no further.",
    )
    .also(&["filter"]),
    key(
        "source[].drop",
        Kind::Matches,
        "[{ \"sender.type\" = \"Bot\" }]",
        "Which events are not published; wins over `accept`.",
    )
    .also(&["ignore", "reject", "deny", "exclude"]),
    key(
        "source[].allow",
        Kind::Texts,
        "[\"192.0.2.0/24\"]",
        "Networks that deliveries may come from, as well as being proven; behind proxies see server.proxies. Absent: any.",
    )
    .also(&["allowlist", "allow_list", "allowed_ips", "ip_allowlist"]),
    key(
        "source[].accept_if",
        Kind::Text,
        "\"type == 'push' and body.ref == 'refs/heads/main'\"",
        "An expression that must hold for an event to be published: docs/rules.md.",
    )
    .also(&["filter_if", "if", "when"]),
    key(
        "source[].drop_if",
        Kind::Text,
        "\"body.sender.login is endingwith '[bot]'\"",
        "An expression that keeps events from being published where it holds.",
    ),
    key(
        "source[].fields",
        Kind::TextTable,
        "{ title = \"'PR #' ~ body.number\" }",
        "Expressions that make the data of an event, instead of `keep`.",
    )
    .also(&["map", "transform", "data"])
    .instead(),
    key(
        "source[].on_error",
        Kind::Words(&["pass", "drop"]),
        "\"pass\"",
        "What becomes of an event when an expression fails; passed, a failed field is null.",
    ),
    key(
        "source[].private",
        Kind::Words(&["hide", "drop", "publish"]),
        "\"hide\"",
        "What becomes of events that their sender calls private: hide their message, drop them, or publish them whole.",
    )
    .instead(),
    key("source[].expect", Kind::Duration, "\"10m\"", "Silence longer than this is reported."),
    key(
        "source[].verify",
        Kind::Table,
        "{ algorithm = \"sha256\" }",
        "Changes to the provider's row: the proof.",
    ),
    key(
        "source[].delivery",
        Kind::Table,
        "{ id = [\"header:x-id\"] }",
        "Changes to the provider's row: id, type, batches.",
    ),
    key(
        "source[].sample",
        Kind::Table,
        "{ type = \"reading\", body = '{\"celsius\":21.4}' }",
        "What a test delivery and `hookcast send` bring; absent: the row's sample.",
    ),
    key("stream.*.events", Kind::Count, "10000", "Most events kept of this stream.").also(&["count"]),
    key("stream.*.bytes", Kind::Size, "\"64MiB\"", "Most bytes kept of this stream.").also(&["size"]),
    key("stream.*.age", Kind::Duration, "\"7d\"", "How long an event of this stream is kept."),
    key(
        "provider.*",
        Kind::Table,
        "{ title = \"…\" }",
        "A provider row of your own, or one in a built-in's place; changes to a built-in stand below a source.",
    ),
    key(
        "metrics.listen",
        Kind::Address,
        "\"127.0.0.1:9090\"",
        "Where Prometheus reads /metrics; absent: nowhere.",
    )
    .also(&["bind", "address", "addr", "port"]),
    key("dashboard.boards", Kind::Path, "\"boards\"", "The folder with a TOML file for each board.")
        .or("\"boards\""),
];

/// The names of the tables that may stand at the root.
pub fn roots() -> impl Iterator<Item = &'static str> {
    let mut seen = Vec::new();
    KEYS.iter().map(|key| key.path).chain(["limits"]).filter_map(move |path| {
        let root = path.split(['.', '[']).next().unwrap_or_default();
        if seen.contains(&root) {
            return None;
        }
        seen.push(root);
        Some(root)
    })
}
