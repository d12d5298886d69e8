//! The report as JUnit XML: a suite for each model, a test case for each case.
//!
//! There is no standard; this is the part that Jenkins, GitLab and others agree on.

use std::io;
use std::io::Write;

use quick_xml::Writer;
use quick_xml::events::BytesDecl;
use quick_xml::events::BytesEnd;
use quick_xml::events::BytesStart;
use quick_xml::events::Event;

use crate::conformance::figures::Figures;
use crate::conformance::report::row_name;
use crate::conformance::result::CaseResult;
use crate::conformance::result::Outcome;
use crate::conformance::result::Report;

pub(super) fn write(report: &Report, output: &mut dyn Write) -> io::Result<()> {
    let mut xml = Writer::new_with_indent(&mut *output, b' ', 2);
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let mut suites = BytesStart::new("testsuites");
    suites.push_attribute(("name", "bedrock-gateway conformance"));
    count(&mut suites, &report.totals, report.took_ms);
    xml.write_event(Event::Start(suites))?;
    for figures in &report.models {
        let model = figures.model.as_deref();
        let results = report
            .results
            .iter()
            .filter(|result| result.model.as_deref() == model);
        let results: Vec<&CaseResult> = results.collect();
        let mut suite = BytesStart::new("testsuite");
        suite.push_attribute(("name", row_name(model)));
        suite.push_attribute(("timestamp", report.started_at.to_string().as_str()));
        count(
            &mut suite,
            figures,
            results.iter().map(|result| took_ms(result)).sum(),
        );
        xml.write_event(Event::Start(suite))?;
        for result in results {
            write_case(&mut xml, result)?;
        }
        xml.write_event(Event::End(BytesEnd::new("testsuite")))?;
    }
    xml.write_event(Event::End(BytesEnd::new("testsuites")))?;
    writeln!(output)
}

fn took_ms(result: &CaseResult) -> f64 {
    result.calls.iter().map(|call| call.took_ms).sum()
}

fn count(element: &mut BytesStart<'_>, figures: &Figures, took_ms: f64) {
    let tests = figures.passed + figures.failed + figures.skipped;
    element.push_attribute(("tests", tests.to_string().as_str()));
    element.push_attribute(("failures", figures.failed.to_string().as_str()));
    element.push_attribute(("errors", "0"));
    element.push_attribute(("skipped", figures.skipped.to_string().as_str()));
    element.push_attribute(("time", seconds(took_ms).as_str()));
}

fn seconds(milliseconds: f64) -> String {
    format!("{:.3}", milliseconds / 1000.0)
}

fn write_case<W: Write>(xml: &mut Writer<W>, result: &CaseResult) -> io::Result<()> {
    let mut case = BytesStart::new("testcase");
    let class = format!(
        "{}.{}",
        row_name(result.model.as_deref()),
        result.family.name()
    );
    case.push_attribute(("classname", class.as_str()));
    case.push_attribute(("name", result.case.as_str()));
    case.push_attribute(("time", seconds(took_ms(result)).as_str()));
    match &result.outcome {
        Outcome::Passed => xml.write_event(Event::Empty(case))?,
        Outcome::Skipped { reason } => {
            xml.write_event(Event::Start(case))?;
            let mut skipped = BytesStart::new("skipped");
            skipped.push_attribute(("message", printable(reason).as_str()));
            xml.write_event(Event::Empty(skipped))?;
            xml.write_event(Event::End(BytesEnd::new("testcase")))?;
        }
        Outcome::Failed { findings } => {
            xml.write_event(Event::Start(case))?;
            for finding in findings {
                let mut failure = BytesStart::new("failure");
                failure.push_attribute(("type", finding.rule.as_str()));
                failure.push_attribute(("message", printable(&finding.problem).as_str()));
                xml.write_event(Event::Empty(failure))?;
            }
            xml.write_event(Event::End(BytesEnd::new("testcase")))?;
        }
    }
    Ok(())
}

/// Without what XML 1.0 cannot hold, even escaped.
fn printable(text: &str) -> String {
    let is_allowed =
        |letter: &char| matches!(letter, '\t' | '\n' | '\r' | ' '..='\u{FFFD}' | '\u{10000}'..);
    text.chars().filter(is_allowed).collect()
}
