//! What a screen does: asks the interface over HTTP with a token, as the page does.

use std::path::PathBuf;

use serde_json::Value;

use super::Hookcast;
use super::running::Running;

/// A running gateway and who asks it.
pub(super) struct Screens {
    pub(super) hookcast: Hookcast,
    pub(super) running: Running,
    pub(super) url: String,
    /// An operator's, and a viewer's of `github/**`.
    pub(super) operator: String,
    pub(super) viewer: String,
}

/// What came back.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) text: String,
}

impl Answer {
    #[track_caller]
    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The status, and the problem's code.
    pub(super) fn refusal(&self) -> (u16, String) {
        (self.status, self.json()["code"].as_str().unwrap_or_default().to_owned())
    }
}

impl Screens {
    pub(super) fn open(hookcast: Hookcast) -> Self {
        let mut running = Running::start(hookcast.command(&["serve"]));
        let url = running.url();
        let token = |pattern: &[&str]| {
            let arguments = [&["token", "--subscribe"], pattern].concat();
            hookcast.run(&arguments).stdout.trim().to_owned()
        };
        let (operator, viewer) = (token(&["hookcast/**", "**"]), token(&["github/**"]));
        Self { hookcast, running, url, operator, viewer }
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.hookcast.folder.path().join(name)
    }

    #[track_caller]
    pub(super) fn get(&self, path: &str) -> Value {
        let answer = self.ask("GET", path, "");
        assert_eq!(answer.status, 200, "{path}: {answer:?}");
        answer.json()
    }

    /// As an operator.
    pub(super) fn ask(&self, method: &str, path: &str, body: &str) -> Answer {
        self.ask_as(&self.operator, method, path, &[], body)
    }

    pub(super) fn ask_as(
        &self,
        token: &str,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Answer {
        ask(&self.url, token, method, path, headers, body)
    }

    /// Listens until it is ended; it is connected.
    pub(super) fn listen(&self, token: &str, pattern: &str) -> Running {
        let listen = ["listen", pattern, "--url", &self.url, "--token", token, "--json"];
        let mut listener = Running::start(self.hookcast.command(&listen));
        listener.line_with("connected");
        listener
    }
}

pub(super) fn ask(
    url: &str,
    token: &str,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Answer {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let client = hookcast::outbound::client().unwrap();
        let mut request = client.request(method.parse().unwrap(), format!("{url}{path}"));
        if !token.is_empty() {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = request.body(body.to_owned()).send().await.unwrap();
        let status = answer.status().as_u16();
        Answer { status, text: String::from_utf8(answer.bytes().await.unwrap().to_vec()).unwrap() }
    })
}
