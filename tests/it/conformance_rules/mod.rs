//! Every rule of the conformance suite finds the fault that it is for, and only that rule does.

mod faults;

use std::collections::BTreeSet;

use bedrock_gateway::conformance;
use bedrock_gateway::conformance::CaseResult;
use bedrock_gateway::conformance::Options;
use bedrock_gateway::conformance::Outcome;
use bedrock_gateway::conformance::Progress;
use bedrock_gateway::proto::AttemptEvent;
use bedrock_gateway::proto::ContentBlock;
use bedrock_gateway::proto::Cost;
use bedrock_gateway::proto::HeartbeatEvent;
use bedrock_gateway::proto::InvocationMetadata;
use bedrock_gateway::proto::InvokeResponse;
use bedrock_gateway::proto::ReasoningBlock;
use bedrock_gateway::proto::Role;
use bedrock_gateway::proto::StopReason;
use bedrock_gateway::proto::attempt::State;
use bedrock_gateway::proto::content_block::Block;
use bedrock_gateway::proto::content_block_delta_event::Delta;
use bedrock_gateway::proto::invoke_stream_response::Event;
use bedrock_gateway::proto::model;
use serde_json::Value;
use serde_json::json;
use tokio_util::sync::CancellationToken;
use tonic::Code;
use tonic::transport::Endpoint;

use crate::support::soon;
use crate::support::wrong_gateway::Break;
use crate::support::wrong_gateway::INTERRUPTED;
use crate::support::wrong_gateway::MODEL;
use crate::support::wrong_gateway::REFUSED;
use crate::support::wrong_gateway::THROTTLED;
use crate::support::wrong_gateway::UNLISTED;
use crate::support::wrong_gateway::WrongGateway;
use crate::support::wrong_gateway::attempt;
use faults::all_faults;

/// A fault, and how it is asked for.
struct Planted {
    rule: &'static str,
    case: fn() -> Value,
    broken: Break,
}

struct Silent;

impl Progress for Silent {
    fn begins(&self, _cases: usize) {}
    fn started(&self, _model: Option<&str>, _case: &str) {}
    fn ended(&self, _result: &CaseResult) {}
}

fn whole() -> Value {
    json!({"title": "x", "family": "unary", "call": "invoke", "request": {
        "prompt": "Hi", "inference_config": {"max_tokens": 50},
    }})
}

fn with_tool() -> Value {
    let mut case = whole();
    case["request"]["tool_config"] =
        json!({"tools": [{"tool_spec": {"name": "look", "input_schema": {"type": "object"}}}]});
    case
}

fn of_call(call: &str) -> Value {
    let mut case = whole();
    case["call"] = json!(call);
    case
}

fn streamed() -> Value {
    of_call("stream")
}

fn both() -> Value {
    of_call("invoke_and_stream")
}

fn failing(call: &str, prompt: &str) -> Value {
    json!({"title": "x", "family": "errors", "call": call, "request": {"prompt": prompt}})
}

fn refused() -> Value {
    failing("invoke", REFUSED)
}

fn throttled() -> Value {
    failing("invoke", THROTTLED)
}

fn interrupted() -> Value {
    failing("stream", INTERRUPTED)
}

fn impatient() -> Value {
    let mut case = whole();
    case["timeout"] = json!("0.05s");
    case
}

fn counted() -> Value {
    json!({"title": "x", "family": "token_counting", "call": "count_tokens", "request": {"prompt": "Hi"}})
}

fn listed() -> Value {
    json!({"title": "x", "family": "models", "call": "list_models", "each": "gateway"})
}

fn paged() -> Value {
    let mut case = listed();
    case["request"] = json!({"page_size": 1});
    case
}

fn got() -> Value {
    json!({"title": "x", "family": "models", "call": "get_model"})
}

/// The gateway finds it although it does not list it.
fn got_unlisted() -> Value {
    json!({
        "title": "x", "family": "models", "call": "get_model", "each": "gateway",
        "request": {"name": UNLISTED},
    })
}

/// Changes the metadata, and with it the attempt that answered.
fn metadata(answer: &mut InvokeResponse, change: fn(&mut InvocationMetadata)) {
    let metadata = answer.metadata.as_mut().unwrap();
    change(metadata);
    let last = metadata.attempts.last_mut().unwrap();
    last.usage.clone_from(&metadata.usage);
    last.cost.clone_from(&metadata.cost);
}

fn blocks(answer: &mut InvokeResponse) -> &mut Vec<ContentBlock> {
    &mut answer.message.as_mut().unwrap().content
}

fn ledger(answer: &mut InvokeResponse) -> &mut Vec<bedrock_gateway::proto::Attempt> {
    &mut answer.metadata.as_mut().unwrap().attempts
}

/// The rules that are broken when this case runs, without what the case itself expects.
async fn broken_rules(case: &Value, broken: Break) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("planted.json"), case.to_string()).unwrap();
    let cases = conformance::read_folder(folder.path()).unwrap_or_else(|error| panic!("{error}"));
    let gateway = WrongGateway::start(broken).await;
    let endpoint = Endpoint::from_shared(format!("http://{}", gateway.address)).unwrap();
    let options = Options {
        client: None,
        gateway: gateway.address.to_string(),
        models: vec![MODEL.to_owned()],
        quick: false,
        jobs: 1,
        budget_nanos: None,
        emulator: None,
        interrupted: CancellationToken::new(),
    };
    let channel = endpoint.connect().await.unwrap();

    let run = Box::pin(conformance::run(channel, &cases, &options, &Silent));
    let report = soon(run).await.unwrap();

    assert_eq!(report.results.len(), 1);
    match &report.results[0].outcome {
        Outcome::Passed => Vec::new(),
        Outcome::Failed { findings } => findings
            .iter()
            .map(|finding| finding.rule.clone())
            .filter(|rule| !rule.starts_with("expect."))
            .collect(),
        Outcome::Skipped { reason } => panic!("skipped: {reason}"),
    }
}

#[tokio::test]
async fn planted_fault_is_named_by_its_rule_and_no_other() {
    for planted in all_faults() {
        let found = Box::pin(broken_rules(&(planted.case)(), planted.broken)).await;

        assert_eq!(found, [planted.rule]);
    }
}

#[tokio::test]
async fn gateway_that_keeps_its_promises_breaks_no_rule() {
    let cases = [
        whole,
        with_tool,
        streamed,
        both,
        refused,
        throttled,
        interrupted,
        counted,
        listed,
        paged,
        got,
    ];
    for case in cases {
        let found = Box::pin(broken_rules(&case(), Break::Nothing)).await;

        assert_eq!(found, [] as [&str; 0], "{}", case());
    }
}

#[test]
fn every_rule_has_a_planted_fault() {
    let planted: BTreeSet<&str> = all_faults().iter().map(|planted| planted.rule).collect();
    // Those of client programs are held by tests beside them.
    let rules: BTreeSet<&str> = conformance::promises()
        .iter()
        .map(|(name, _)| *name)
        .filter(|name| !name.starts_with("client-"))
        .collect();

    assert_eq!(planted, rules);
}
