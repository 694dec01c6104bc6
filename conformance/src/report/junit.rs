//! The report as JUnit XML: a suite per broker and driver.

use super::{Report, Verdict, escape};
use std::fmt::Write as _;

pub(super) fn render(report: &Report) -> String {
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n");
    for (target, driver) in report.columns() {
        let results: Vec<_> = report
            .results
            .iter()
            .filter(|result| result.target == target && result.driver == driver)
            .collect();
        let count =
            |verdicts: &[Verdict]| results.iter().filter(|result| verdicts.contains(&result.verdict)).count();
        let _ = writeln!(
            xml,
            "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\">",
            escape(&format!("{driver} on {target}")),
            results.len(),
            count(&[Verdict::Fail, Verdict::Xpass]),
            count(&[Verdict::Error]),
            count(&[Verdict::Skip, Verdict::Xfail]),
        );
        for result in results {
            let _ = write!(
                xml,
                "    <testcase classname=\"{}\" name=\"{}\" time=\"{}.{:03}\">",
                escape(&format!("{target}.{driver}")),
                escape(&result.case),
                result.duration_ms / 1000,
                result.duration_ms % 1000,
            );
            let reason = escape(result.reason.as_deref().unwrap_or(""));
            let detail = result.failure.as_ref().map_or_else(String::new, |failure| {
                let transcript = failure.transcript.join("\n");
                escape(&format!(
                    "{} at {}\nexpected {}\nactual   {}\n{}\n{transcript}",
                    failure.step,
                    failure.path,
                    failure.expected,
                    failure.actual,
                    report.replay(result)
                ))
            });
            let _ = match result.verdict {
                Verdict::Pass => write!(xml, ""),
                Verdict::Skip | Verdict::Xfail => write!(xml, "<skipped message=\"{reason}\"/>"),
                Verdict::Error => write!(xml, "<error message=\"{reason}\"/>"),
                Verdict::Fail | Verdict::Xpass => {
                    write!(xml, "<failure message=\"{reason}\">{detail}</failure>")
                }
            };
            xml.push_str("</testcase>\n");
        }
        xml.push_str("  </testsuite>\n");
    }
    xml.push_str("</testsuites>\n");
    xml
}
