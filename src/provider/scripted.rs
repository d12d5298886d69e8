//! A provider that plays a script: each model answers with the next step of its list.

use std::collections::HashMap;
use std::collections::VecDeque;
use std::sync::Mutex;
use std::time::Duration;

use futures_util::stream;
use tokio::time::sleep;

use crate::proto::ContentBlock;
use crate::proto::ContentBlockDeltaEvent;
use crate::proto::ContentBlockStartEvent;
use crate::proto::ContentBlockStopEvent;
use crate::proto::Message;
use crate::proto::MessageStopEvent;
use crate::proto::Role;
use crate::proto::StopReason;
use crate::proto::TextBlockStart;
use crate::proto::Usage;
use crate::proto::content_block::Block;
use crate::proto::content_block_delta_event::Delta;
use crate::proto::content_block_start_event::Start;
use crate::provider::Adaptation;
use crate::provider::Call;
use crate::provider::Completion;
use crate::provider::ErrorKind;
use crate::provider::Event;
use crate::provider::EventStream;
use crate::provider::Provider;
use crate::provider::ProviderError;
use crate::provider::Refusable;
use crate::provider::Reply;

/// What a model does when it is called.
#[derive(Clone)]
pub(crate) enum Step {
    /// Answers with this text, in one delta.
    Text(&'static str),
    /// Answers with a message that has no content.
    Empty,
    /// Fails before any event.
    Fail(ErrorKind),
    /// Fails and asks to wait.
    FailFor(ErrorKind, Duration),
    /// Fails before any event, with [`usage`] reported.
    FailUsed(ErrorKind),
    /// Refuses a part of the request by name, before any event.
    Refuse(Refusable),
    /// Opens the message, sends these deltas, then fails.
    Break(&'static [&'static str], ErrorKind),
    /// The same, with [`usage`] reported.
    BreakUsed(&'static [&'static str], ErrorKind),
    /// Opens the message, sends these deltas, then stays silent.
    Hang(&'static [&'static str]),
    /// Never answers.
    Silence,
    /// Answers with this text, then stays silent instead of ending.
    Linger(&'static str),
    /// Answers with this text, then fails.
    FailAfter(&'static str, ErrorKind),
    /// Opens the message, sends these deltas, then panics.
    Panic(&'static [&'static str]),
}

/// A provider that plays a script.
#[derive(Default)]
pub(crate) struct Scripted {
    steps: Mutex<HashMap<String, VecDeque<Step>>>,
    calls: Mutex<Vec<(String, Adaptation)>>,
}

impl Scripted {
    /// Adds steps of one model. A model without steps fails the test.
    pub(crate) fn on(self, model: &str, steps: impl IntoIterator<Item = Step>) -> Self {
        self.steps
            .lock()
            .unwrap()
            .entry(model.to_owned())
            .or_default()
            .extend(steps);
        self
    }

    /// Names of the models that were called, in order.
    pub(crate) fn calls(&self) -> Vec<String> {
        let calls = self.calls.lock().unwrap();
        calls.iter().map(|(model, _)| model.clone()).collect()
    }

    /// What was changed for the last call.
    pub(crate) fn last_adaptation(&self) -> Adaptation {
        self.calls.lock().unwrap().last().unwrap().1.clone()
    }

    fn next_step(&self, call: &Call<'_>) -> Step {
        let name = &call.model.name;
        self.calls
            .lock()
            .unwrap()
            .push((name.clone(), call.adaptation.clone()));
        let mut steps = self.steps.lock().unwrap();
        let step = steps.get_mut(name).and_then(VecDeque::pop_front);
        step.unwrap_or_else(|| panic!("no step left for {name}"))
    }
}

#[tonic::async_trait]
impl Provider for Scripted {
    async fn invoke(&self, call: Call<'_>) -> Result<Reply, ProviderError> {
        match self.next_step(&call) {
            Step::Text(text) | Step::Linger(text) | Step::FailAfter(text, _) => Ok(reply(text)),
            Step::Empty => Ok(reply("")),
            Step::Fail(kind) | Step::Break(_, kind) => Err(failure(kind, None)),
            Step::FailFor(kind, wait) => Err(failure(kind, Some(wait))),
            Step::FailUsed(kind) | Step::BreakUsed(_, kind) => Err(used(kind)),
            Step::Refuse(refused) => Err(refusal(refused)),
            Step::Hang(_) | Step::Silence => std::future::pending().await,
            Step::Panic(_) => panic!("a secret"),
        }
    }

    async fn invoke_stream(&self, call: Call<'_>) -> Result<EventStream, ProviderError> {
        let step = self.next_step(&call);
        let (texts, end): (Vec<&str>, Option<Option<ProviderError>>) = match step.clone() {
            Step::Text(text) | Step::Linger(text) | Step::FailAfter(text, _) => {
                (vec![text], Some(None))
            }
            Step::Empty => (Vec::new(), Some(None)),
            Step::Fail(kind) => return Err(failure(kind, None)),
            Step::FailFor(kind, wait) => return Err(failure(kind, Some(wait))),
            Step::FailUsed(kind) => return Err(used(kind)),
            Step::Refuse(refused) => return Err(refusal(refused)),
            Step::Break(texts, kind) => (texts.to_vec(), Some(Some(failure(kind, None)))),
            Step::BreakUsed(texts, kind) => (texts.to_vec(), Some(Some(used(kind)))),
            Step::Hang(texts) => (texts.to_vec(), None),
            Step::Silence => return std::future::pending().await,
            Step::Panic(texts) => (texts.to_vec(), None),
        };
        let panics = matches!(step, Step::Panic(_));
        let mut events = vec![Ok(Event::MessageStart), Ok(start())];
        events.extend(texts.into_iter().map(|text| Ok(delta(text))));
        let hangs = end.is_none() || matches!(step, Step::Linger(_));
        match end {
            Some(Some(error)) => events.push(Err(error)),
            Some(None) => events.extend(finish().map(Ok)),
            None => {}
        }
        if let Step::FailAfter(_, kind) = step {
            events.push(Err(failure(kind, None)));
        }
        // Like the real one, it may not be polled after its end.
        let events = stream::unfold(events.into_iter(), move |mut events| async move {
            if events.len() == 0 && panics {
                // What came before is on its way by then.
                sleep(Duration::from_millis(1)).await;
                panic!("a secret");
            }
            if events.len() == 0 && hangs {
                sleep(Duration::from_secs(86_400)).await;
            }
            events.next().map(|event| (event, events))
        });
        Ok(EventStream {
            request_id: "upstream-1".to_owned(),
            events: Box::pin(events),
        })
    }

    async fn count_tokens(&self, call: Call<'_>) -> Result<i32, ProviderError> {
        let reply = self.invoke(call).await?;
        let usage = reply.completion.usage.unwrap_or_default();
        Ok(usage.input_tokens)
    }
}

/// The usage of every scripted answer.
pub(crate) fn usage() -> Usage {
    Usage {
        input_tokens: 3,
        output_tokens: 5,
        total_tokens: 8,
        ..Usage::default()
    }
}

/// The whole answer with this text.
pub(crate) fn reply(text: &str) -> Reply {
    Reply {
        message: Message {
            role: Role::Assistant.into(),
            content: vec![ContentBlock {
                block: Some(Block::Text(text.to_owned())),
            }],
        },
        stop_reason: StopReason::EndTurn,
        raw_stop_reason: "end_turn".to_owned(),
        additional_model_response_fields: None,
        request_id: "upstream-1".to_owned(),
        completion: completion(),
    }
}

fn completion() -> Completion {
    Completion {
        usage: Some(usage()),
        ..Completion::default()
    }
}

pub(crate) fn start() -> Event {
    Event::BlockStart(ContentBlockStartEvent {
        content_block_index: 0,
        start: Some(Start::Text(TextBlockStart {})),
    })
}

pub(crate) fn delta(text: &str) -> Event {
    Event::BlockDelta(ContentBlockDeltaEvent {
        content_block_index: 0,
        delta: Some(Delta::Text(text.to_owned())),
    })
}

pub(crate) fn finish() -> [Event; 3] {
    [
        Event::BlockStop(ContentBlockStopEvent {
            content_block_index: 0,
        }),
        Event::MessageStop(MessageStopEvent {
            stop_reason: StopReason::EndTurn.into(),
            raw_stop_reason: "end_turn".to_owned(),
            additional_model_response_fields: None,
        }),
        Event::Completion(Box::new(completion())),
    ]
}

fn refusal(refused: Refusable) -> ProviderError {
    ProviderError {
        refused: Some(refused),
        ..failure(ErrorKind::FieldRefused, None)
    }
}

fn failure(kind: ErrorKind, retry_after: Option<Duration>) -> ProviderError {
    ProviderError {
        retry_after,
        ..ProviderError::new(kind, "scripted failure")
    }
}

fn used(kind: ErrorKind) -> ProviderError {
    ProviderError {
        completion: Some(Box::new(completion())),
        ..failure(kind, None)
    }
}
