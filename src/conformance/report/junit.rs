//! The report as JUnit XML: a suite for each model, a test case for each case.
//!
//! There is no standard; this is the part that Jenkins, GitLab and others agree on.

use std::io;
use std::io::Write;

use quick_xml::Writer;
use quick_xml::events::BytesDecl;
use quick_xml::events::BytesEnd;
use quick_xml::events::BytesStart;
use quick_xml::events::BytesText;
use quick_xml::events::Event;

use crate::conformance::compare::Comparison;
use crate::conformance::figures::Figures;
use crate::conformance::report::remarks;
use crate::conformance::report::row_name;
use crate::conformance::result::CaseResult;
use crate::conformance::result::Finding;
use crate::conformance::result::Outcome;
use crate::conformance::result::Report;

type Xml<'a> = Writer<&'a mut dyn Write>;

pub(super) fn write(report: &Report, output: &mut dyn Write) -> io::Result<()> {
    let mut xml: Xml<'_> = Writer::new_with_indent(&mut *output, b' ', 2);
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let mut suites = element("testsuites", &[("name", "bedrock-gateway conformance")]);
    let mut totals = report.totals.clone();
    if let Some(comparison) = &report.comparison {
        *if comparison.is_worse() {
            &mut totals.failed
        } else {
            &mut totals.passed
        } += 1;
    }
    count(&mut suites, &totals, report.took_ms);
    xml.write_event(Event::Start(suites))?;
    for figures in &report.models {
        write_suite(&mut xml, report, figures)?;
    }
    if let Some(comparison) = &report.comparison {
        write_comparison(&mut xml, comparison)?;
    }
    xml.write_event(Event::End(BytesEnd::new("testsuites")))?;
    writeln!(output)
}

fn write_suite(xml: &mut Xml<'_>, report: &Report, figures: &Figures) -> io::Result<()> {
    let model = figures.model.as_deref();
    let results = report
        .results
        .iter()
        .filter(|result| result.model.as_deref() == model);
    let results: Vec<&CaseResult> = results.collect();
    let started_at = report.started_at.to_string();
    let mut suite = element(
        "testsuite",
        &[("name", row_name(model)), ("timestamp", &started_at)],
    );
    let sum = results
        .iter()
        .fold(0.0, |sum, result| sum + took_ms(result));
    count(&mut suite, figures, sum);
    xml.write_event(Event::Start(suite))?;
    xml.write_event(Event::Start(BytesStart::new("properties")))?;
    for (name, value) in properties(report, figures) {
        let property = element("property", &[("name", name), ("value", &value)]);
        xml.write_event(Event::Empty(property))?;
    }
    xml.write_event(Event::End(BytesEnd::new("properties")))?;
    for result in results {
        let class = format!("{}.{}", row_name(model), result.family.name());
        write_case(xml, &class, &result.case, took_ms(result), &result.outcome)?;
    }
    xml.write_event(Event::End(BytesEnd::new("testsuite")))
}

/// What the other forms have in their tables.
fn properties(report: &Report, figures: &Figures) -> Vec<(&'static str, String)> {
    let number = |value: f64| format!("{value:.3}");
    let cost = figures.cost.as_ref();
    let known = [
        ("gateway", Some(report.gateway.clone())),
        (
            "remarks",
            Some(remarks(report).join("; ")).filter(|text| !text.is_empty()),
        ),
        ("median_ms", figures.median_ms.map(number)),
        ("p95_ms", figures.p95_ms.map(number)),
        ("first_content_ms", figures.first_content_ms.map(number)),
        ("tokens_per_second", figures.tokens_per_second.map(number)),
        ("input_tokens", Some(figures.input_tokens.to_string())),
        ("output_tokens", Some(figures.output_tokens.to_string())),
        ("cost_nanos", cost.map(|cost| cost.nanos.to_string())),
        ("cost_currency", cost.map(|cost| cost.currency.clone())),
    ];
    let known = known.into_iter();
    known
        .filter_map(|(name, value)| Some((name, value?)))
        .collect()
}

/// A suite of its own with one test case, which fails if something got worse.
fn write_comparison(xml: &mut Xml<'_>, comparison: &Comparison) -> io::Result<()> {
    let problem = comparison.lines().join("\n");
    let mut figures = Figures::default();
    let outcome = if comparison.is_worse() {
        figures.failed = 1;
        let finding = Finding::new("compare", problem);
        Outcome::Failed {
            findings: vec![finding],
        }
    } else {
        figures.passed = 1;
        Outcome::Passed
    };
    let mut suite = element("testsuite", &[("name", "(comparison)")]);
    count(&mut suite, &figures, 0.0);
    xml.write_event(Event::Start(suite))?;
    write_case(xml, "(comparison)", "compare", 0.0, &outcome)?;
    xml.write_event(Event::End(BytesEnd::new("testsuite")))
}

fn element<'a>(name: &'a str, attributes: &[(&str, &str)]) -> BytesStart<'a> {
    let mut element = BytesStart::new(name);
    for (name, value) in attributes {
        element.push_attribute((*name, printable(value).as_str()));
    }
    element
}

fn took_ms(result: &CaseResult) -> f64 {
    let times = result.calls.iter().map(|call| call.took_ms);
    times.fold(0.0, |sum, time| sum + time)
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

fn write_case(
    xml: &mut Xml<'_>,
    class: &str,
    name: &str,
    took_ms: f64,
    outcome: &Outcome,
) -> io::Result<()> {
    let took = seconds(took_ms);
    let case = element(
        "testcase",
        &[("classname", class), ("name", name), ("time", &took)],
    );
    match outcome {
        Outcome::Passed => return xml.write_event(Event::Empty(case)),
        Outcome::Skipped { reason } => {
            xml.write_event(Event::Start(case))?;
            let skipped = element("skipped", &[("message", reason)]);
            xml.write_event(Event::Empty(skipped))?;
        }
        Outcome::Failed { findings } => {
            xml.write_event(Event::Start(case))?;
            let lines = findings
                .iter()
                .map(|finding| format!("{}: {}", finding.rule, finding.problem));
            let lines: Vec<String> = lines.collect();
            // One for each case: readers count them.
            let rule = findings.first().map_or("", |finding| &finding.rule);
            let message = lines.first().map_or("", String::as_str);
            let failure = element("failure", &[("type", rule), ("message", message)]);
            xml.write_event(Event::Start(failure))?;
            let text = printable(&lines.join("\n"));
            xml.write_event(Event::Text(BytesText::new(&text)))?;
            xml.write_event(Event::End(BytesEnd::new("failure")))?;
        }
    }
    xml.write_event(Event::End(BytesEnd::new("testcase")))
}

/// Without what XML 1.0 cannot hold, even escaped.
fn printable(text: &str) -> String {
    let is_allowed =
        |letter: &char| matches!(letter, '\t' | '\n' | '\r' | ' '..='\u{FFFD}' | '\u{10000}'..);
    text.chars().filter(is_allowed).collect()
}
