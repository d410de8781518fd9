//! Redis's protocol, as far as a few commands need it: one connection a command.

use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};

const DEADLINE: Duration = Duration::from_secs(5);
/// Answers of more bytes or parts than this are not Redis's.
const LENGTH_MAX: usize = 1 << 24;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Reply {
    Text(String),
    Number(i64),
    List(Vec<Reply>),
    Nil,
}

impl Reply {
    pub(crate) fn text(self) -> Result<String> {
        match self {
            Self::Text(text) => Ok(text),
            Self::Number(number) => Ok(number.to_string()),
            other => bail!("expected a text from Redis, got {other:?}"),
        }
    }
}

/// Asks the Redis on this port of this machine; an error that it answers is an error.
pub(crate) fn ask(port: u16, words: &[&[u8]]) -> Result<Reply> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let mut stream = TcpStream::connect_timeout(&address, DEADLINE).context("connect to Redis")?;
    stream.set_read_timeout(Some(DEADLINE))?;
    stream.set_write_timeout(Some(DEADLINE))?;
    let mut out = format!("*{}\r\n", words.len()).into_bytes();
    for word in words {
        write!(out, "${}\r\n", word.len())?;
        out.extend_from_slice(word);
        out.extend_from_slice(b"\r\n");
    }
    stream.write_all(&out)?;
    let first = String::from_utf8_lossy(words[0]).into_owned();
    read(&mut BufReader::new(stream)).with_context(|| format!("{first} to the Redis on port {port}"))
}

fn read(from: &mut impl BufRead) -> Result<Reply> {
    let mut line = String::new();
    from.read_line(&mut line)?;
    let line = line.trim_end();
    let (kind, rest) = line.split_at_checked(1).context("Redis closed the connection")?;
    Ok(match kind {
        "+" => Reply::Text(rest.to_owned()),
        "-" => bail!("Redis answered {rest}"),
        ":" => Reply::Number(rest.parse()?),
        "$" | "*" if rest == "-1" => Reply::Nil,
        "$" => {
            let mut bytes = vec![0; length(rest)? + 2];
            from.read_exact(&mut bytes)?;
            bytes.truncate(bytes.len() - 2);
            Reply::Text(String::from_utf8_lossy(&bytes).into_owned())
        }
        "*" => Reply::List((0..length(rest)?).map(|_| read(from)).collect::<Result<_>>()?),
        _ => bail!("not an answer of Redis: {line}"),
    })
}

fn length(text: &str) -> Result<usize> {
    let length = text.parse()?;
    ensure!(length <= LENGTH_MAX, "an answer of {length} parts");
    Ok(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_answer_is_read() {
        let read = |text: &str| read(&mut text.as_bytes());
        assert_eq!(read("+OK\r\n").unwrap(), Reply::Text("OK".into()));
        assert_eq!(read(":-3\r\n").unwrap(), Reply::Number(-3));
        assert_eq!(read("$3\r\na\nb\r\n").unwrap(), Reply::Text("a\nb".into()));
        let list = Reply::List(vec![Reply::Nil, Reply::List(vec![]), Reply::Number(1)]);
        assert_eq!(read("*3\r\n$-1\r\n*0\r\n:1\r\n").unwrap(), list);
        assert!(read("-OOM no\r\n").unwrap_err().to_string().contains("OOM"));
        assert!(read("").is_err() && read("HTTP/1.1\r\n").is_err() && read("$9\r\nabc\r\n").is_err());
    }
}
