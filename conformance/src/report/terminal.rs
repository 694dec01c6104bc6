//! The report for a terminal.

use super::{Report, Verdict};
use comfy_table::{Table, presets};
use std::fmt::Write as _;

pub(super) fn render(report: &Report) -> String {
    let columns = report.columns();
    let mut table = Table::new();
    table.load_preset(presets::NOTHING);
    let header = columns.iter().map(|(target, driver)| format!("{driver}\n{target}"));
    table.set_header(std::iter::once("case".to_owned()).chain(header));
    for (case, row) in report.rows() {
        let cells = columns.iter().map(|(target, driver)| {
            let found = row.iter().find(|result| result.target == *target && result.driver == *driver);
            found.map_or("", |result| result.verdict.name())
        });
        table.add_row(std::iter::once(case.case.as_str()).chain(cells));
    }
    let mut text = format!("{table}\n");
    let mut skipped: Vec<String> = report
        .results
        .iter()
        .filter(|result| result.verdict == Verdict::Skip)
        .map(|result| {
            format!(
                "SKIP {} [{}/{}] {}",
                result.case,
                result.driver,
                result.target,
                result.reason.as_deref().unwrap_or("")
            )
        })
        .collect();
    skipped.sort();
    for line in skipped {
        let _ = writeln!(text, "{line}");
    }
    for result in report.bad() {
        let _ = writeln!(
            text,
            "\n{} {} [{}/{}]",
            result.verdict.name(),
            result.case,
            result.driver,
            result.target
        );
        let _ = writeln!(text, "  {} ({})", result.title, result.source.join(", "));
        if let Some(reason) = &result.reason {
            let _ = writeln!(text, "  {reason}");
        }
        if let Some(failure) = &result.failure {
            let _ = writeln!(text, "  {} at {}", failure.step, failure.path);
            let _ = writeln!(text, "    expected {}", failure.expected);
            let _ = writeln!(text, "    actual   {}", failure.actual);
            for line in failure.transcript.iter().rev().take(4).rev() {
                let _ = writeln!(text, "    {line}");
            }
        }
        let _ = writeln!(text, "  {}", report.replay(result));
    }
    for (driver, client) in &report.drivers {
        let _ = writeln!(text, "{driver}: {client}");
    }
    let counts: Vec<_> = report.counts().into_iter().map(|(name, count)| format!("{count} {name}")).collect();
    let _ = writeln!(
        text,
        "{} in {}.{} s",
        counts.join(", "),
        report.wall_ms / 1000,
        report.wall_ms % 1000 / 100
    );
    text
}
