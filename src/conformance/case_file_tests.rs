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
        found[0].contains("{model} and {other} have a meaning only"),
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
