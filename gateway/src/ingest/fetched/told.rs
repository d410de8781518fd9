//! The checks of a delivery whose key is fetched, in words for operators. A vendor's file looks at things in its own order,
//! so of a refused delivery only the check that it failed is told.

use std::time::Duration;

use crate::ingest::checks::{Check, Checked, Proving, span};
use crate::ingest::source::Source;
use crate::ingest::time::Age;

use super::rule::{Rule, Vendor};

/// Header, time and signature; nothing where no key is fetched.
pub fn of_proof(source: &Source, proving: Proving<'_>) -> Option<[Checked; 3]> {
    let methods = source.verifier.methods();
    let rule = methods.iter().find_map(|method| method.rule.fetched.as_ref())?;
    let title = &source.row().title;
    match proving {
        Proving::NotTried => None,
        Proving::By(..) => Some([
            Checked::ok(Check::Header, format!("found where {title} puts it")),
            Checked::ok(Check::Time, time_fits(rule, title)),
            Checked::ok(Check::Signature, "it fits the key that the vendor gave"),
        ]),
        Proving::Refused(refusal) => {
            let allowed = || span(rule.tolerance);
            let says = match refusal.age {
                Some(Age::Stale { seconds }) => {
                    format!("sent {} ago, and {} are allowed", span(Duration::from_secs(seconds)), allowed())
                }
                Some(Age::Future { seconds }) => {
                    format!(
                        "sent {} ahead of this clock: a clock is wrong",
                        span(Duration::from_secs(seconds))
                    )
                }
                _ => refusal.why.to_owned(),
            };
            Some([Check::Header, Check::Time, Check::Signature].map(|check| {
                if check == refusal.check {
                    Checked::failed(check, says.clone())
                } else {
                    Checked::not_reached(check)
                }
            }))
        }
    }
}

fn time_fits(rule: &Rule, title: &str) -> String {
    match rule.vendor {
        Vendor::Ebay => format!("{title} sends no time that is signed"),
        Vendor::PubSub => "the token has not ended".to_owned(),
        Vendor::Sns | Vendor::PayPal | Vendor::Plaid => {
            format!("sent less than {} ago", span(rule.tolerance))
        }
    }
}
