//! Where the parts of a signed message meet. A signature covers their bytes, not where one ends: `id.time.body` would read as
//! well with the head of the body taken for the id, and an old delivery would be fresh, or a new event, under its own
//! signature. So a part is believed only if the message can be cut in no other way. Pure.

use super::template::{Part, Piece, Reading, Template};

/// Longest value of a header that is signed; vendors' ids and times have a quarter of it.
const VALUE_BYTES_MAX: usize = 256;
/// What opens JSON, XML or a text, and stands in no URL.
const NOT_OF_URL: &[u8] = b"{}[]<>\"\\ ";

/// What vendors write their ids and times with, and no JSON begins or ends with.
fn is_of_value(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"_.:+/=-".contains(&byte)
}

/// Why a message could be cut in another way, if it could.
pub fn ambiguous(message: &Template, reading: &Reading<'_>) -> Option<&'static str> {
    let pieces: Vec<&Piece> = message.pieces().filter(|piece| is_there(piece, reading)).collect();
    let wrong = |(at, piece): (usize, &&Piece)| {
        let Piece::Part { part, .. } = piece else { return None };
        let (before, after) = (at.checked_sub(1).map(|at| pieces[at]), pieces.get(at + 1).copied());
        match part {
            Part::Header(_) => {
                let value = reading.part(part)?;
                // What comes first is cut off by its length, so only a literal between two parts has to be found again.
                let before = before.filter(|_| at > 1 || !matches!(before, Some(Piece::Literal(_))));
                header(&value, before, after, &reading.delivery.body)
            }
            Part::Url | Part::Endpoint | Part::Path | Part::Query(_)
                if [before, after].contains(&Some(&BODY)) =>
            {
                let value = reading.part(part)?;
                let holds_body = value.iter().any(|byte| NOT_OF_URL.contains(byte));
                holds_body.then_some("the URL that is signed holds what stands in no URL")
            }
            _ => None,
        }
    };
    pieces.iter().enumerate().find_map(wrong)
}

const BODY: Piece = Piece::Part { part: Part::Body, is_optional: false };

fn is_there(piece: &Piece, reading: &Reading<'_>) -> bool {
    match piece {
        Piece::Part { part: Part::Header(name), .. } => reading.delivery.headers.contains_key(name),
        _ => true,
    }
}

fn header(value: &[u8], before: Option<&Piece>, after: Option<&Piece>, body: &[u8]) -> Option<&'static str> {
    if value.len() > VALUE_BYTES_MAX || !value.iter().copied().all(is_of_value) {
        return Some("a header that is signed holds what no id or time does");
    }
    let delimiters = [
        after.and_then(|piece| piece.literal()?.bytes().next()),
        before.and_then(|piece| piece.literal()?.bytes().next_back()),
    ];
    if delimiters.into_iter().flatten().any(|delimiter| value.contains(&delimiter)) {
        return Some("a header that is signed holds the character that ends it");
    }
    let touching =
        [body.first().filter(|_| after == Some(&BODY)), body.last().filter(|_| before == Some(&BODY))];
    let flows = touching.into_iter().flatten().any(|byte| is_of_value(*byte));
    flows.then_some("nothing tells where the header that is signed ends and the body begins")
}

#[cfg(test)]
mod tests {
    use super::super::delivery::Delivery;
    use super::super::template::Grammar;
    use super::*;

    #[test]
    fn a_header_ends_where_it_says() {
        let endless: String = "1".repeat(VALUE_BYTES_MAX + 1);
        for (message, header, body, is_good) in [
            ("{header:x-a}.{body}", "msg_1:2/3+4=", "1.2", true),
            ("{header:x-a}.{body}", "a.b", "{}", false),
            ("{header:x-a}.{body}", "a{", "{}", false),
            ("{header:x-a}.{body}", "a b", "{}", false),
            ("{header:x-a}.{body}", &endless, "{}", false),
            ("v1:{header:x-a};{body}", "1:2", "{}", true),
            ("{body}.{header:x-a}.{ts}", "a", "1.2", true),
            ("{body}.{header:x-a}", "a.b", "{}", false),
            ("{header:x-a}{body}", "1", "{}", true),
            ("{header:x-a}{body}", "1", "", true),
            ("{header:x-a}{body}", "1", "2", false),
            ("{body}{header:x-a}", "1", "{}", true),
            ("{body}{header:x-a}", "1", "{}2", false),
            ("{header:x-gone?}{body}", "{", "2", true),
        ] {
            let delivery = Delivery::posted("/hooks/s", &[("x-a", header)], body);
            let message = Template::parse(message, Grammar::Row).unwrap();
            let why = ambiguous(&message, &Reading::of(&delivery));
            assert_eq!(why.is_none(), is_good, "{} {header} {body}: {why:?}", message.as_str());
        }
    }

    #[test]
    fn a_url_beside_the_body_holds_none_of_it() {
        let message = Template::parse("{method}{url}{body}", Grammar::Row).unwrap();
        for (uri, is_good) in [("/hooks/s?k=v", true), ("/hooks/s?k=v{x:", false)] {
            let delivery = Delivery::posted(uri, &[], "{}");
            let reading = Reading { public_url: Some("https://x.example"), ..Reading::of(&delivery) };
            assert_eq!(ambiguous(&message, &reading).is_none(), is_good, "{uri}");
        }
    }
}
