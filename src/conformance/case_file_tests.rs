use super::*;

fn problems(text: &str) -> Vec<String> {
    let found = read("a-case", text).unwrap_err();
    found.iter().map(ToString::to_string).collect()
}

#[test]
fn every_mistake_of_a_file_is_named_at_once() {
    let found = problems(
        r#"{
          "title": "x", "family": "unary", "call": "shout", "needs": ["CAPABILITY_FLYING"],
          "timeout": "soon", "requst": {}, "expect": {"txt": {}, "stop_reason": ["END"]},
          "then": [{"expect": {"error": {"code": "BAD", "reason": "NONE"}}}]
        }"#,
    );

    let all = found.join("\n");
    for part in [
        "a-case.json: call: unknown variant `shout`, expected one of `invoke`, `stream`",
        "needs: \"CAPABILITY_FLYING\" is none of the API",
        "timeout: \"soon\" is no deadline",
        "requst: is no member; did you mean request?",
        "expect.txt: is no member; did you mean text?",
        "expect.stop_reason: \"END\" is none of the API",
        "then[0].prompt: or tool_result must be there",
        "then[0].expect.error.code: \"BAD\" is no gRPC status code",
        "then[0].expect.error.reason: \"NONE\"",
    ] {
        assert!(all.contains(part), "{part} is not in\n{all}");
    }
    assert_eq!(found.len(), 9, "{all}");
}

#[test]
fn request_has_only_fields_of_the_api() {
    let found = problems(
        r#"{"title": "x", "family": "unary", "call": "invoke", "request": {"promt": "Hi"}}"#,
    );

    assert!(
        found[0].starts_with("a-case.json: request: is no InvokeRequest"),
        "{found:?}"
    );
    assert!(found[0].contains("promt"), "{found:?}");
}

#[test]
fn schema_that_is_none_is_refused() {
    let found = problems(
        r#"{"title": "x", "family": "unary", "call": "invoke", "expect": {"text": {"json_schema": {"type": "thing"}}}}"#,
    );

    assert!(
        found[0].contains("expect.text.json_schema: type \"thing\""),
        "{found:?}"
    );
}

#[test]
fn case_of_the_gateway_speaks_of_no_model() {
    let found = problems(
        r#"{"title": "x", "family": "errors", "call": "invoke", "each": "gateway", "request": {"model": "{model}"}}"#,
    );

    assert!(
        found[0].contains("{model}, {alias} and {other} have a meaning only"),
        "{found:?}"
    );
}

#[test]
fn no_json_is_one_problem() {
    assert!(problems("{")[0].starts_with("a-case.json: is no JSON"));
}

#[test]
fn cases_inside_the_program_are_right() {
    let cases = crate::conformance::embedded().unwrap_or_else(|error| panic!("{error}"));

    assert!(cases.is_sorted_by_key(|case| case.name.clone()));
}

/// A case of this call that expects this.
fn expecting(call: &str, expect: &str) -> Vec<String> {
    problems(&format!(
        r#"{{"title": "x", "family": "unary", "call": "{call}", "expect": {expect}}}"#
    ))
}

#[test]
fn expectation_that_means_nothing_for_the_call_is_refused() {
    let error = r#""error": {"code": "NOT_FOUND", "reason": "MODEL_NOT_FOUND"}"#;
    for (call, expect, member) in [
        (
            "invoke",
            r#"{"events": {"deltas": {"min": 1}}}"#.to_owned(),
            "events",
        ),
        ("stream", r#"{"same": "shape"}"#.to_owned(), "same"),
        (
            "invoke",
            format!(r#"{{{error}, "text": {{"blank": true}}}}"#),
            "text",
        ),
        (
            "count_tokens",
            r#"{"text": {"blank": true}}"#.to_owned(),
            "text",
        ),
        (
            "get_model",
            r#"{"input_tokens": {"min": 1}}"#.to_owned(),
            "input_tokens",
        ),
    ] {
        let found = expecting(call, &expect);

        let start = format!("a-case.json: expect.{member}: means nothing for such a call");
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].starts_with(&start), "{found:?}");
    }
}

#[test]
fn range_that_holds_no_number_is_refused() {
    let found = expecting(
        "invoke",
        r#"{"usage": {"input_tokens": {"min": 2, "max": 1}}}"#,
    );

    assert_eq!(
        found,
        ["a-case.json: expect.usage.input_tokens: has a min above its max"]
    );
}

#[test]
fn step_is_checked_before_it_runs() {
    let step = |step: &str, expect: &str| {
        problems(&format!(
            r#"{{"title": "x", "family": "tools", "call": "invoke", "each": "gateway",
                "expect": {expect}, "then": [{step}]}}"#
        ))
    };
    let failing = r#"{"error": {"code": "NOT_FOUND", "reason": "MODEL_NOT_FOUND"}}"#;
    for (text, expect, problem) in [
        (
            r#"{"prompt": "a", "request": {"requestMetadata": {"a": "b"}}}"#,
            "{}",
            "then[0].request: may replace",
        ),
        (
            r#"{"prompt": "a", "request": {"model": "b"}}"#,
            "{}",
            "then[0].request: may replace",
        ),
        (
            r#"{"tool_result": [{"txt": "a"}]}"#,
            "{}",
            "then[0].tool_result: is no ToolResultBlock",
        ),
        (
            r#"{"prompt": "I am {model}"}"#,
            "{}",
            "each: {model}, {alias} and {other} have a meaning only",
        ),
        (r#"{"prompt": "a"}"#, failing, "then[0]: never comes"),
    ] {
        let found = step(text, expect);

        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].contains(problem), "{found:?}");
    }
}
