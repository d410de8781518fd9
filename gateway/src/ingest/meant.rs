//! What a row can say, but cannot mean: told when it is read, before a delivery is refused or believed for it.

use crate::mistake::Mistake;

use super::method::Scheme;
use super::template::{Part, Template};
use super::time::TimeRule;

/// Each mistake with the key it belongs to.
pub fn mistakes(
    scheme: &Scheme,
    message: Option<&Template>,
    time: Option<&TimeRule>,
) -> Vec<(&'static str, Mistake)> {
    let signs = |part: &Part| message.is_some_and(|message| message.parts().any(|signed| signed == part));
    let mut found = Vec::new();
    if message.is_some() && matches!(scheme, Scheme::Token | Scheme::None | Scheme::Jws(_)) {
        let what = "nothing is made of a message here: what is sent is compared, or a token, as it stands";
        let mend = "take message away, or write scheme = \"hmac\" if the vendor signs it; of several tokens one is checked";
        found.push(("message", Mistake::new(what, mend)));
    }
    if signs(&Part::Timestamp) && time.is_none() {
        let mend =
            "write such as time = { header = \"X-Timestamp\" }, or { sig = \"t\" } beside the signature";
        found.push(("message", Mistake::new("{ts} is signed, but nothing says where the time stands", mend)));
    }
    let is_of_message = matches!(scheme, Scheme::Hmac(_) | Scheme::PublicKey(_) | Scheme::Digest(_));
    if let Some(time) = time.filter(|_| is_of_message)
        && matches!(time.from, Part::Header(_) | Part::Query(_))
        && !signs(&Part::Timestamp)
        && !signs(&time.from)
    {
        let what = "this time is not signed: whoever holds an old delivery gives it another";
        let mend = "put {ts} into message where the vendor has it, or take time away";
        found.push(("time", Mistake::new(what, mend)));
    }
    found
}

/// A type that reads like a place, but is published as the text that it is.
pub fn literal_place(text: &str) -> Option<Mistake> {
    let places = ["json:", "header:", "query:", "form:"];
    let is_meant = !text.contains('{') && places.iter().any(|place| text.starts_with(place));
    is_meant.then(|| {
        Mistake::new(
            format!("`{text}` is a text as it stands"),
            format!("write {{{text}}} for what is there"),
        )
    })
}
