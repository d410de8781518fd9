//! Whom a row lets us ask for keys. A delivery may name the URL of its key, and whoever forges one would name a host of
//! their own, or one inside this network: only what the row lists is asked, over https. Pure.

use std::net::SocketAddr;

use reqwest::Url;

use crate::ingest::fields::Fields;
use crate::mistake::Mistake;

/// The hosts of one row.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Hosts(Vec<Host>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Host {
    /// Labels of a name, over https at its usual port; none is any one label.
    Named(Vec<Option<String>>),
    /// A port of this machine, over http: for tests, and for what stands in for a vendor. No built-in row has one.
    Local(SocketAddr),
}

impl Hosts {
    pub fn read(fields: &mut Fields<'_>) -> Self {
        let hosts = fields.texts("hosts", Host::parse);
        if fields.get("hosts").is_none() {
            let mend = "write such as hosts = [\"api.example.com\"]: keys come from nowhere else";
            fields.mistake("hosts", Mistake::new("nothing says which hosts keys may come from", mend));
        }
        Self(hosts)
    }

    /// Whether this URL may be asked.
    pub fn allow(&self, url: &Url) -> bool {
        let is_plain = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
        is_plain && self.0.iter().any(|host| host.fits(url))
    }

    /// Reads a URL that a delivery or a row names, if it may be asked.
    pub fn url(&self, text: &str) -> Option<Url> {
        Url::parse(text).ok().filter(|url| text.len() <= URL_BYTES_MAX && self.allow(url))
    }
}

/// Longest URL that is asked; vendors' have a fifth of it.
const URL_BYTES_MAX: usize = 1_024;

impl Host {
    fn parse(text: &str) -> Result<Self, Mistake> {
        let wrong = |what: String| {
            Mistake::new(what, "write a name such as \"api.example.com\", in which `*` may be one label")
        };
        if let Some(address) = text.strip_prefix("http://") {
            let address = address.parse::<SocketAddr>().ok().filter(|address| address.ip().is_loopback());
            return address.map(Self::Local).ok_or_else(|| {
                wrong(format!(
                    "keys come over https but from this machine, and this is `{}`",
                    text.escape_debug()
                ))
            });
        }
        let labels: Vec<&str> = text.split('.').collect();
        let is_literal = |label: &&str| {
            let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
            !label.is_empty() && label.bytes().all(is_plain)
        };
        let is_good = labels.iter().all(|label| *label == "*" || is_literal(label));
        // `*.com` would be everybody.
        let ends = labels.len() >= 2 && labels.iter().rev().take(2).all(is_literal);
        if !is_good || !ends {
            return Err(wrong(format!(
                "`{}` is no host whose last two labels are written out",
                text.escape_debug()
            )));
        }
        Ok(Self::Named(labels.iter().map(|label| (*label != "*").then(|| (*label).to_owned())).collect()))
    }

    fn fits(&self, url: &Url) -> bool {
        match self {
            Self::Local(address) => {
                let ip = url.host_str().map(|host| host.trim_matches(['[', ']']).parse());
                url.scheme() == "http"
                    && ip == Some(Ok(address.ip()))
                    && url.port_or_known_default() == Some(address.port())
            }
            Self::Named(labels) => {
                let Some(name) = url.domain().filter(|_| url.scheme() == "https" && url.port().is_none())
                else {
                    return false;
                };
                let found: Vec<&str> = name.split('.').collect();
                found.len() == labels.len()
                    && labels.iter().zip(found).all(|(label, found)| match label {
                        Some(label) => label == found,
                        None => !found.is_empty(),
                    })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hosts(all: &[&str]) -> Hosts {
        Hosts(all.iter().map(|text| Host::parse(text).unwrap()).collect())
    }

    #[test]
    fn only_what_the_row_lists_is_asked() {
        let hosts = hosts(&["sns.*.amazonaws.com", "api.paypal.com", "http://127.0.0.1:81"]);
        for good in [
            "https://sns.us-east-1.amazonaws.com/a.pem",
            "https://SNS.eu-west-1.AmazonAWS.com/",
            "https://api.paypal.com:443/v1",
            "http://127.0.0.1:81/x",
        ] {
            assert!(hosts.url(good).is_some(), "{good}");
        }
        for bad in [
            "http://sns.us-east-1.amazonaws.com/a.pem",
            "https://sns.us-east-1.amazonaws.com:8443/a.pem",
            "https://sns.us-east-1.amazonaws.com.evil.example/a.pem",
            "https://sns.a.b.amazonaws.com/a.pem",
            "https://sns..amazonaws.com/a.pem",
            "https://xsns.us-east-1.amazonaws.com/",
            "https://api.paypal.com@evil.example/",
            "https://user@api.paypal.com/",
            "https://api.paypal.com./",
            "https://api.paypal.com/#x",
            "https://api.paypal.com\u{2044}.evil.example/",
            "https://169.254.169.254/latest/meta-data",
            "http://127.0.0.1:82/x",
            "https://127.0.0.1:81/x",
            "http://localhost:81/x",
            "file:///etc/passwd",
            "",
        ] {
            assert!(hosts.url(bad).is_none(), "{bad}");
        }
        assert!(hosts.url(&format!("https://api.paypal.com/{}", "a".repeat(1_024))).is_none());
    }

    #[test]
    fn a_row_names_hosts_and_not_half_the_world() {
        for text in [
            "*",
            "*.com",
            "com",
            "a.*",
            "https://a.b",
            "A.example.com",
            "",
            "http://10.0.0.1:80",
            "http://localhost:80",
        ] {
            assert!(Host::parse(text).is_err(), "{text}");
        }
    }
}
