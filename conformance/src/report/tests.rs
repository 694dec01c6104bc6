#![allow(clippy::disallowed_methods)] // Files of the suite itself.
use super::*;

fn report() -> Report {
    let result = |driver: &str, verdict, failure| CaseResult {
        case: "area.name".to_owned(),
        title: "claims <something>".to_owned(),
        level: Level::Core,
        strength: Strength::Must,
        source: vec!["KIP-1".to_owned()],
        driver: driver.to_owned(),
        target: "kafka".to_owned(),
        verdict,
        reason: None,
        skip: None,
        failure,
        duration_ms: 1234,
    };
    let failure = Failure {
        step: "step 1, x".to_owned(),
        path: ".a".to_owned(),
        expected: "1".to_owned(),
        actual: "\"<b>\u{1b}\"".to_owned(),
        transcript: vec!["→ x {}".to_owned()],
    };
    let mut report = Report::new(7, 0);
    report.results.push(result("rust", Verdict::Pass, None));
    let skip = Skip::DriverLacks(vec!["admin.<thing>".to_owned()]);
    let skipped = result("librdkafka", Verdict::Skip, None);
    report.results.push(CaseResult { reason: Some(skip.to_string()), skip: Some(skip), ..skipped });
    report.results.push(result("java", Verdict::Fail, Some(failure)));
    report.sort();
    report
}

#[test]
fn terminal_shows_the_matrix_the_difference_and_how_to_run_it_again() {
    let text = report().terminal();
    assert!(text.contains("area.name") && text.contains("PASS") && text.contains("expected 1"), "{text}");
    assert!(text.contains("run --target kafka --driver java --only area.name --seed 7"), "{text}");
}

#[test]
fn markup_holds_no_raw_text_of_a_peer() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    report().write(folder.path()).expect("it is written");
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).expect("it is there");
    for name in ["report.xml", "report.html"] {
        let text = read(name);
        assert!(text.contains("&lt;b&gt;") && !text.contains("<b>") && !text.contains('\u{1b}'), "{name}");
    }
    assert!(read("report.xml").contains("failures=\"1\""));
    assert!(
        read("report.html").contains("<li>the driver has no admin.&lt;thing&gt;"),
        "a page shows reasons, not only on hover"
    );
    let json: serde_json::Value = serde_json::from_str(&read("report.json")).expect("it is JSON");
    assert_eq!(json["results"][0]["verdict"], "FAIL");
    assert_eq!(json["results"][1]["skip"]["kind"], "driver_lacks");
}
