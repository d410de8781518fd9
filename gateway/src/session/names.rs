//! What a session is called by operators: 8 of `a-z0-9`, made of its number and never kept, so that it costs a session nothing.

use crate::hub::outlet::SessionId;

/// How many names there are.
const NAMES: u64 = 36_u64.pow(8);

/// A node's own order of all names: no two numbers below [`NAMES`] share one, and two nodes seldom do.
#[derive(Debug)]
pub(super) struct Names {
    /// Shares no divisor with [`NAMES`], so that numbers and names pair off.
    factor: u64,
    start: u64,
}

impl Default for Names {
    fn default() -> Self {
        let mut factor = fastrand::u64(NAMES / 2..NAMES);
        while factor.is_multiple_of(2) || factor.is_multiple_of(3) {
            factor -= 1;
        }
        Self { factor, start: fastrand::u64(..NAMES) }
    }
}

impl Names {
    pub(super) fn of(&self, session: SessionId) -> String {
        let mut rest = self.number(session);
        let mut name = ['0'; 8];
        for place in name.iter_mut().rev() {
            *place = char::from_digit((rest % 36) as u32, 36).unwrap_or('0');
            rest /= 36;
        }
        name.iter().collect()
    }

    /// Whether this is the session's name.
    pub(super) fn is_of(&self, name: &str, session: SessionId) -> bool {
        let is_name = |byte: u8| byte.is_ascii_digit() || byte.is_ascii_lowercase();
        name.len() == 8
            && name.bytes().all(is_name)
            && u64::from_str_radix(name, 36) == Ok(self.number(session))
    }

    fn number(&self, session: SessionId) -> u64 {
        let product = u128::from(session.0) * u128::from(self.factor) + u128::from(self.start);
        (product % u128::from(NAMES)) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn each_session_has_a_name_of_its_own_and_no_other_fits_it() {
        let names = Names::default();
        let all: HashSet<String> = (0..100_000).map(|number| names.of(SessionId(number))).collect();
        assert_eq!(all.len(), 100_000);
        let name = names.of(SessionId(7));
        assert!(name.len() == 8 && names.is_of(&name, SessionId(7)) && !names.is_of(&name, SessionId(8)));
        for other in ["", "+0000001", "0000000", "000000000", "ABCDEFGH", "\u{e9}\u{e9}\u{e9}\u{e9}"] {
            assert!(!names.is_of(other, SessionId(7)), "{other}");
        }
    }
}
