//! The configuration changes while the gateway runs.

mod files;
mod load;
mod process;

use bedrock_gateway::emulator::Delay;
use bedrock_gateway::emulator::Fault;
use bedrock_gateway::emulator::Scenario;
use bedrock_gateway::proto::GetModelRequest;
use bedrock_gateway::proto::InvokeRequest;
use bedrock_gateway::proto::ListModelsRequest;
use serde_json::json;
use tonic::Code;
use tonic_health::pb::health_check_response::ServingStatus;

use self::files::Followed;
use self::files::model;
use crate::support::collect;
use crate::support::exception_saying;
use crate::support::logs;
use crate::support::prompt;
use crate::support::reason;
use crate::support::soon;
use crate::support::stream_prompt;
use crate::support::text;

fn asking(model: &str) -> InvokeRequest {
    InvokeRequest {
        model: model.to_owned(),
        ..prompt("Hi")
    }
}

#[tokio::test]
async fn model_of_a_changed_file_is_called_listed_and_healthy() {
    let followed = Followed::start(json!({ "one": model("nova-lite", 1) })).await;
    let mut two = followed.watch("models/two").await;
    assert_eq!(soon(two.next()).await, ServingStatus::ServiceUnknown);

    followed.write_models(json!({ "two": model("nova-pro", 1) }));

    assert_eq!(soon(two.next()).await, ServingStatus::Serving);
    let gateway = &followed.gateway;
    let answer = gateway.inference().invoke(asking("two")).await.unwrap();
    assert_eq!(answer.into_inner().metadata.unwrap().model, "two");
    let gone = gateway.inference().invoke(asking("one")).await.unwrap_err();
    assert_eq!(reason(&gone), "MODEL_NOT_FOUND");
    let listed = gateway
        .models()
        .list_models(ListModelsRequest::default())
        .await;
    let listed = listed.unwrap().into_inner().models;
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0].name, "two");
    assert_eq!(gateway.metrics().reloads.value(), 1);
}

#[tokio::test]
async fn model_that_goes_is_unknown_to_those_who_watch_it() {
    let both = json!({ "one": model("nova-lite", 1), "two": model("nova-pro", 2) });
    let followed = Followed::start(both).await;
    let mut two = followed.watch("models/two").await;
    assert_eq!(soon(two.next()).await, ServingStatus::Serving);

    followed.write_models(json!({ "one": model("nova-lite", 1) }));
    followed.reload().await;

    assert_eq!(soon(two.next()).await, ServingStatus::ServiceUnknown);
}

#[tokio::test]
async fn stream_under_way_survives_the_removal_of_its_model() {
    let followed = Followed::start(json!({ "one": model("nova-lite", 1) })).await;
    let slow = Scenario {
        delay: Delay {
            between_events_ms: 50,
            ..Delay::default()
        },
        ..Scenario::reply("one two three four five six")
    };
    followed.gateway.emulator().set_scenario("one", slow);
    let stream = followed
        .gateway
        .inference()
        .invoke_stream(stream_prompt("Hi"))
        .await
        .unwrap();

    followed.write_models(json!({ "two": model("nova-pro", 1) }));
    followed.reload().await;
    let gone = followed.gateway.inference().invoke(asking("one")).await;
    let (events, end) = soon(collect(stream.into_inner())).await;

    assert_eq!(reason(&gone.unwrap_err()), "MODEL_NOT_FOUND");
    end.unwrap();
    assert_eq!(text(&events), "one two three four five six");
}

#[tokio::test]
async fn broken_registry_changes_nothing_and_is_reported_once_with_all_problems() {
    logs::keep();
    let followed = Followed::start(json!({ "one": model("nova-lite", 1) })).await;

    let broken = json!({ "modelRegistry": { "broken-registry-a": {}, "broken-registry-b": {} } });
    followed.write_registry(&broken.to_string());
    followed
        .until(|metrics| metrics.reloads_refused.value() == 1)
        .await;
    followed.looks(4).await;

    assert_eq!(followed.gateway.metrics().reloads_refused.value(), 1);
    assert_eq!(followed.gateway.metrics().reloads.value(), 0);
    followed
        .gateway
        .inference()
        .invoke(asking("one"))
        .await
        .unwrap();
    let problems = logs::refusals("broken-registry-a");
    assert_eq!(problems.len(), 1);
    assert!(problems[0].contains("broken-registry-b"), "{problems:?}");
}

#[tokio::test]
async fn each_mistake_is_refused_and_the_next_good_file_is_taken() {
    let followed = Followed::start(json!({ "one": model("nova-lite", 1) })).await;
    followed.write_settings("[registry]\ndefault_model = \"one\"\n");
    followed.reload().await;
    let good = json!({ "modelRegistry": { "one": model("nova-lite", 1) } }).to_string();
    let unknown_key = good.replacen("modelId", "modelIdd", 1);
    let default_gone = good.replace("\"one\"", "\"two\"");

    for broken in ["{", "", &unknown_key, &default_gone] {
        let before = followed.gateway.metrics().reloads_refused.value();
        followed.write_registry(broken);
        followed.reload().await;
        assert_eq!(
            followed.gateway.metrics().reloads_refused.value(),
            before + 1,
            "{broken}"
        );
        followed
            .gateway
            .inference()
            .invoke(asking("one"))
            .await
            .unwrap();
    }
    followed.write_models(json!({ "one": model("nova-pro", 1) }));
    followed.reload().await;

    let request = GetModelRequest {
        name: "one".to_owned(),
    };
    let described = followed.gateway.models().get_model(request).await.unwrap();
    let described = described.into_inner().model.unwrap();
    assert!(
        described.bedrock_model_id.contains("nova-pro"),
        "{described:?}"
    );
}

#[tokio::test]
async fn broken_settings_change_nothing() {
    let followed = Followed::start(json!({ "one": model("nova-lite", 1) })).await;

    followed.write_settings("[routing]\nmax_retries = \"many\"\n[sever]\n");
    followed
        .until(|metrics| metrics.reloads_refused.value() == 1)
        .await;

    assert_eq!(followed.gateway.metrics().reloads.value(), 0);
    followed
        .gateway
        .inference()
        .invoke(asking("one"))
        .await
        .unwrap();
}

#[tokio::test]
async fn changed_settings_count_for_calls_that_begin_then() {
    let both = json!({ "one": model("nova-lite", 1), "two": model("nova-pro", 2) });
    let followed = Followed::start(both).await;
    let emulator = followed.gateway.emulator();
    emulator.set_scenario("one", Scenario::exception("InternalServerException"));
    let answer = followed
        .gateway
        .inference()
        .invoke(prompt("Hi"))
        .await
        .unwrap();
    assert_eq!(answer.into_inner().metadata.unwrap().model, "two");

    followed
        .write_settings("[routing]\nfallback = false\nmax_retries = 0\n[server]\nworkers = 7\n");
    followed.until(|metrics| metrics.reloads.value() == 1).await;

    let alone = followed
        .gateway
        .inference()
        .invoke(prompt("Hi"))
        .await
        .unwrap_err();
    assert_eq!(alone.code(), Code::Unavailable);
}

#[tokio::test]
async fn limit_on_calls_is_lowered_while_a_call_runs() {
    let followed = Followed::start(json!({ "one": model("nova-lite", 1) })).await;
    let hang = Scenario::fault(Fault::Hang {
        after_events: Some(3),
    });
    followed.gateway.emulator().push_scenario("one", hang);
    let mut inference = followed.gateway.inference();
    let running = inference.invoke_stream(stream_prompt("Hi")).await.unwrap();
    inference.invoke(asking("one")).await.unwrap();

    followed.write_settings("[server]\nmax_concurrent_calls = 1\n");
    followed.reload().await;

    let refused = inference.invoke(asking("one")).await.unwrap_err();
    assert_eq!(reason(&refused), "OVERLOADED");
    drop(running);
    followed
        .until(|metrics| metrics.calls_in_flight.value() == 0)
        .await;
    inference.invoke(asking("one")).await.unwrap();
}

#[tokio::test]
async fn symbolic_link_further_up_is_followed() {
    let followed = Followed::start_mounted(json!({ "one": model("nova-lite", 1) })).await;
    let mut two = followed.watch("models/two").await;
    assert_eq!(soon(two.next()).await, ServingStatus::ServiceUnknown);

    followed.remount(json!({ "two": model("nova-pro", 1) }));

    assert_eq!(soon(two.next()).await, ServingStatus::Serving);
}

#[tokio::test]
async fn refusals_are_remembered_of_models_that_stay() {
    let two = json!({ "stays": model("nova-lite", 1), "moves": model("nova-pro", 2) });
    let followed = Followed::start(two).await;
    let says =
        "This model doesn't support the stopSequences field. Remove stopSequences and try again.";
    let refusal = exception_saying("ValidationException", says);
    for name in ["stays", "moves"] {
        followed
            .gateway
            .emulator()
            .push_scenario(name, refusal.clone());
        let mut request = asking(name);
        let config = request.inference_config.as_mut().unwrap();
        config.stop_sequences = vec!["END".to_owned()];
        // What comes of it is another test's business.
        let _ = followed.gateway.inference().invoke(request).await;
        assert!(
            followed
                .refused_fields(name)
                .await
                .contains(&STOP_SEQUENCES.to_owned()),
            "{name}"
        );
    }

    followed
        .write_models(json!({ "stays": model("nova-lite", 7), "moves": model("nova-micro", 2) }));
    followed.reload().await;

    assert!(
        followed
            .refused_fields("stays")
            .await
            .contains(&STOP_SEQUENCES.to_owned())
    );
    assert!(
        !followed
            .refused_fields("moves")
            .await
            .contains(&STOP_SEQUENCES.to_owned())
    );
}

const STOP_SEQUENCES: &str = "inference_config.stop_sequences";
