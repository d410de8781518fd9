//! Where the plain part of a string ends. Most of a payload lies in strings, most of them short: so the marks of 64 bytes are made at
//! once, and a string's end is the next mark, found without a loop whose length nobody can predict.

#![allow(clippy::inline_always, reason = "part of the pass, which keeps its place in registers")]

use wide::u8x16;

const BLOCK: usize = 64;
const STEP: usize = 16;

/// The marks of the block that was asked for last; a pass goes forward, so each block is looked at once.
#[derive(Debug)]
pub(super) struct Plain {
    block: usize,
    marks: u64,
}

impl Plain {
    pub(super) fn new() -> Self {
        Self { block: usize::MAX, marks: 0 }
    }

    /// The place of the first quote, backslash or control character from a place on; the text's end or beyond it, if there is none.
    #[inline(always)]
    pub(super) fn end(&mut self, bytes: &[u8], from: usize) -> usize {
        let mut at = from;
        loop {
            let block = at / BLOCK;
            if block != self.block {
                (self.block, self.marks) = (block, marks(bytes, block));
            }
            let ahead = self.marks >> (at % BLOCK);
            if ahead != 0 {
                return at + ahead.trailing_zeros() as usize;
            }
            at = (block + 1) * BLOCK;
        }
    }
}

/// One bit a byte of this block, the first one lowest: whether it ends the plain part of a string. What lies beyond the text does.
#[inline(never)]
fn marks(bytes: &[u8], block: usize) -> u64 {
    let (blocks, rest) = bytes.as_chunks();
    if let Some(block) = blocks.get(block) {
        return marks_of(block);
    }
    let mut last = [0; BLOCK];
    if block == blocks.len() {
        last[..rest.len()].copy_from_slice(rest);
    }
    marks_of(&last)
}

fn marks_of(block: &[u8; BLOCK]) -> u64 {
    let mut marks = 0;
    for (index, chunk) in block.as_chunks::<STEP>().0.iter().enumerate() {
        let bytes = u8x16::new(*chunk);
        let is = |byte: u8| bytes.simd_eq(u8x16::splat(byte));
        let is_control = bytes.min(u8x16::splat(0x1F)).simd_eq(bytes);
        let found = (is(b'"') | is(b'\\') | is_control).to_bitmask();
        marks |= u64::from(found) << (STEP * index);
    }
    marks
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn byte() -> impl Strategy<Value = u8> {
        let near = vec![b'"', b'\\', 0, 0x1F, 0x20, 0x21, 0x23, 0x5B, 0x5D, 0x7F, 0x80, 0xA2, 0xDC, 0xFF];
        prop_oneof![30 => 0x23..0x5B_u8, 4 => any::<u8>(), 1 => prop::sample::select(near)]
    }

    proptest! {
        #[test]
        fn the_next_mark_is_what_a_look_at_each_byte_finds(
            bytes in prop::collection::vec(byte(), 0..300),
            steps in prop::collection::vec(0..90_usize, 1..20),
        ) {
            let (mut plain, mut from) = (Plain::new(), 0);
            for step in steps {
                from = (from + step).min(bytes.len());
                let first = bytes[from..].iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1F));
                let expected = first.map_or(bytes.len(), |first| from + first);
                prop_assert_eq!(plain.end(&bytes, from).min(bytes.len()), expected);
            }
        }
    }
}
