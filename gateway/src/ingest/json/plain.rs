//! Where the plain part of a string ends. Most of a payload lies in strings, so eight bytes are looked at in one step.

/// How many bytes from here on are neither a quote, a backslash nor a control character.
#[inline]
pub(super) fn plain(bytes: &[u8]) -> usize {
    let (words, rest) = bytes.as_chunks();
    for (index, word) in words.iter().enumerate() {
        let marks = special(u64::from_le_bytes(*word));
        if marks != 0 {
            return 8 * index + marks.trailing_zeros() as usize / 8;
        }
    }
    let is_special = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..=0x1F);
    8 * words.len() + rest.iter().position(is_special).unwrap_or(rest.len())
}

/// The high bit of the first byte, from the low end, that is a quote, a backslash or a control character; zero if none is. Bits
/// above that one mean nothing: a borrow may have set them.
fn special(word: u64) -> u64 {
    const EACH: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x80 * EACH;
    let below = |word: u64, bound: u64| word.wrapping_sub(bound * EACH) & !word & HIGH;
    below(word ^ (u64::from(b'"') * EACH), 1) | below(word ^ (u64::from(b'\\') * EACH), 1) | below(word, 0x20)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn eight_at_a_time_is_one_at_a_time(bytes in proptest::collection::vec(prop_oneof![4 => any::<u8>(),
            1 => prop::sample::select(vec![b'"', b'\\', 0, 0x1F, 0x20, 0x21, 0x23, 0x5B, 0x5D, 0x7F, 0x80, 0xA2, 0xDC, 0xFF])], 0..40)) {
            let first = bytes.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1F));
            prop_assert_eq!(plain(&bytes), first.unwrap_or(bytes.len()));
        }
    }
}
