//! Requests as proto JSON in, bodies of Converse and ConverseStream out, byte for byte.
//!
//! A case names its RPC: `{"invoke": {…}}` or `{"invokeStream": {…}}`. What Invoke can say,
//! InvokeStream says in the same words, so the former is sent over both.

use std::ops::Range;

use bedrock_gateway::emulator::Outcome;
use bedrock_gateway::proto::InvokeRequest;
use bedrock_gateway::proto::InvokeStreamRequest;

use crate::support::Gateway;
use crate::support::collect;
use crate::support::golden;
use crate::support::golden::Case;
use crate::support::golden::Differences;
use crate::support::proto_json;

/// What ConverseStream has more than Converse, where nothing else was asked for.
const STREAM_ONLY: &str = r#","streamProcessingMode":"sync""#;

#[tokio::test]
async fn golden_requests_reach_bedrock_as_reviewed() {
    let gateway = golden::gateway().await;
    let mut differences = Differences::default();

    for case in golden::cases("requests", "body") {
        match send(&gateway, &case).await {
            Ok(calls) => {
                let first = gateway.body_text(calls.start);
                differences.compare(&case, &first);
                let last = gateway.body_text(calls.end - 1);
                if calls.len() == 2 && last.replace(STREAM_ONLY, "") != first {
                    differences.add(&case.name, "Invoke and InvokeStream send different bodies");
                }
            }
            Err(problem) => differences.add(&case.name, &problem),
        }
    }

    differences.assert_none();
}

/// The upstream calls that a case led to, all of which were answered.
pub(crate) async fn send(gateway: &Gateway, case: &Case) -> Result<Range<usize>, String> {
    let first = gateway.emulator().journal().len();
    let stream = match case.input.get("invoke") {
        Some(request) => {
            let request: InvokeRequest = proto_json::read(request)?;
            let answer = gateway.inference().invoke(request).await;
            answer.map_err(|status| format!("{status}"))?;
            &case.input["invoke"]
        }
        None => &case.input["invokeStream"],
    };
    let stream: InvokeStreamRequest = proto_json::read(stream)?;
    let stream = gateway.inference().invoke_stream(stream).await;
    let (_, end) = collect(stream.map_err(|status| format!("{status}"))?.into_inner()).await;
    end.map_err(|status| format!("{status}"))?;
    let journal = gateway.emulator().journal();
    for entry in &journal[first..] {
        assert_eq!(entry.outcome, Outcome::Answered, "{}", case.name);
    }
    Ok(first..journal.len())
}
