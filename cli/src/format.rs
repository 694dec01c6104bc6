//! Tables for people, JSON lines for programs.

use crate::failure::Failure;
use comfy_table::{ContentArrangement, Table, presets};
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;
use std::fmt::Display;
use std::io::{self, IsTerminal, Write};

/// Rows of one kind: a table on a terminal or in a pipe, one JSON object a line with `--json`.
pub(crate) trait Row: Serialize {
    /// The table's head.
    const HEAD: &'static [&'static str];
    /// The row's cells, one per column of the head.
    fn cells(&self) -> Vec<String>;
}

/// Prints the rows; an empty list prints just the head, or nothing as JSON.
pub(crate) fn print_rows<R: Row>(rows: &[R], json: bool) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    if json {
        for row in rows {
            serde_json::to_writer(&mut out, row)?;
            out.write_all(b"\n")?;
        }
    } else {
        let mut table = Table::new();
        table.load_preset(presets::NOTHING).set_header(R::HEAD);
        if io::stdout().is_terminal() {
            table.set_content_arrangement(ContentArrangement::Dynamic);
        }
        for row in rows {
            table.add_row(row.cells());
        }
        if let Some(first) = table.column_mut(0) {
            first.set_padding((0, 1));
        }
        for line in table.lines() {
            writeln!(out, "{}", line.trim_end())?;
        }
    }
    out.flush()?;
    Ok(())
}

/// Prints one line; a reader that has gone is an error as any other, not a panic.
pub(crate) fn print_line(line: impl Display) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    writeln!(out, "{line}")?;
    out.flush()?;
    Ok(())
}

/// A bar on a terminal's standard error; nowhere else is anything drawn.
pub(crate) fn progress(total: Option<u64>) -> ProgressBar {
    let bar = total.map_or_else(ProgressBar::new_spinner, ProgressBar::new);
    let template = match total {
        Some(_) => "{wide_bar} {human_pos:>9}/{human_len} {per_sec:>14}",
        None => "{spinner} {human_pos} {per_sec}",
    };
    match ProgressStyle::with_template(template) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

/// Bytes for a person: 1536 is `1.5 KiB`.
pub(crate) fn bytes(count: u64) -> String {
    const UNITS: [&str; 5] = ["B", "KiB", "MiB", "GiB", "TiB"];
    let mut size = count as f64;
    let mut unit = 0;
    while size >= 1024.0 && unit + 1 < UNITS.len() {
        size /= 1024.0;
        unit += 1;
    }
    if unit == 0 { format!("{count} B") } else { format!("{size:.1} {}", UNITS[unit]) }
}

/// A count for a person: 1234567 is `1,234,567`.
pub(crate) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_and_sizes_read_well() {
        assert_eq!(
            ["0", "999", "1,000", "1,234,567"],
            [count(0), count(999), count(1_000), count(1_234_567)].each_ref().map(String::as_str)
        );
        assert_eq!(
            ["17 B", "1.5 KiB", "1.0 GiB"],
            [bytes(17), bytes(1536), bytes(1 << 30)].each_ref().map(String::as_str)
        );
    }
}
