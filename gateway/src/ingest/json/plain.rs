//! Where the plain part of a string ends. Most of a payload lies in strings, so sixteen bytes are looked at in one step.

use wide::u8x16;

const STEP: usize = 16;

/// How many bytes from here on are neither a quote, a backslash nor a control character.
#[inline]
pub(super) fn plain(bytes: &[u8]) -> usize {
    let (chunks, rest) = bytes.as_chunks::<STEP>();
    for (index, chunk) in chunks.iter().enumerate() {
        if let Some(place) = first_special(*chunk) {
            return STEP * index + place;
        }
    }
    let is_special = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..=0x1F);
    STEP * chunks.len() + rest.iter().position(is_special).unwrap_or(rest.len())
}

fn first_special(chunk: [u8; STEP]) -> Option<usize> {
    let bytes = u8x16::new(chunk);
    let is = |byte: u8| bytes.simd_eq(u8x16::splat(byte));
    let is_control = bytes.min(u8x16::splat(0x1F)).simd_eq(bytes);
    let marks = (is(b'"') | is(b'\\') | is_control).to_bitmask();
    (marks != 0).then(|| marks.trailing_zeros() as usize)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn byte() -> impl Strategy<Value = u8> {
        let near = vec![b'"', b'\\', 0, 0x1F, 0x20, 0x21, 0x23, 0x5B, 0x5D, 0x7F, 0x80, 0xA2, 0xDC, 0xFF];
        prop_oneof![4 => any::<u8>(), 1 => prop::sample::select(near)]
    }

    fn first(bytes: &[u8]) -> Option<usize> {
        bytes.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1F))
    }

    proptest! {
        #[test]
        fn many_at_a_time_is_one_at_a_time(bytes in prop::collection::vec(byte(), 0..60)) {
            prop_assert_eq!(plain(&bytes), first(&bytes).unwrap_or(bytes.len()));
        }
    }
}
