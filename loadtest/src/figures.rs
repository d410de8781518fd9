//! Medians and ratios over rounds. Pure.

/// The middle one; of an even number, the mean of the middle two.
pub(crate) fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut sorted: Vec<f64> = values.into_iter().collect();
    sorted.sort_by(f64::total_cmp);
    match sorted.len() {
        0 => f64::NAN,
        count if count % 2 == 1 => sorted[count / 2],
        count => f64::midpoint(sorted[count / 2 - 1], sorted[count / 2]),
    }
}

/// The median of each round's ratio. Both of a pair ran one after the other, so what disturbs the machine for longer
/// than a round disturbs both.
pub(crate) fn median_ratio(values: &[f64], floor: &[f64]) -> f64 {
    median(values.iter().zip(floor).map(|(value, floor)| value / floor))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_is_found_in_any_order() {
        assert!((median([3.0, 1.0, 2.0]) - 2.0).abs() < 1e-9);
        assert!((median([4.0, 1.0, 2.0, 3.0]) - 2.5).abs() < 1e-9);
        assert!(median([]).is_nan());
    }

    #[test]
    fn a_ratio_is_taken_within_each_round() {
        // The machine was twice as slow in the second round: the ratio does not see it.
        assert!((median_ratio(&[2.0, 4.0, 2.0], &[1.0, 2.0, 1.0]) - 2.0).abs() < 1e-9);
    }
}
