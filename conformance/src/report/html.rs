//! The report as one page that needs nothing else: no script, no font, no picture from elsewhere.

use super::{Report, Verdict, escape};
use std::collections::BTreeMap;
use std::fmt::Write as _;

const STYLE: &str = "body{font:15px/1.45 system-ui,sans-serif;margin:2rem auto;max-width:75rem;padding:0 1rem;color:#1b1b1f;background:#fff}\
table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.3rem .6rem;border-bottom:1px solid #ddd;vertical-align:top}\
td.v{font-weight:600;white-space:nowrap}.PASS{color:#14713d}.FAIL,.XPASS,.ERROR{color:#b3261e}.XFAIL{color:#8a5a00}.SKIP{color:#777}\
code,pre{font:13px/1.4 ui-monospace,monospace}pre{background:#f4f4f6;padding:.7rem;overflow:auto;white-space:pre-wrap}small{color:#666}\
@media(prefers-color-scheme:dark){body{color:#e6e6ea;background:#16161a}th,td{border-color:#333}pre{background:#222228}\
.PASS{color:#6fd39a}.FAIL,.XPASS,.ERROR{color:#ff8a80}.XFAIL{color:#e5b567}.SKIP,small{color:#999}}";

pub(super) fn render(report: &Report) -> String {
    let columns = report.columns();
    let mut page = format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Kafka conformance</title>\
         <meta name=\"viewport\" content=\"width=device-width\"><style>{STYLE}</style></head><body>\n<h1>Kafka conformance</h1>\n<p>"
    );
    for (name, count) in report.counts() {
        let _ = write!(page, "<span class=\"{name}\">{count} {name}</span> · ");
    }
    let _ = writeln!(
        page,
        "{} s · suite {} · seed {}</p>\n<ul>",
        report.wall_ms / 1000,
        report.suite_version,
        report.seed
    );
    for target in &report.targets {
        let _ = writeln!(page, "<li>broker {}</li>", escape(target));
    }
    for (driver, client) in &report.drivers {
        let _ = writeln!(page, "<li>driver {}: {}</li>", escape(driver), escape(client));
    }
    page.push_str("</ul>\n<table><thead><tr><th>case</th>");
    for (target, driver) in &columns {
        let _ = write!(page, "<th>{}<br><small>{}</small></th>", escape(driver), escape(target));
    }
    page.push_str("</tr></thead><tbody>\n");
    for (case, row) in report.rows() {
        let _ = write!(
            page,
            "<tr><td><code>{}</code><br><small>{} ({})</small></td>",
            escape(&case.case),
            escape(&case.title),
            escape(&case.source.join(", "))
        );
        for (target, driver) in &columns {
            let found = row.iter().find(|result| result.target == *target && result.driver == *driver);
            match found {
                Some(result) => {
                    let name = result.verdict.name();
                    let reason = escape(result.reason.as_deref().unwrap_or(""));
                    let _ = write!(page, "<td class=\"v {name}\" title=\"{reason}\">{name}</td>");
                }
                None => page.push_str("<td></td>"),
            }
        }
        page.push_str("</tr>\n");
    }
    page.push_str("</tbody></table>\n");
    page.push_str(&skipped(report));
    for result in report.results.iter().filter(|result| result.failure.is_some() || result.verdict.is_bad()) {
        let _ = writeln!(
            page,
            "<h2 class=\"{}\">{} <code>{}</code> <small>{} on {}</small></h2>\n<p>{}</p>",
            result.verdict.name(),
            result.verdict.name(),
            escape(&result.case),
            escape(&result.driver),
            escape(&result.target),
            escape(result.reason.as_deref().unwrap_or(&result.title)),
        );
        if let Some(failure) = &result.failure {
            let text = format!(
                "{} at {}\nexpected {}\nactual   {}\n\n{}",
                failure.step,
                failure.path,
                failure.expected,
                failure.actual,
                failure.transcript.join("\n")
            );
            let _ = writeln!(page, "<pre>{}</pre>", escape(&text));
        }
        let _ = writeln!(page, "<pre>{}</pre>", escape(&report.replay(result)));
    }
    page.push_str("</body></html>\n");
    page
}

/// Why cases were not run, most frequent first.
fn skipped(report: &Report) -> String {
    let mut reasons: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for result in report.results.iter().filter(|result| result.verdict == Verdict::Skip) {
        let cell = format!("{} ({} on {})", result.case, result.driver, result.target);
        reasons.entry(result.reason.as_deref().unwrap_or("")).or_default().push(cell);
    }
    if reasons.is_empty() {
        return String::new();
    }
    let mut reasons: Vec<_> = reasons.into_iter().collect();
    reasons.sort_by_key(|(_, cells)| std::cmp::Reverse(cells.len()));
    let mut text = String::from("<h2 class=\"SKIP\">Not run</h2>\n<ul>\n");
    for (reason, cells) in reasons {
        let _ = writeln!(text, "<li>{}<br><small>{}</small></li>", escape(reason), escape(&cells.join(", ")));
    }
    text.push_str("</ul>\n");
    text
}
