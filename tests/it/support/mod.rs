//! The vocabulary of the tests: a gateway on the embedded emulator, a client, and what is read off
//! an answer.

pub(crate) mod fault_call;
pub(crate) mod fault_case;
pub(crate) mod fault_proxy;
pub(crate) mod fault_rows;
pub(crate) mod golden;
pub(crate) mod join;
pub(crate) mod logs;
pub(crate) mod made_up;
pub(crate) mod process;
pub(crate) mod proto_json;
pub(crate) mod raw_http2;
pub(crate) mod shapes;
pub(crate) mod terminal;
pub(crate) mod tls;
pub(crate) mod wrong_gateway;

use std::borrow::BorrowMut;
use std::collections::BTreeMap;
use std::io::Write as _;
use std::net::SocketAddr;
use std::time::Duration;

use bedrock_gateway::app;
use bedrock_gateway::app::Running;
use bedrock_gateway::emulator::Emulator;
use bedrock_gateway::emulator::Fault;
use bedrock_gateway::emulator::Scenario;
use bedrock_gateway::proto::Attempt;
use bedrock_gateway::proto::InferenceConfig;
use bedrock_gateway::proto::InvocationFailure;
use bedrock_gateway::proto::InvokeRequest;
use bedrock_gateway::proto::InvokeStreamRequest;
use bedrock_gateway::proto::InvokeStreamResponse;
use bedrock_gateway::proto::RoutingConfig;
use bedrock_gateway::proto::attempt::State;
use bedrock_gateway::proto::content_block_delta_event::Delta;
use bedrock_gateway::proto::inference_service_client::InferenceServiceClient;
use bedrock_gateway::proto::invoke_stream_response::Event;
use bedrock_gateway::proto::model_service_client::ModelServiceClient;
use bedrock_gateway::proto::routing_config::FallbackMode;
use bedrock_gateway::settings::Environment;
use bedrock_gateway::settings::Flags;
use bedrock_gateway::settings::LoadedSettings;
use bedrock_gateway::telemetry::Metrics;
use prost::Message;
use tempfile::NamedTempFile;
use tonic::Status;
use tonic::Streaming;
use tonic::transport::Channel;
use tonic::transport::Endpoint;
use tonic_health::pb::health_client::HealthClient;
use tonic_types::StatusExt;

/// The first model by priority in the shipped registry.
pub(crate) const FIRST: &str = "claude-opus-4-1";
/// The next one that is alive.
pub(crate) const SECOND: &str = "claude-sonnet-4-5";
/// The last one that is alive; it has no tools and always reasons.
pub(crate) const LAST: &str = "deepseek-r1";

/// A gateway on its embedded emulator.
pub(crate) struct Gateway {
    running: Running,
    channel: Channel,
}

impl Gateway {
    /// Starts one with the shipped registry.
    pub(crate) async fn start() -> Self {
        Self::with(&[]).await
    }

    /// Starts one with a registry of these models.
    pub(crate) async fn with_models(models: serde_json::Value) -> Self {
        Self::with_models_and(models, &[]).await
    }

    /// The same with these settings changed.
    pub(crate) async fn with_models_and(
        models: serde_json::Value,
        changes: &[(&'static str, &str)],
    ) -> Self {
        let mut file = NamedTempFile::new().unwrap();
        let registry = serde_json::json!({ "modelRegistry": models });
        file.write_all(registry.to_string().as_bytes()).unwrap();
        let registry = ("registry.file", file.path().to_str().unwrap());
        Self::with(&[&[registry], changes].concat()).await
    }

    /// Starts one with these settings changed.
    pub(crate) async fn with(changes: &[(&'static str, &str)]) -> Self {
        let registry = ageless_registry();
        let mut values: BTreeMap<&'static str, String> = [
            ("server.listen", "127.0.0.1:0"),
            ("server.workers", "1"),
            ("server.drain_delay", "0s"),
            ("bedrock.emulator", "true"),
            ("registry.file", registry.path().to_str().unwrap()),
        ]
        .into_iter()
        .chain(changes.iter().copied())
        .map(|(key, value)| (key, value.to_owned()))
        .collect();
        values
            .entry("routing.backoff_base")
            .or_insert_with(|| "1ms".to_owned());
        let flags = Flags { file: None, values };
        Self::of(&LoadedSettings::read(flags, Environment::default()).unwrap()).await
    }

    /// Starts one with these settings.
    pub(crate) async fn of(loaded: &LoadedSettings) -> Self {
        let running = app::start(loaded.settings.clone()).await.unwrap();
        let address = format!("http://{}", running.address());
        let channel = Endpoint::from_shared(address)
            .unwrap()
            .connect()
            .await
            .unwrap();
        Self { running, channel }
    }

    /// It itself.
    pub(crate) fn running(&self) -> &Running {
        &self.running
    }

    /// The emulator behind it.
    pub(crate) fn emulator(&self) -> &Emulator {
        self.running.emulator().unwrap()
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.running.address()
    }

    /// What it has counted.
    pub(crate) fn metrics(&self) -> &Metrics {
        self.running.metrics()
    }

    /// Names of the models that were called upstream, in order.
    pub(crate) fn calls(&self) -> Vec<String> {
        self.emulator().calls()
    }

    /// Operations of the upstream calls, in order.
    pub(crate) fn operations(&self) -> Vec<&'static str> {
        let journal = self.emulator().journal();
        journal.iter().map(|entry| entry.operation).collect()
    }

    /// Bodies of the upstream calls, in order.
    pub(crate) fn bodies(&self) -> Vec<serde_json::Value> {
        let journal = self.emulator().journal();
        journal
            .iter()
            .map(|entry| serde_json::from_slice(&entry.body).unwrap())
            .collect()
    }

    /// Body of one upstream call as it was sent, counted from 0.
    pub(crate) fn body_text(&self, call: usize) -> String {
        String::from_utf8(self.emulator().journal()[call].body.to_vec()).unwrap()
    }

    /// A client of InferenceService.
    pub(crate) fn inference(&self) -> InferenceServiceClient<Channel> {
        InferenceServiceClient::new(self.channel.clone())
    }

    /// A client of InferenceService on a connection of its own, which the worker with the fewest
    /// gets.
    pub(crate) async fn another_connection(&self) -> InferenceServiceClient<Channel> {
        let address = format!("http://{}", self.running.address());
        let endpoint = Endpoint::from_shared(address).unwrap();
        InferenceServiceClient::new(endpoint.connect().await.unwrap())
    }

    /// Whether a call on a connection of its own is answered.
    pub(crate) async fn answers_others(&self) -> bool {
        let mut other = self.another_connection().await;
        soon(other.invoke(prompt("Hi"))).await.is_ok()
    }

    /// A client of ModelService.
    pub(crate) fn models(&self) -> ModelServiceClient<Channel> {
        ModelServiceClient::new(self.channel.clone())
    }

    /// A client of grpc.health.v1.
    pub(crate) fn health(&self) -> HealthClient<Channel> {
        HealthClient::new(self.channel.clone())
    }

    /// A stream that falls silent after its first words.
    pub(crate) async fn silent_stream(&self) -> Streaming<InvokeStreamResponse> {
        let hang = Fault::Hang {
            after_events: Some(3),
        };
        self.emulator().set_scenario(FIRST, Scenario::fault(hang));
        let request = stream_prompt("Hi");
        self.inference()
            .invoke_stream(request)
            .await
            .unwrap()
            .into_inner()
    }

    /// Takes the running gateway out, for tests of its end.
    pub(crate) fn into_running(self) -> (Running, Channel) {
        (self.running, self.channel)
    }
}

fn ageless_registry() -> NamedTempFile {
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(ageless_registry_text().as_bytes()).unwrap();
    file
}

/// The shipped registry, whose models that are alive in November 2026 stay so: tests must not fail
/// because a day has come.
pub(crate) fn ageless_registry_text() -> String {
    let shipped = include_str!("../../../config/aws-bedrock-models.json");
    let ending = r#""endOfLifeDate": "2027-"#;
    assert!(shipped.contains(ending));
    shipped.replace(ending, r#""endOfLifeDate": "9027-"#)
}

/// The smallest request. Few enough tokens that `Invoke` runs over Converse.
pub(crate) fn prompt(text: &str) -> InvokeRequest {
    InvokeRequest {
        prompt: text.to_owned(),
        inference_config: Some(InferenceConfig {
            max_tokens: Some(200),
            ..InferenceConfig::default()
        }),
        ..InvokeRequest::default()
    }
}

/// The same to this model, and to no other.
pub(crate) fn only(model: &str) -> InvokeRequest {
    InvokeRequest {
        model: model.to_owned(),
        routing_config: Some(RoutingConfig {
            fallback_mode: FallbackMode::Disabled.into(),
            ..RoutingConfig::default()
        }),
        ..prompt("Hi")
    }
}

/// The smallest request for a stream.
pub(crate) fn stream_prompt(text: &str) -> InvokeStreamRequest {
    let InvokeRequest {
        prompt,
        inference_config,
        ..
    } = prompt(text);
    InvokeStreamRequest {
        prompt,
        inference_config,
        ..InvokeStreamRequest::default()
    }
}

/// An exception of this name and text.
pub(crate) fn exception_saying(name: &str, message: &str) -> Scenario {
    Scenario::fault(Fault::Exception {
        name: name.to_owned(),
        status: None,
        message: Some(message.to_owned()),
        members: serde_json::Map::new(),
        retry_after: None,
    })
}

/// Models of a ledger with their states.
pub(crate) fn states(attempts: &[Attempt]) -> Vec<(&str, State)> {
    attempts
        .iter()
        .map(|attempt| (attempt.model.as_str(), attempt.state()))
        .collect()
}

/// Everything a stream gave, and how it ended.
pub(crate) async fn collect(
    mut stream: impl BorrowMut<Streaming<InvokeStreamResponse>>,
) -> (Vec<Event>, Result<(), Status>) {
    let mut events = Vec::new();
    loop {
        match stream.borrow_mut().message().await {
            Ok(Some(response)) => events.extend(response.event),
            Ok(None) => return (events, Ok(())),
            Err(status) => return (events, Err(status)),
        }
    }
}

/// The text of a stream.
pub(crate) fn text(events: &[Event]) -> String {
    let mut text = String::new();
    for event in events {
        if let Event::ContentBlockDelta(delta) = event
            && let Some(Delta::Text(more)) = &delta.delta
        {
            text.push_str(more);
        }
    }
    text
}

/// `ErrorInfo.reason` of a status.
pub(crate) fn reason(status: &Status) -> String {
    status.get_details_error_info().unwrap().reason
}

/// The attempt ledger in a status.
pub(crate) fn failure(status: &Status) -> InvocationFailure {
    let details = tonic_types::pb::Status::decode(status.details()).unwrap();
    let detail = details
        .details
        .iter()
        .find(|detail| {
            detail
                .type_url
                .ends_with("/bedrock.gateway.v1.InvocationFailure")
        })
        .unwrap();
    InvocationFailure::decode(&*detail.value).unwrap()
}

/// Fails a test that would wait for ever.
pub(crate) async fn soon<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(20), what)
        .await
        .unwrap()
}

/// Waits until something that nobody announces is true.
pub(crate) async fn until(condition: impl Fn() -> bool) {
    let reached = async {
        while !condition() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    soon(reached).await;
}
