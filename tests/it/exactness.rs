//! JSON that a model reads or writes passes byte for byte: order of members, spelling of numbers and
//! escapes, blanks within.

use bedrock_gateway::emulator::Scenario;
use bedrock_gateway::proto::ContentBlock;
use bedrock_gateway::proto::InvokeRequest;
use bedrock_gateway::proto::InvokeStreamRequest;
use bedrock_gateway::proto::content_block::Block;
use bedrock_gateway::proto::tool_result_content_block;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::TestRunner;
use serde_json::Value;
use serde_json::json;
use tokio::runtime::Runtime;

use crate::support::Gateway;
use crate::support::collect;
use crate::support::golden;
use crate::support::golden::MODEL;
use crate::support::join::join;
use crate::support::made_up;
use crate::support::proto_json;

const CASES: u32 = 64;

#[test]
fn json_of_a_request_reaches_the_wire_byte_for_byte() {
    let runtime = Runtime::new().unwrap();
    let gateway = runtime.block_on(golden::gateway());

    check(&spelled(), |json| {
        let input = format!(r#"{{"x":{json}}}"#);
        let schema = format!(r#"{{"type":"object","default":{json}}}"#);
        let request = request(&input, &schema);
        let first = gateway.emulator().journal().len();
        runtime.block_on(ask_both_ways(&gateway, &request));

        for call in first..first + 2 {
            let body = gateway.body_text(call);
            prop_assert!(body.contains(&format!(r#""input":{input}}}"#)), "{body}");
            prop_assert!(body.contains(&format!(r#"[{{"json":{input}}}]"#)), "{body}");
            prop_assert!(
                body.contains(&format!(r#""inputSchema":{{"json":{schema}}}"#)),
                "{body}"
            );
            let body: Value = serde_json::from_str(&body).unwrap();
            let format = "/outputConfig/textFormat/structure/jsonSchema/schema";
            prop_assert_eq!(body.pointer(format).unwrap(), &json!(schema));
        }
        Ok(())
    });
}

#[test]
fn json_of_an_answer_reaches_the_caller_byte_for_byte() {
    let runtime = Runtime::new().unwrap();
    let gateway = runtime.block_on(golden::gateway());
    let mut question = golden::question();
    // A stored prompt brings tools that the request does not name.
    question.as_object_mut().unwrap().remove("toolConfig");

    check(&made_up::json(), |value| {
        let input = json!({"x": value, "a": 1});
        let result = json!([value]);
        let written = [input.to_string(), result.to_string()];
        let scenario = Scenario::content(vec![
            json!({"toolUse": {"toolUseId": "tooluse_1", "name": "f", "input": input}}),
            json!({"toolResult": {"toolUseId": "tooluse_1", "content": [{"json": result}]}}),
        ]);
        gateway.emulator().set_scenario(MODEL, scenario);
        let (whole, joined) = runtime.block_on(ask_both_ways(&gateway, &question));

        prop_assert_eq!(read(&whole), written.clone());
        prop_assert_eq!(read(&joined), written);
        Ok(())
    });
}

/// The JSON in the blocks of an answer.
fn read(content: &[ContentBlock]) -> Vec<String> {
    let blocks = content.iter().filter_map(|content| content.block.as_ref());
    let texts = blocks.map(|block| match block {
        Block::ToolUse(call) => call.input_json.clone(),
        Block::ToolResult(result) => match result.content[0].block.as_ref().unwrap() {
            tool_result_content_block::Block::Json(json) => json.clone(),
            other => panic!("no JSON: {other:?}"),
        },
        other => panic!("not of a tool: {other:?}"),
    });
    texts.collect()
}

/// Asks over Invoke and InvokeStream.
async fn ask_both_ways(
    gateway: &Gateway,
    request: &Value,
) -> (Vec<ContentBlock>, Vec<ContentBlock>) {
    let unary: InvokeRequest = proto_json::read(request).unwrap();
    let stream: InvokeStreamRequest = proto_json::read(request).unwrap();
    let whole = gateway.inference().invoke(unary).await.unwrap();
    let stream = gateway.inference().invoke_stream(stream).await.unwrap();
    let (events, end) = collect(stream.into_inner()).await;
    end.unwrap();
    let whole = whole.into_inner().message.unwrap();
    (whole.content, join(&events).content)
}

/// Bedrock takes objects only, as input and as result.
fn request(input: &str, schema: &str) -> Value {
    json!({
        "model": MODEL,
        "messages": [
            {"role": "ROLE_USER", "content": [{"text": "Hi"}]},
            {
                "role": "ROLE_ASSISTANT",
                "content": [{"toolUse": {"toolUseId": "t1", "name": "f", "inputJson": input}}]
            },
            {
                "role": "ROLE_USER",
                "content": [{"toolResult": {"toolUseId": "t1", "content": [{"json": input}]}}]
            }
        ],
        "toolConfig": {"tools": [{"toolSpec": {"name": "f", "inputSchemaJson": schema}}]},
        "outputConfig": {"jsonSchema": {"schemaJson": schema}}
    })
}

fn check<S: Strategy>(strategy: &S, property: impl Fn(S::Value) -> Result<(), TestCaseError>) {
    let config = ProptestConfig {
        cases: CASES,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    let outcome = TestRunner::new(config).run(strategy, property);
    assert!(outcome.is_ok(), "{}", outcome.unwrap_err());
}

/// JSON as people and programs spell it.
fn spelled() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        select(
            &[
                "0", "-0", "1.0", "1", "1.50", "1E5", "1e+05", "-2.0e-7", "1e400"
            ][..]
        ),
        select(
            &[
                "9007199254740993",
                "18446744073709551616",
                "0.1000000000000000055"
            ][..]
        ),
        select(
            &[
                r#""é""#,
                r#""\u00e9""#,
                r#""\u00E9""#,
                r#""😀""#,
                r#""\ud83d\ude00""#
            ][..]
        ),
        select(
            &[
                r#""a/b""#,
                r#""a\/b""#,
                r#""\u0000\t\"\\""#,
                r#""\u2028""#,
                r#""""#
            ][..]
        ),
        select(&["null", "true", "false", "[]", "{}", "[ ]", "{\n}"][..]),
    ];
    let blank = || select(&["", "", " ", "\n  ", "\t"][..]);
    let joined = |items: Vec<String>, blank: &str| items.join(&format!(",{blank}"));
    let text = leaf.prop_map(str::to_owned);
    text.prop_recursive(4, 24, 4, move |inner| {
        let names = select(&["z", "a", "é", "\\u0061b", "b\\/"][..]);
        let member = (names, blank(), inner.clone());
        prop_oneof![
            (vec(inner, 1..4), blank()).prop_map(move |(items, blank)| {
                format!("[{blank}{}{blank}]", joined(items, blank))
            }),
            (vec(member, 1..4), blank()).prop_map(move |(members, blank)| {
                let members = members.into_iter().enumerate();
                let members = members.map(|(position, (name, space, value))| {
                    format!(r#""{name}{position}":{space}{value}"#)
                });
                format!("{{{}{blank}}}", joined(members.collect(), blank))
            }),
        ]
    })
}
