use std::sync::Arc;

use tokio::net::TcpListener;
use tokio_stream::StreamExt;
use tonic::Code;
use tonic::Status;
use tonic::service::Routes;
use tonic::transport::Channel;
use tonic::transport::Endpoint;
use tonic_types::StatusExt;

use super::*;
use crate::grpc::Admission;
use crate::grpc::Parts;
use crate::grpc::Services;
use crate::health::Health;
use crate::proto::InvokeRequest;
use crate::proto::InvokeStreamRequest;
use crate::proto::inference_service_client::InferenceServiceClient;
use crate::provider::scripted::Scripted;
use crate::provider::scripted::Step;
use crate::registry::ParseChoices;
use crate::registry::Registry;
use crate::routing::Availability;
use crate::routing::Policy;
use crate::routing::PolicyInForce;
use crate::routing::Router;
use crate::settings;
use crate::settings::Environment;
use crate::settings::Flags;
use crate::settings::RegistrySource;
use crate::settings::Settings;
use crate::telemetry::EveryCall;
use crate::telemetry::Metrics;

const MODEL: &str = "claude-opus-4-1";

/// A client of a gateway whose host of models plays a script.
async fn gateway(script: Scripted) -> (InferenceServiceClient<Channel>, Arc<Metrics>) {
    let flags = Flags {
        file: None,
        values: [("routing.fallback", "false".to_owned())].into(),
    };
    let settings = settings::load(&flags, &Environment::default()).unwrap();
    let metrics = Arc::new(Metrics::default());
    let services = services(&settings, script, Arc::clone(&metrics));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (socket, _) = listener.accept().await.unwrap();
        let services = services.for_connection();
        let surroundings = Surroundings {
            settings: settings.server,
            metrics: Arc::default(),
            shutdown: Shutdown::default(),
            floods: LogLimit::one_per(Duration::ZERO),
        };
        serve(socket, services, Arc::new(surroundings)).await;
    });
    let endpoint = Endpoint::from_shared(format!("http://{address}")).unwrap();
    let channel = endpoint.connect().await.unwrap();
    (InferenceServiceClient::new(channel), metrics)
}

fn services(settings: &Settings, script: Scripted, metrics: Arc<Metrics>) -> Services {
    let choices = ParseChoices {
        region: "us-east-1".to_owned(),
        profile_account: settings.registry.profile_account.clone(),
    };
    let registry = Arc::new(Registry::load(&RegistrySource::Embedded, &choices).unwrap());
    let availability = Availability::new("us-east-1".to_owned(), true);
    let policy = Policy::new(registry, settings.routing.clone(), availability, None);
    let policy = PolicyInForce::new(policy);
    let parts = Parts {
        router: Arc::new(Router::new(policy.clone(), Arc::new(script))),
        health: Health::new(policy),
        closing: Shutdown::default().closing().clone(),
        cutting: Shutdown::default().cutting().clone(),
        log_every_call: EveryCall::default(),
        admission: Arc::new(Admission::new(&settings.server, Arc::clone(&metrics))),
        metrics,
        shared: Routes::default(),
    };
    Services::new(parts, &settings.server)
}

fn prompt() -> InvokeRequest {
    InvokeRequest {
        model: MODEL.to_owned(),
        prompt: "Hi".to_owned(),
        ..InvokeRequest::default()
    }
}

fn stream_prompt() -> InvokeStreamRequest {
    InvokeStreamRequest {
        model: MODEL.to_owned(),
        prompt: "Hi".to_owned(),
        ..InvokeStreamRequest::default()
    }
}

fn assert_is_a_defect(status: &Status) {
    assert_eq!(status.code(), Code::Internal);
    assert_eq!(status.get_details_error_info().unwrap().reason, "INTERNAL");
    assert!(!status.message().contains("secret"));
    assert!(!String::from_utf8_lossy(status.details()).contains("secret"));
}

#[tokio::test]
async fn panic_before_the_answer_is_internal_and_the_connection_goes_on() {
    let steps = [Step::Panic(&[]), Step::Text("hello")];
    let (mut client, metrics) = gateway(Scripted::default().on(MODEL, steps)).await;

    let failed = client.invoke(prompt()).await.unwrap_err();
    let answer = client.invoke(prompt()).await.unwrap().into_inner();

    assert_is_a_defect(&failed);
    assert_eq!(answer.text, "hello");
    assert_eq!(metrics.panics.value(), 1);
    assert_eq!(metrics.calls_in_flight.value(), 0);
}

#[tokio::test]
async fn panic_in_a_stream_ends_it_with_internal_and_other_calls_go_on() {
    let steps = [
        Step::Hang(&["one"]),
        Step::Panic(&["two"]),
        Step::Text("hello"),
    ];
    let (mut client, metrics) = gateway(Scripted::default().on(MODEL, steps)).await;
    let other = client.invoke_stream(stream_prompt()).await.unwrap();

    let stream = client.invoke_stream(stream_prompt()).await.unwrap();
    let mut received: Vec<_> = stream.into_inner().collect().await;
    let answer = client.invoke(prompt()).await.unwrap().into_inner();

    assert_is_a_defect(&received.pop().unwrap().unwrap_err());
    assert!(!received.is_empty());
    assert!(received.iter().all(Result::is_ok));
    assert_eq!(answer.text, "hello");
    assert_eq!(metrics.panics.value(), 1);
    assert_eq!(metrics.calls_in_flight.value(), 1);
    drop(other);
}
