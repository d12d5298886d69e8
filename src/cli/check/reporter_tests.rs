use super::*;

fn printed(form: Form, tell: impl FnOnce(&mut Reporter<'_>)) -> (String, Exit) {
    let mut output = Vec::new();
    let mut reporter = Reporter::new(&mut output, form);
    tell(&mut reporter);
    let exit = reporter.finish().unwrap();
    (String::from_utf8(output).unwrap(), exit)
}

const PLAIN: Form = Form::Text { colours: false };

fn two_failures(reporter: &mut Reporter<'_>) {
    reporter.step("one", "One").unwrap();
    reporter
        .failed("two\nlines", "do this", Exit::TryLater)
        .unwrap();
    reporter.passed("fine").unwrap();
    reporter.step("two", "Two").unwrap();
    reporter.warning("hm", "").unwrap();
    reporter.step("three", "Three").unwrap();
    reporter.failed("bad", "", Exit::Usage).unwrap();
}

#[test]
fn people_see_marks_advice_and_which_steps_failed() {
    let (text, _) = printed(PLAIN, two_failures);

    assert_eq!(
        text,
        "\
1. One
   ✗ two
     lines
     → do this
   ✓ fine
2. Two
   ! hm
3. Three
   ✗ bad

steps 1 and 3 failed, 1 warning
"
    );
}

#[test]
fn first_failure_gives_the_exit_code() {
    assert_eq!(printed(PLAIN, two_failures).1, Exit::TryLater);
    assert_eq!(printed(PLAIN, |_| {}).1, Exit::Success);
}

#[test]
fn exit_code_of_a_cause_goes_before_that_of_its_effect() {
    let effect = |reporter: &mut Reporter<'_>| {
        reporter.step("one", "One").unwrap();
        reporter
            .failed_for_a_cause("not well", "", Exit::TryLater)
            .unwrap();
    };
    let both = |reporter: &mut Reporter<'_>| {
        effect(reporter);
        reporter.failed("denied", "", Exit::NotPermitted).unwrap();
    };

    assert_eq!(printed(PLAIN, effect).1, Exit::TryLater);
    assert_eq!(printed(PLAIN, both).1, Exit::NotPermitted);
}

#[test]
fn colours_stand_around_marks_only() {
    let (text, _) = printed(Form::Text { colours: true }, |reporter| {
        reporter.step("one", "One").unwrap();
        reporter.passed("fine").unwrap();
    });

    assert_eq!(
        text,
        "1. One\n   \u{1b}[32m✓\u{1b}[0m fine\n\nall is well\n"
    );
}

#[test]
fn programs_get_one_object_with_states_and_facts() {
    let (text, _) = printed(Form::Json, |reporter| {
        two_failures(reporter);
        reporter.fact("answer", json!(42));
        reporter.step("four", "Four").unwrap();
        reporter.skipped("because").unwrap();
    });

    let document: Value = serde_json::from_str(&text).unwrap();
    let states = document["steps"].as_array().unwrap().iter();
    let states: Vec<_> = states.map(|step| step["state"].as_str().unwrap()).collect();
    assert_eq!(states, ["failed", "passed", "failed", "skipped"]);
    assert_eq!(document["exitCode"], 75);
    assert_eq!(document["warnings"], 1);
    assert_eq!(document["steps"][2]["answer"], 42);
    assert_eq!(document["steps"][0]["findings"][0]["advice"], "do this");
    assert_eq!(document["steps"][2]["findings"][0].get("advice"), None);
}
