//! InvokeStream tells what Invoke says, and so does Invoke where it streams from Bedrock itself.

use std::cell::RefCell;

use bedrock_gateway::emulator::Reply;
use bedrock_gateway::emulator::Scenario;
use bedrock_gateway::proto::InvokeRequest;
use bedrock_gateway::proto::InvokeResponse;
use bedrock_gateway::proto::InvokeStreamRequest;
use bedrock_gateway::proto::Usage;
use bedrock_gateway::proto::invoke_stream_response::Event;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use serde_json::Value;
use serde_json::json;
use tokio::runtime::Runtime;
use tonic::Status;

use crate::support::Gateway;
use crate::support::collect;
use crate::support::golden;
use crate::support::golden::MODEL;
use crate::support::join::join;
use crate::support::made_up::block;
use crate::support::made_up::media;
use crate::support::made_up::reply;
use crate::support::proto_json;

/// Messages that are made up for each property.
const CASES: u32 = 64;

/// The model of the golden registry that does not stream.
const WHOLE_ONLY: &str = "unstreamed";

/// For these, Invoke calls Converse.
const FEW_TOKENS: i32 = 500;
/// For these, Invoke streams from Bedrock.
const MANY_TOKENS: i32 = 5000;

/// What a caller learns of an answer, however it came.
#[derive(Debug, PartialEq)]
struct Heard {
    /// As proto JSON, which a failure can print.
    message: Value,
    text: String,
    stop_reason: i32,
    raw_stop_reason: String,
    additional_fields: Option<prost_types::Struct>,
    usage: Option<Usage>,
}

#[test]
fn streams_tell_what_invoke_says_whatever_the_message() {
    hold(MODEL, reply(block()), |bench| {
        let whole = bench.invoke(FEW_TOKENS)?;
        let joined = bench.invoke_stream()?;
        let gathered = bench.invoke(MANY_TOKENS)?;

        let over = ["Converse", "ConverseStream", "ConverseStream"];
        prop_assert_eq!(bench.operations(), over);
        prop_assert_eq!(&joined, &whole);
        prop_assert_eq!(&gathered, &whole);
        Ok(whole)
    });
}

#[test]
fn events_made_of_a_whole_answer_tell_the_same_whatever_the_message() {
    hold(WHOLE_ONLY, reply(prop_oneof![block(), media()]), |bench| {
        let whole = bench.invoke(FEW_TOKENS)?;
        let joined = bench.invoke_stream()?;

        prop_assert_eq!(bench.operations(), ["Converse", "Converse"]);
        prop_assert_eq!(&joined, &whole);
        Ok(whole)
    });
}

/// A gateway whose model gives one answer, however it is asked.
struct Bench {
    runtime: Runtime,
    gateway: Gateway,
    model: &'static str,
    /// Calls of Bedrock before this answer.
    before: usize,
}

/// Checks a property of the answers to many questions, and that nothing was lost on all ways.
fn hold(
    model: &'static str,
    replies: impl Strategy<Value = Reply>,
    property: impl Fn(&Bench) -> Result<Heard, TestCaseError>,
) {
    let runtime = Runtime::new().unwrap();
    let registry = ("registry.file", "tests/golden/registry.json");
    let gateway = runtime.block_on(Gateway::with(&[registry]));
    let bench = RefCell::new(Bench {
        runtime,
        gateway,
        model,
        before: 0,
    });
    let config = ProptestConfig {
        cases: CASES,
        failure_persistence: None,
        ..ProptestConfig::default()
    };

    let outcome = TestRunner::new(config).run(&replies, |reply| {
        let mut bench = bench.borrow_mut();
        let blocks = reply.content.as_ref().map(Vec::len);
        bench.set(reply);
        let heard = property(&bench)?;
        let content = heard.message["content"].as_array();
        prop_assert_eq!(content.map(Vec::len), blocks);
        Ok(())
    });

    assert!(outcome.is_ok(), "{}", outcome.unwrap_err());
}

impl Bench {
    fn set(&mut self, reply: Reply) {
        let scenario = Scenario {
            reply,
            ..Scenario::default()
        };
        self.gateway.emulator().set_scenario(self.model, scenario);
        self.before = self.gateway.emulator().journal().len();
    }

    fn operations(&self) -> Vec<&'static str> {
        let journal = self.gateway.emulator().journal();
        let calls = journal[self.before..].iter();
        calls.map(|call| call.operation).collect()
    }

    fn invoke(&self, max_tokens: i32) -> Result<Heard, TestCaseError> {
        let mut question = golden::question();
        question["model"] = json!(self.model);
        question["inferenceConfig"] = json!({ "maxTokens": max_tokens });
        let request: InvokeRequest = proto_json::read(&question).unwrap();
        let mut client = self.gateway.inference();
        let answer = self.runtime.block_on(client.invoke(request));
        let InvokeResponse {
            text,
            message,
            stop_reason,
            raw_stop_reason,
            additional_model_response_fields,
            metadata,
        } = answer.map_err(failed)?.into_inner();
        Ok(Heard {
            message: proto_json::write(&message.unwrap()),
            text,
            stop_reason,
            raw_stop_reason,
            additional_fields: additional_model_response_fields,
            usage: metadata.unwrap().usage,
        })
    }

    fn invoke_stream(&self) -> Result<Heard, TestCaseError> {
        let mut question = golden::question();
        question["model"] = json!(self.model);
        let request: InvokeStreamRequest = proto_json::read(&question).unwrap();
        let mut client = self.gateway.inference();
        let (events, end) = self
            .runtime
            .block_on(async {
                Ok(collect(client.invoke_stream(request).await?.into_inner()).await)
            })
            .map_err(failed)?;
        end.map_err(failed)?;
        let message = join(&events);
        let [.., Event::MessageStop(stop), Event::Metadata(metadata)] = &*events else {
            return Err(TestCaseError::fail("the stream has no proper end"));
        };
        Ok(Heard {
            text: message.text(),
            message: proto_json::write(&message),
            stop_reason: stop.stop_reason,
            raw_stop_reason: stop.raw_stop_reason.clone(),
            additional_fields: stop.additional_model_response_fields.clone(),
            usage: metadata.usage.clone(),
        })
    }
}

fn failed(status: Status) -> TestCaseError {
    TestCaseError::fail(status.message().to_owned())
}
