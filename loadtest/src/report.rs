//! What a scenario found: figures beside their budgets, and the checker's verdict. As a table or as JSON.

use std::fmt::Write;

use serde::Serialize;

use crate::check::Verdict;
use crate::figures::{median, median_ratio};

#[derive(Debug, Serialize)]
pub(crate) struct Report {
    pub(crate) scenario: &'static str,
    /// How the machine was shared, and with how much load.
    pub(crate) conditions: String,
    pub(crate) rows: Vec<Row>,
    pub(crate) checks: Vec<Check>,
    /// What a reader must know to read the figures right.
    pub(crate) notes: Vec<String>,
}

#[derive(Debug, Serialize)]
pub(crate) struct Row {
    pub(crate) what: String,
    pub(crate) unit: &'static str,
    /// The floor's figure, where `what` names no other.
    pub(crate) reference: Option<f64>,
    pub(crate) gateway: f64,
    /// To the reference, as the median over rounds.
    pub(crate) ratio: Option<f64>,
    pub(crate) budget: Option<Budget>,
}

#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Budget {
    RatioAtMost(f64),
    RatioAtLeast(f64),
    ValueAtMost(f64),
    ValueAtLeast(f64),
}

/// The checker's word on one server.
#[derive(Debug, Serialize)]
pub(crate) struct Check {
    pub(crate) server: String,
    #[serde(flatten)]
    pub(crate) verdict: Verdict,
}

impl Row {
    /// A figure of each round, on both servers, in the same order of rounds.
    pub(crate) fn compare(
        what: impl Into<String>,
        unit: &'static str,
        gateway: &[f64],
        reference: &[f64],
    ) -> Self {
        Self {
            what: what.into(),
            unit,
            reference: Some(median(reference.iter().copied())),
            gateway: median(gateway.iter().copied()),
            ratio: Some(median_ratio(gateway, reference)),
            budget: None,
        }
    }

    pub(crate) fn budget(mut self, budget: Budget) -> Self {
        self.budget = Some(budget);
        self
    }

    /// Whether the budget is kept; `None` without one.
    fn is_kept(&self) -> Option<bool> {
        Some(match self.budget? {
            Budget::RatioAtMost(most) => self.ratio? <= most,
            Budget::RatioAtLeast(least) => self.ratio? >= least,
            Budget::ValueAtMost(most) => self.gateway <= most,
            Budget::ValueAtLeast(least) => self.gateway >= least,
        })
    }

    fn cells(&self) -> [String; 6] {
        let number =
            |value: f64| if value.abs() >= 1000.0 { format!("{value:.0}") } else { format!("{value:.2}") };
        [
            self.what.clone(),
            self.reference.map(number).unwrap_or_default(),
            number(self.gateway),
            self.unit.to_owned(),
            self.ratio.map(|ratio| format!("{ratio:.2}")).unwrap_or_default(),
            match (self.budget, self.is_kept()) {
                (Some(budget), Some(is_kept)) => {
                    let (sign, bound) = match budget {
                        Budget::RatioAtMost(most) | Budget::ValueAtMost(most) => ("≤", most),
                        Budget::RatioAtLeast(least) | Budget::ValueAtLeast(least) => ("≥", least),
                    };
                    format!("{sign} {bound:.2} {}", if is_kept { "kept" } else { "MISSED" })
                }
                _ => String::new(),
            },
        ]
    }
}

impl Report {
    /// Nothing was lost untold, repeated or out of order.
    pub(crate) fn is_clean(&self) -> bool {
        self.checks.iter().all(|check| check.verdict.is_clean())
    }

    pub(crate) fn table(&self) -> String {
        let mut out = format!("{}: {}\n", self.scenario, self.conditions);
        let head = ["", "reference", "gateway", "unit", "ratio", "budget"].map(str::to_owned);
        let rows: Vec<_> = std::iter::once(head).chain(self.rows.iter().map(Row::cells)).collect();
        let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
        let widths: [usize; 6] = std::array::from_fn(width);
        let shown = if self.rows.is_empty() { &[] } else { rows.as_slice() };
        for row in shown {
            let mut line = String::new();
            for (column, cell) in row.iter().enumerate() {
                let width = widths[column];
                // Numbers to the right, words to the left.
                let is_number = matches!(column, 1 | 2 | 4);
                let padded =
                    if is_number { format!("  {cell:>width$}") } else { format!("  {cell:<width$}") };
                line.push_str(&padded);
            }
            writeln!(out, "{}", line.trim_end()).expect("memory is writable");
        }
        for check in &self.checks {
            let Verdict { events_in, events_out, subscribers, told, untold, twice, out_of_order } =
                check.verdict;
            writeln!(
                out,
                "  check {}: {events_in} in × {subscribers} subscribers = {events_out} out + {told} told as lost; \
                 untold {untold}, twice {twice}, out of order {out_of_order}: {}",
                check.server,
                if check.verdict.is_clean() { "ok" } else { "FAILED" },
            )
            .expect("memory is writable");
        }
        for note in &self.notes {
            writeln!(out, "  note: {note}").expect("memory is writable");
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_is_kept_or_missed_by_what_it_bounds() {
        let row = || Row::compare("cost", "µs", &[2.0], &[1.0]);
        assert_eq!(row().is_kept(), None);
        assert_eq!(row().budget(Budget::RatioAtMost(2.0)).is_kept(), Some(true));
        assert_eq!(row().budget(Budget::RatioAtMost(1.9)).is_kept(), Some(false));
        assert_eq!(row().budget(Budget::RatioAtLeast(2.1)).is_kept(), Some(false));
        assert_eq!(row().budget(Budget::ValueAtMost(2.0)).is_kept(), Some(true));
    }

    #[test]
    fn the_table_says_what_the_figures_are_and_who_failed() {
        let verdict =
            Verdict { events_in: 9, subscribers: 1, events_out: 8, untold: 1, ..Verdict::default() };
        let report = Report {
            scenario: "fanout",
            conditions: "2 cores".into(),
            rows: vec![Row::compare("CPU", "µs", &[1.2], &[1.0]).budget(Budget::RatioAtMost(1.1))],
            checks: vec![Check { server: "gateway".into(), verdict }],
            notes: vec![],
        };
        let table = report.table();
        assert!(
            table.contains("≤ 1.10 MISSED") && table.contains("untold 1") && table.contains("FAILED"),
            "{table}"
        );
        assert!(!report.is_clean());
    }
}
