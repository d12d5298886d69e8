//! Reloads under load.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;

use bedrock_gateway::proto::inference_service_client::InferenceServiceClient;
use serde_json::Value;
use serde_json::json;
use tonic::transport::Channel;

use crate::reload::files::Followed;
use crate::reload::files::model;
use crate::support::collect;
use crate::support::prompt;
use crate::support::soon;
use crate::support::stream_prompt;

fn generation(number: i32) -> Value {
    json!({
        "steady": model("nova-lite", 1),
        format!("passing-{number}"): model("nova-pro", 2 + number),
    })
}

/// Calls one after the other until told to stop, and counts.
async fn call(mut client: InferenceServiceClient<Channel>, stop: Arc<AtomicBool>, done: Count) {
    while !stop.load(Ordering::Relaxed) {
        client.invoke(prompt("Hi")).await.unwrap();
        done.fetch_add(1, Ordering::Relaxed);
    }
}

async fn stream(mut client: InferenceServiceClient<Channel>, stop: Arc<AtomicBool>, done: Count) {
    while !stop.load(Ordering::Relaxed) {
        let stream = client.invoke_stream(stream_prompt("Hi")).await.unwrap();
        let (_events, end) = collect(stream.into_inner()).await;
        end.unwrap();
        done.fetch_add(1, Ordering::Relaxed);
    }
}

type Count = Arc<AtomicU64>;

#[tokio::test]
async fn no_call_fails_over_a_hundred_good_and_broken_reloads() {
    let followed = Followed::start(generation(0)).await;
    let stop = Arc::new(AtomicBool::new(false));
    let (calls, streams) = (Count::default(), Count::default());
    let mut callers = tokio::task::JoinSet::new();
    for _ in 0..2 {
        let client = followed.gateway.inference();
        callers.spawn(call(client.clone(), Arc::clone(&stop), Arc::clone(&calls)));
        callers.spawn(stream(client, Arc::clone(&stop), Arc::clone(&streams)));
    }

    for number in 0..100 {
        let before = [&calls, &streams].map(|count| count.load(Ordering::Relaxed));
        if number % 2 == 0 {
            followed.write_models(generation(number));
        } else {
            followed.write_registry("{ \"modelRegistry\": { \"steady\": {} } }");
        }
        followed.reload().await;
        let now = || [&calls, &streams].map(|count| count.load(Ordering::Relaxed));
        // Calls go on beside every reload.
        followed
            .until(|_| now().iter().zip(before).all(|(now, before)| *now > before))
            .await;
    }
    stop.store(true, Ordering::Relaxed);
    while let Some(ended) = soon(callers.join_next()).await {
        ended.unwrap();
    }

    let metrics = followed.gateway.metrics();
    assert!(metrics.reloads.value() >= 50);
    assert!(metrics.reloads_refused.value() >= 50);
}
