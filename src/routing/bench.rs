//! A router over three models that play a script, and what is read off its answers.

use std::sync::Arc;

use tokio_stream::StreamExt;

use crate::proto::Attempt;
use crate::proto::InvokeStreamResponse;
use crate::proto::attempt::State;
use crate::proto::content_block_delta_event::Delta;
use crate::proto::invoke_stream_response::Event as Sent;
use crate::provider::Provider;
use crate::provider::scripted::Scripted;
use crate::registry::Model;
use crate::registry::Registry;
use crate::routing::Availability;
use crate::routing::Policy;
use crate::routing::PolicyInForce;
use crate::routing::RouteError;
use crate::routing::RoutedStream;
use crate::routing::Router;
use crate::routing::fixtures::model;
use crate::routing::fixtures::settings;

pub(super) struct Bench {
    pub(super) provider: Arc<Scripted>,
    pub(super) router: Router,
}

pub(super) fn bench(script: Scripted) -> Bench {
    bench_of(
        vec![model("third", 9), model("first", 1), model("second", 2)],
        script,
    )
}

pub(super) fn bench_of(models: Vec<Model>, script: Scripted) -> Bench {
    let provider = Arc::new(script);
    let router = Router::new(
        PolicyInForce::new(policy_of(models)),
        Arc::clone(&provider) as Arc<dyn Provider>,
    );
    Bench { provider, router }
}

/// The policy of tests over these models.
pub(super) fn policy_of(models: Vec<Model>) -> Policy {
    let registry = Arc::new(Registry::from_models(models));
    let availability = Availability::new("us-east-1".to_owned(), false);
    Policy::new(registry, settings(), availability, None)
}

pub(super) fn states(attempts: &[Attempt]) -> Vec<(&str, State)> {
    attempts
        .iter()
        .map(|attempt| (attempt.model.as_str(), attempt.state()))
        .collect()
}

pub(super) fn text(events: &[InvokeStreamResponse]) -> String {
    let mut text = String::new();
    for event in events {
        if let Some(Sent::ContentBlockDelta(delta)) = &event.event
            && let Some(Delta::Text(more)) = &delta.delta
        {
            text.push_str(more);
        }
    }
    text
}

pub(super) async fn collect(
    stream: RoutedStream,
) -> (Vec<InvokeStreamResponse>, Option<RouteError>) {
    let mut events = Vec::new();
    let mut stream = stream;
    while let Some(next) = stream.next().await {
        match next {
            Ok(event) => events.push(event),
            Err(error) => return (events, Some(error)),
        }
    }
    (events, None)
}
