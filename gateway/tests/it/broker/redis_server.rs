//! A real redis-server of a test's own: its port, its folder, its end.

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

/// A running redis-server; killed when dropped.
pub struct RedisServer {
    child: Option<Child>,
    port: u16,
    dir: TempDir,
    settings: Vec<String>,
}

impl RedisServer {
    /// Starts one with these settings beside ours, such as `["--appendonly", "yes"]`, and waits until it answers.
    pub fn start(settings: &[&str]) -> Self {
        Self::start_in(super::folder(), settings)
    }

    /// The same in a folder that holds what the settings name.
    pub fn start_in(dir: TempDir, settings: &[&str]) -> Self {
        let settings: Vec<String> = settings.iter().map(|&it| it.to_owned()).collect();
        let mut server = Self { child: None, port: 0, dir, settings };
        // Between finding a free port and taking it another process may be faster; then the next is tried.
        for _ in 0..10 {
            server.port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
            if server.launch() {
                return server;
            }
        }
        panic!("redis-server does not start: is Debian's package there?");
    }

    /// The same server again on what it left, after [`RedisServer::kill`].
    pub fn start_again(&mut self) {
        assert!(self.launch(), "redis-server starts again");
    }

    fn launch(&mut self) -> bool {
        let mut command = Command::new("redis-server");
        command.args(["--port", &self.port.to_string(), "--bind", "127.0.0.1", "--save", "", "--dir"]);
        command.arg(self.dir.path()).args(&self.settings);
        command.stdout(Stdio::piped()).stderr(Stdio::null()).stdin(Stdio::null());
        let mut child = command.spawn().expect("redis-server is installed (apt-get install redis-server)");
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        for line in lines.map_while(Result::ok) {
            if line.contains("Ready to accept connections") {
                self.child = Some(child);
                return true;
            }
        }
        let _ = child.wait();
        false
    }

    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// Kills it as a power cut would.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    /// Sends one command and answers the first line of the reply, or the whole of a bulk one.
    pub fn command(&self, words: &[&str]) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        let mut request = format!("*{}\r\n", words.len());
        for word in words {
            write!(request, "${}\r\n{word}\r\n", word.len()).unwrap();
        }
        stream.write_all(request.as_bytes()).unwrap();
        let mut reader = BufReader::new(stream);
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        match line.strip_prefix('$').and_then(|length| length.trim().parse::<usize>().ok()) {
            Some(length) => {
                let mut bulk = vec![0; length];
                reader.read_exact(&mut bulk).unwrap();
                String::from_utf8_lossy(&bulk).into_owned()
            }
            None => line.trim_end().to_owned(),
        }
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Looks again and again until it holds; the test fails when it never does.
pub async fn until(what: &str, holds: impl Fn() -> bool) {
    let mut pace = tokio::time::interval(Duration::from_millis(20));
    let looking = async {
        while !holds() {
            pace.tick().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), looking).await.unwrap_or_else(|_| panic!("never: {what}"));
}
