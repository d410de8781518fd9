//! A set of offsets as rising runs: small where they follow each other, which they nearly always do. Pure.

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Runs {
    runs: Vec<(u32, u32)>,
}

impl Runs {
    /// Adds `low..=high`; nothing where that is empty.
    pub(crate) fn add(&mut self, low: u32, high: u32) {
        if low > high {
            return;
        }
        if let Some(last) = self.runs.last_mut()
            && last.1.checked_add(1) == Some(low)
        {
            last.1 = high;
            return;
        }
        let is_last = self.runs.last().is_none_or(|last| last.1 < low);
        self.runs.push((low, high));
        if !is_last {
            self.merge();
        }
    }

    fn merge(&mut self) {
        self.runs.sort_unstable();
        let mut merged: Vec<(u32, u32)> = Vec::with_capacity(self.runs.len());
        for (low, high) in self.runs.drain(..) {
            match merged.last_mut() {
                Some(last) if low <= last.1.saturating_add(1) => last.1 = last.1.max(high),
                _ => merged.push((low, high)),
            }
        }
        self.runs = merged;
    }

    pub(crate) fn contains(&self, offset: u32) -> bool {
        let after = self.runs.partition_point(|(low, _)| *low <= offset);
        after > 0 && self.runs[after - 1].1 >= offset
    }

    /// What of `low..=high` is in neither set.
    pub(crate) fn holes_beside(&self, other: &Self, low: u32, high: u32) -> Vec<u32> {
        (low..=high).filter(|offset| !self.contains(*offset) && !other.contains(*offset)).collect()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = u32> {
        self.runs.iter().flat_map(|(low, high)| *low..=*high)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(parts: &[(u32, u32)]) -> Runs {
        let mut runs = Runs::default();
        for (low, high) in parts {
            runs.add(*low, *high);
        }
        runs
    }

    #[test]
    fn runs_that_touch_are_one_in_whatever_order_they_come() {
        for parts in [&[(1, 2), (3, 4), (9, 9)][..], &[(9, 9), (3, 4), (1, 2)], &[(1, 4), (2, 3), (9, 9)]] {
            assert_eq!(set(parts), Runs { runs: vec![(1, 4), (9, 9)] }, "{parts:?}");
        }
        assert_eq!(set(&[(5, 4)]), Runs::default());
    }

    #[test]
    fn what_is_in_neither_is_a_hole() {
        let (got, told) = (set(&[(1, 3), (8, 8)]), set(&[(5, 6)]));
        assert_eq!(got.holes_beside(&told, 1, 9), [4, 7, 9]);
        assert!(got.contains(3) && !got.contains(4) && !got.contains(0));
        assert_eq!(got.iter().collect::<Vec<_>>(), [1, 2, 3, 8]);
    }
}
