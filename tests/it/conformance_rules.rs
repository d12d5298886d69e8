//! Every rule of the conformance suite finds the fault that it is for, and only that rule does.

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

#[expect(
    clippy::too_many_lines,
    reason = "a list with a line or two for each rule"
)]
fn faults_of_answers() -> Vec<Planted> {
    let planted = |rule, case, change| Planted {
        rule,
        case,
        broken: Break::Answer(change),
    };
    vec![
        planted("answer-is-whole", whole, |answer| answer.metadata = None),
        planted("model-as-asked", whole, |answer| {
            metadata(answer, |metadata| {
                metadata.requested_model = "other".to_owned();
            });
        }),
        planted("request-id-everywhere", whole, |answer| {
            metadata(answer, |metadata| {
                metadata.request_id = "another".to_owned();
            });
        }),
        planted("stop-reason-known", whole, |answer| {
            answer.raw_stop_reason.clear();
        }),
        planted("latency-within-the-call", whole, |answer| {
            metadata(answer, |metadata| {
                metadata.total_latency.as_mut().unwrap().seconds = 3600;
            });
        }),
        planted("role-is-assistant", whole, |answer| {
            answer.message.as_mut().unwrap().role = Role::User.into();
        }),
        planted("text-is-the-message", whole, |answer| answer.text.push('!')),
        planted("blocks-have-a-kind", whole, |answer| {
            blocks(answer).push(ContentBlock { block: None });
        }),
        planted("stop-reason-matches-content", whole, |answer| {
            answer.stop_reason = StopReason::ToolUse.into();
        }),
        planted("tool-use-complete", with_tool, |answer| {
            if let Some(Block::ToolUse(call)) = &mut blocks(answer)[1].block {
                call.input_json.pop();
            }
        }),
        planted("tool-was-offered", with_tool, |answer| {
            if let Some(Block::ToolUse(call)) = &mut blocks(answer)[1].block {
                call.name.push('s');
            }
        }),
        planted("reasoning-names-its-model", whole, |answer| {
            let block = Some(Block::Reasoning(ReasoningBlock::default()));
            blocks(answer).insert(0, ContentBlock { block });
        }),
        planted("ledger-ends-with-success", whole, |answer| {
            ledger(answer)[0].state = State::Cancelled.into();
        }),
        planted("ledger-in-order", whole, |answer| {
            ledger(answer)[0].number = 5;
        }),
        planted("ledger-says-why", whole, |answer| {
            ledger(answer).insert(0, attempt(1, State::Skipped));
            ledger(answer)[1].number = 2;
        }),
        planted("ledger-matches-answer", whole, |answer| {
            ledger(answer)[0].model = "other".to_owned();
        }),
        planted("usage-present", whole, |answer| {
            metadata(answer, |metadata| metadata.usage = None);
        }),
        planted("usage-adds-up", whole, |answer| {
            metadata(answer, |metadata| {
                metadata.usage.as_mut().unwrap().total_tokens = 31;
            });
        }),
        planted("max-tokens-kept", whole, |answer| {
            metadata(answer, |metadata| {
                let usage = metadata.usage.as_mut().unwrap();
                (usage.output_tokens, usage.total_tokens) = (100, 110);
                let cost = metadata.cost.as_mut().unwrap();
                (cost.output_nanos, cost.total_nanos) = (1_500_000, 1_530_000);
                metadata.total_cost.clone_from(&metadata.cost);
            });
        }),
        planted("cost-present", whole, |answer| {
            metadata(answer, |metadata| {
                (metadata.cost, metadata.total_cost) = (None, None);
            });
        }),
        planted("cost-adds-up", whole, |answer| {
            metadata(answer, |metadata| {
                metadata.cost.as_mut().unwrap().total_nanos += 1;
                metadata.total_cost.clone_from(&metadata.cost);
            });
        }),
        planted("cost-follows-prices", whole, |answer| {
            metadata(answer, |metadata| {
                let cost = metadata.cost.as_mut().unwrap();
                (cost.input_nanos, cost.total_nanos) = (30_001, 330_001);
                metadata.total_cost.clone_from(&metadata.cost);
            });
        }),
    ]
}

fn faults_of_costs() -> Vec<Planted> {
    let planted = |rule, change| Planted {
        rule,
        case: whole,
        broken: Break::Answer(change),
    };
    vec![
        planted("cost-follows-prices", |answer| {
            metadata(answer, |metadata| {
                metadata.cost.as_mut().unwrap().currency_code = "EUR".to_owned();
                metadata.total_cost.clone_from(&metadata.cost);
            });
        }),
        planted("cost-follows-prices", |answer| {
            metadata(answer, |metadata| {
                metadata.usage.as_mut().unwrap().cache_write_input_tokens = 1_000;
                metadata.total_cost.clone_from(&metadata.cost);
            });
        }),
        planted("total-cost-covers-attempts", |answer| {
            metadata(answer, |metadata| {
                metadata.total_cost.as_mut().unwrap().total_nanos += 1;
            });
        }),
        planted("total-cost-covers-attempts", |answer| {
            metadata(answer, |metadata| metadata.total_cost = None);
        }),
    ]
}

fn faults_of_streams() -> Vec<Planted> {
    let planted = |rule, case, change| Planted {
        rule,
        case,
        broken: Break::Events(change),
    };
    vec![
        planted("stream-complete", streamed, |events| drop(events.pop())),
        planted("event-order", streamed, |events| events.swap(0, 1)),
        planted("block-order", streamed, |events| drop(events.remove(3))),
        planted("delta-matches-block", streamed, |events| {
            if let Event::ContentBlockDelta(delta) = &mut events[2] {
                delta.delta = Some(Delta::ToolUse(Default::default()));
            }
        }),
        planted("message-start-names-the-answer", streamed, |events| {
            if let Event::MessageStart(start) = &mut events[0] {
                start.model = "other".to_owned();
            }
        }),
        planted("heartbeat-only-on-request", streamed, |events| {
            events.insert(2, Event::Heartbeat(HeartbeatEvent {}));
        }),
        planted("restart-only-on-request", streamed, |events| {
            let discards = AttemptEvent {
                output_discarded: true,
                ..AttemptEvent::default()
            };
            events.insert(0, Event::Attempt(Box::new(discards)));
        }),
        planted("time-to-first-token-present", streamed, |events| {
            if let Some(Event::Metadata(metadata)) = events.last_mut() {
                metadata.time_to_first_token = None;
            }
        }),
        planted("unary-equals-stream", both, |events| {
            if let Event::ContentBlockDelta(delta) = &mut events[2] {
                delta.delta = Some(Delta::Text("well don".to_owned()));
            }
        }),
    ]
}

fn faults_of_failures() -> Vec<Planted> {
    let planted = |rule, case, change| Planted {
        rule,
        case,
        broken: Break::Failure(change),
    };
    vec![
        planted("error-names-its-reason", refused, |failure| {
            failure.info.reason = "BAD_DAY".to_owned();
        }),
        planted("code-matches-reason", refused, |failure| {
            failure.code = Code::Internal;
        }),
        planted("error-has-request-id", refused, |failure| {
            failure.request_id = None;
        }),
        planted("violations-name-fields", refused, |failure| {
            failure.violations.clear();
        }),
        planted("failure-tells-the-attempts", throttled, |failure| {
            let metadata = failure.failure.as_mut().unwrap().metadata.as_mut().unwrap();
            metadata.attempts.clear();
        }),
        planted("failure-ledger-in-order", throttled, |failure| {
            let metadata = failure.failure.as_mut().unwrap().metadata.as_mut().unwrap();
            metadata.attempts[1].number = 3;
        }),
        planted("failure-cost-covers-attempts", throttled, |failure| {
            let metadata = failure.failure.as_mut().unwrap().metadata.as_mut().unwrap();
            metadata.attempts[0].cost = Some(Cost {
                total_nanos: 5,
                ..Cost::default()
            });
        }),
        planted("output-started-is-true", interrupted, |failure| {
            failure.failure.as_mut().unwrap().output_started = false;
        }),
    ]
}

fn other_faults() -> Vec<Planted> {
    let planted = |rule, case, broken| Planted { rule, case, broken };
    vec![
        planted("ends-by-its-deadline", impatient, Break::Silence),
        planted(
            "headers-name-the-model",
            whole,
            Break::Headers(|headers| drop(headers.remove("x-served-model"))),
        ),
        planted(
            "count-is-positive",
            counted,
            Break::Count(|count| count.input_tokens = 0),
        ),
        planted(
            "count-names-the-model",
            counted,
            Break::Count(|count| count.model.clear()),
        ),
        planted(
            "models-in-order",
            listed,
            Break::List(|models| models.reverse()),
        ),
        planted(
            "models-unique",
            listed,
            Break::List(|models| models[1].aliases.push(MODEL.to_owned())),
        ),
        planted(
            "models-described",
            listed,
            Break::List(|models| models[1].state = model::State::Unspecified.into()),
        ),
        planted(
            "model-as-listed",
            got,
            Break::Model(|model| model.max_output_tokens += 1),
        ),
        planted(
            "model-as-listed",
            got,
            Break::Model(|model| model.name = "second".to_owned()),
        ),
        planted("model-as-listed", got_unlisted, Break::Nothing),
    ]
}

fn all_faults() -> Vec<Planted> {
    let mut all = faults_of_answers();
    all.extend(faults_of_costs());
    all.extend(faults_of_streams());
    all.extend(faults_of_failures());
    all.extend(other_faults());
    all
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
    let rules: BTreeSet<&str> = conformance::promises()
        .iter()
        .map(|(name, _)| *name)
        .collect();

    assert_eq!(planted, rules);
}
