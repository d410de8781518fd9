//! Two nodes of one Redis, as an operator starts them: over TLS, with a user of its own, and with Redis not there yet.

use std::net::TcpListener;
use std::path::Path;
use std::process::Command;

use super::Hookcast;
use super::running::Running;
use crate::broker::redis_server::RedisServer;

const CONFIG: &str = "[[source]]\nname = \"github\"\nprovider = \"github\"\nsecrets = [\"s3cret\"]\n";

/// The line of docs/redis.md that makes a node's user, with its rights and no others.
fn documented_user() -> Vec<String> {
    let page = include_str!("../../../../docs/redis.md");
    let line = page.lines().find(|line| line.starts_with("ACL SETUSER hookcast")).expect("the page shows it");
    line.replace(">PASSWORD", ">hunter2").split_whitespace().map(str::to_owned).collect()
}

/// A certificate for `localhost`, and the authority that signed it.
fn make_certificates(folder: &Path) {
    let openssl = |words: &[&str]| {
        let made =
            Command::new("openssl").args(words).current_dir(folder).output().expect("openssl is installed");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    };
    std::fs::write(folder.join("names"), "subjectAltName=DNS:localhost\n").unwrap();
    let key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
    openssl(
        &[&["req", "-x509", "-subj", "/CN=ours", "-keyout", "ca.key", "-out", "ca.crt"], &key[..]].concat(),
    );
    let key = &key[..5];
    openssl(
        &[&["req", "-new", "-subj", "/CN=localhost", "-keyout", "redis.key", "-out", "redis.csr"], key]
            .concat(),
    );
    openssl(&[
        "x509",
        "-req",
        "-in",
        "redis.csr",
        "-CA",
        "ca.crt",
        "-CAkey",
        "ca.key",
        "-CAcreateserial",
        "-days",
        "2",
        "-extfile",
        "names",
        "-out",
        "redis.crt",
    ]);
}

#[test]
fn what_one_node_is_sent_the_other_shows_over_tls_and_with_a_user_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    make_certificates(folder.path());
    let authority = folder.path().join("ca.crt");
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port().to_string();
    let file = |name: &str| folder.path().join(name).display().to_string();
    let (certificate, key) = (file("redis.crt"), file("redis.key"));
    let tls = [
        "--tls-port",
        &port,
        "--tls-cert-file",
        &certificate,
        "--tls-key-file",
        &key,
        "--tls-auth-clients",
        "no",
    ];
    let server = RedisServer::start(&tls);
    let user = documented_user();
    let user: Vec<&str> = user.iter().map(String::as_str).collect();
    assert_eq!(server.command(&user), "+OK");
    let hookcast = Hookcast::with_config(CONFIG);
    let url = format!("rediss://hookcast:hunter2@localhost:{port}");
    let node = || {
        let mut command = hookcast.command(&["serve", "--listen", "127.0.0.1:0", "--redis", &url]);
        command.env("SSL_CERT_FILE", &authority);
        Running::start(command)
    };
    let (mut one, mut other) = (node(), node());
    let (one_url, other_url) = (one.url(), other.url());
    let listen = ["listen", "github/**", "--since", "last:5", "--url", &other_url];
    let mut listening = Running::start(hookcast.command(&listen));
    let to = format!("{one_url}/hooks/github");
    let sent = hookcast.run(&["send", "github", "--to", &to, "--secret", "s3cret", "--event", "push"]);
    assert_eq!(sent.exit, 0, "{sent:?}");
    listening.line_with("github/push");
    assert!(listening.interrupt().success());
    for node in [one, other] {
        assert!(node.interrupt().success());
    }
}

#[test]
fn a_wrong_password_is_said_without_it() {
    let server = RedisServer::start(&["--requirepass", "right"]);
    let hookcast = Hookcast::with_config(CONFIG);
    let url = server.url().replace("redis://", "redis://:hunter2@");
    let mut node = Running::start(hookcast.command(&["serve", "--listen", "127.0.0.1:0", "--redis", &url]));
    let line = node.line_with("put user and password into [broker] url");
    assert!(!line.contains("hunter2"), "{line}");
    assert!(node.interrupt().success());
}
