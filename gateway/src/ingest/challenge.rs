//! What a challenge may look like, and which texts anybody can have signed by sending one. Pure.

/// Longest challenge that is answered.
pub const CHALLENGE_BYTES_MAX: usize = 256;

/// The characters that a challenge may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alphabet {
    /// Letters, digits and `._~+/=-`.
    Token,
    /// Letters, digits, `-` and `_`, as in a UUID: what is signed should look like as little as possible.
    Word,
    /// Lower-case hexadecimal digits: where the signed bodies are base64, the other alphabets would let one through.
    Hex,
    /// A sentence without what markup or JSON is made of, as Microsoft Graph sends: only ever given back, never signed.
    Text,
}

pub const ALPHABETS: &[(&str, Alphabet)] =
    &[("token", Alphabet::Token), ("word", Alphabet::Word), ("hex", Alphabet::Hex), ("text", Alphabet::Text)];

impl Alphabet {
    /// Never JSON of more than one word, nor `v0:time:body`.
    pub fn allows(self, text: &str) -> bool {
        let allowed = |byte: u8| match self {
            Self::Token => byte.is_ascii_alphanumeric() || b"._~+/=-".contains(&byte),
            Self::Word => byte.is_ascii_alphanumeric() || b"-_".contains(&byte),
            Self::Hex => matches!(byte, b'0'..=b'9' | b'a'..=b'f'),
            Self::Text => (byte == b' ' || byte.is_ascii_graphic()) && !b"<>&\"'`\\{}".contains(&byte),
        };
        !text.is_empty() && text.len() <= CHALLENGE_BYTES_MAX && text.bytes().all(allowed)
    }
}

/// What is signed for whoever asks, with the key that deliveries are signed with: such a text proves nothing.
#[derive(Debug, Clone)]
pub struct Askable {
    /// None: the message is always the same.
    pub alphabet: Option<Alphabet>,
    /// `{value}` stands for the challenge.
    pub message: String,
}

impl Askable {
    /// No longer text is ever signed.
    pub fn bytes_max(&self) -> usize {
        self.message.len() + self.places() * CHALLENGE_BYTES_MAX
    }

    /// Whether some challenge has this signed.
    pub fn covers(&self, signed: &[u8]) -> bool {
        let Ok(text) = std::str::from_utf8(signed) else { return false };
        let Some(alphabet) = self.alphabet else { return text == self.message.replace(VALUE, "") };
        let places = self.places();
        let Some(begin) = self.message.find(VALUE) else { return text == self.message };
        let Some(rest) = text.len().checked_sub(self.message.len() - places * VALUE.len()) else {
            return false;
        };
        // Where the challenge stands more than once it is the same each time.
        let value = text.get(begin..begin + rest / places);
        value.is_some_and(|value| alphabet.allows(value) && self.message.replace(VALUE, value) == text)
    }

    fn places(&self) -> usize {
        self.message.matches(VALUE).count()
    }
}

const VALUE: &str = "{value}";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_tokens_are_echoed_or_signed() {
        let token = Alphabet::Token;
        assert!(token.allows("3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P"));
        assert!(token.allows("a-b_c.d~e+f/g=="));
        for text in ["", "v0:1:{}", "{\"type\":1}", "a b", "a\n", "<script>", "ä", &"a".repeat(257)] {
            assert!(!token.allows(text), "{text}");
        }
        assert!(Alphabet::Word.allows("9b4507b3-9040-4669-9ca3-6b94edb50553"));
        for text in ["type=evil", "1.a", "PHhtbD4=", "a/b", ""] {
            assert!(!Alphabet::Word.allows(text), "{text}");
        }
        assert!(Alphabet::Hex.allows("20f9f8ed05f77439fe955c977e4c8a53"));
        for text in ["PHhtbD4=", "20F9", "20f9\n", "20:f9", ""] {
            assert!(!Alphabet::Hex.allows(text), "{text}");
        }
        assert!(Alphabet::Text.allows(GRAPHS));
        for text in ["<script>", "a\nb", "{\"a\":1}", "a&b", "ä", "\\", ""] {
            assert!(!Alphabet::Text.allows(text), "{text}");
        }
    }

    /// As Microsoft Graph asks of a new subscription's URL.
    const GRAPHS: &str = "Validation: Testing client application reachability for subscription Request-Id: 522a8e7e-096a-494c-aaf1-ac0dcfca45b7";

    #[test]
    fn what_a_challenge_has_signed_is_known_by_its_message() {
        let covers = |alphabet, message: &str, text: &str| {
            Askable { alphabet, message: message.to_owned() }.covers(text.as_bytes())
        };
        let word = Some(Alphabet::Word);
        for (message, text, expected) in [
            ("{value}", "42", true),
            ("{value}", "4 2", false),
            ("{value}", "", false),
            ("{value}", &*"a".repeat(256), true),
            ("{value}", &*"a".repeat(257), false),
            ("v0:{value}.", "v0:a.", true),
            ("v0:{value}.", "v0:.", false),
            ("v0:{value}.", "v0:", false),
            ("{value}:{value}", "ab:ab", true),
            ("{value}:{value}", "ab:ac", false),
            ("{value}:{value}", "ab:a", false),
            ("{value}", "ä", false),
            ("fixed", "fixed", true),
            ("fixed", "other", false),
        ] {
            assert_eq!(covers(word, message, text), expected, "{message} {text}");
        }
        assert!(covers(None, "hello{value}", "hello"));
        assert!(!covers(None, "hello{value}", "hello1"));
    }
}
