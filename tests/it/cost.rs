//! What an answer cost, as the caller is told it.

use bedrock_gateway::emulator::Reply;
use bedrock_gateway::emulator::Scenario;
use bedrock_gateway::proto::Cost;
use bedrock_gateway::proto::InvocationMetadata;
use bedrock_gateway::proto::InvokeRequest;
use bedrock_gateway::proto::RoutingConfig;
use bedrock_gateway::proto::ServiceTier;
use bedrock_gateway::proto::invoke_stream_response::Event;
use bedrock_gateway::proto::routing_config::FallbackMode;
use serde_json::Value;
use serde_json::json;

use crate::support::FIRST;
use crate::support::Gateway;
use crate::support::LAST;
use crate::support::SECOND;
use crate::support::collect;
use crate::support::failure;
use crate::support::prompt;
use crate::support::stream_prompt;

fn scenario(reply: Reply) -> Scenario {
    Scenario {
        reply,
        ..Scenario::default()
    }
}

/// Tokens of every kind.
fn usage() -> Value {
    json!({
        "inputTokens": 10,
        "outputTokens": 100,
        "totalTokens": 9_110,
        "cacheReadInputTokens": 2_000,
        "cacheWriteInputTokens": 7_000,
        "cacheDetails": [
            {"ttl": "5m", "inputTokens": 4_000},
            {"ttl": "1h", "inputTokens": 3_000},
        ],
    })
}

/// An answer that used them.
fn cached() -> Scenario {
    scenario(Reply {
        text: Some("hello".to_owned()),
        usage: usage().as_object().cloned(),
        ..Reply::default()
    })
}

/// A stream that used them and brings no message.
fn used_in_vain() -> Scenario {
    let metadata = json!({"usage": usage(), "metrics": {"latencyMs": 1}});
    scenario(Reply {
        events: Some(vec![
            json!({"messageStart": {"role": "assistant"}}),
            json!({"metadata": metadata}),
        ]),
        ..Reply::default()
    })
}

/// The price of `cached` on the second model, whose tokens cost 3.3, 16.5, 0.33, 4.125 and 6.6 dollars
/// per million.
fn cached_cost() -> Cost {
    Cost {
        currency_code: "USD".to_owned(),
        total_nanos: 33_000 + 1_650_000 + 660_000 + 36_300_000,
        input_nanos: 33_000,
        output_nanos: 1_650_000,
        cache_read_nanos: 660_000,
        cache_write_nanos: 16_500_000 + 19_800_000,
    }
}

async fn invoke(gateway: &Gateway, model: &str) -> InvocationMetadata {
    let request = InvokeRequest {
        model: model.to_owned(),
        ..prompt("Hi")
    };
    let answer = gateway.inference().invoke(request).await.unwrap();
    answer.into_inner().metadata.unwrap()
}

fn metadata(events: &[Event]) -> &InvocationMetadata {
    match events.last() {
        Some(Event::Metadata(metadata)) => metadata,
        _ => panic!("the last event is not metadata"),
    }
}

#[tokio::test]
async fn cached_tokens_are_priced_by_their_time_to_live() {
    let gateway = Gateway::start().await;
    gateway.emulator().set_scenario(SECOND, cached());

    let metadata = invoke(&gateway, SECOND).await;

    assert_eq!(metadata.cost, Some(cached_cost()));
    assert_eq!(metadata.total_cost, Some(cached_cost()));
    assert_eq!(metadata.attempts[0].cost, Some(cached_cost()));
    assert_eq!(metadata.attempts[0].usage, metadata.usage);
}

#[tokio::test]
async fn stream_costs_what_the_whole_answer_costs() {
    let gateway = Gateway::start().await;
    gateway.emulator().set_scenario(SECOND, cached());
    let mut request = stream_prompt("Hi");
    request.model = SECOND.to_owned();

    let stream = gateway.inference().invoke_stream(request).await.unwrap();
    let (events, end) = collect(stream.into_inner()).await;

    end.unwrap();
    let metadata = metadata(&events);
    assert_eq!(metadata.cost, Some(cached_cost()));
    assert_eq!(metadata.total_cost, Some(cached_cost()));
    assert_eq!(metadata.attempts[0].cost, Some(cached_cost()));
}

#[tokio::test]
async fn kind_of_token_that_the_registry_does_not_price_leaves_the_cost_unknown() {
    let gateway = Gateway::start().await;
    // The first model has no price for an hour in the cache.
    gateway.emulator().set_scenario(FIRST, cached());

    let metadata = invoke(&gateway, FIRST).await;

    assert!(metadata.usage.is_some());
    assert_eq!(metadata.cost, None);
    assert_eq!(metadata.total_cost, None);
    assert_eq!(metadata.attempts[0].cost, None);
}

#[tokio::test]
async fn answer_on_another_tier_has_no_known_price() {
    let gateway = Gateway::start().await;
    let mut scenario = cached();
    let tier = json!({"type": "flex"});
    scenario
        .reply
        .members
        .insert("serviceTier".to_owned(), tier);
    gateway.emulator().set_scenario(SECOND, scenario);

    let metadata = invoke(&gateway, SECOND).await;

    assert_eq!(metadata.service_tier(), ServiceTier::Flex);
    assert!(metadata.usage.is_some());
    assert_eq!(metadata.cost, None);
}

#[tokio::test]
async fn attempts_that_reported_no_usage_leave_the_total_known() {
    let gateway = Gateway::start().await;
    gateway
        .emulator()
        .set_scenario(FIRST, Scenario::exception("ThrottlingException"));
    gateway.emulator().set_scenario(SECOND, cached());

    let metadata = invoke(&gateway, "").await;

    assert_eq!(metadata.attempts.len(), 2);
    assert_eq!(metadata.attempts[0].usage, None);
    assert_eq!(metadata.attempts[0].cost, None);
    assert_eq!(metadata.total_cost, Some(cached_cost()));
}

#[tokio::test]
async fn failed_attempt_that_was_used_counts_into_the_total() {
    let gateway = Gateway::start().await;
    gateway.emulator().set_scenario(SECOND, used_in_vain());
    let mut request = stream_prompt("Hi");
    request.model = SECOND.to_owned();
    request.routing_config = Some(RoutingConfig {
        fallback_models: vec![LAST.to_owned()],
        ..RoutingConfig::default()
    });

    let stream = gateway.inference().invoke_stream(request).await.unwrap();
    let (events, end) = collect(stream.into_inner()).await;

    end.unwrap();
    let metadata = metadata(&events);
    let costs: Vec<_> = metadata
        .attempts
        .iter()
        .map(|attempt| (attempt.model.as_str(), attempt.cost.clone()))
        .collect();
    let failed = (SECOND, Some(cached_cost()));
    let answered = (LAST, metadata.cost.clone());
    assert_eq!(costs, [failed.clone(), failed, answered]);
    assert_eq!(
        metadata.total_cost.as_ref().unwrap().total_nanos,
        2 * cached_cost().total_nanos + metadata.cost.as_ref().unwrap().total_nanos
    );
}

#[tokio::test]
async fn failed_call_tells_what_it_cost() {
    let gateway = Gateway::start().await;
    gateway.emulator().set_scenario(SECOND, used_in_vain());
    let mut request = stream_prompt("Hi");
    request.model = SECOND.to_owned();
    request.routing_config = Some(RoutingConfig {
        fallback_mode: FallbackMode::Disabled.into(),
        ..RoutingConfig::default()
    });

    let status = gateway.inference().invoke_stream(request).await;

    let failure = failure(&status.unwrap_err());
    let metadata = failure.metadata.unwrap();
    assert_eq!(metadata.attempts.len(), 2);
    assert_eq!(metadata.cost, None);
    assert_eq!(
        metadata.total_cost.unwrap().total_nanos,
        2 * cached_cost().total_nanos
    );
}
