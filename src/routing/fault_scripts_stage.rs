//! A provider that plays what a script says.

use std::collections::HashMap;
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;
use std::time::Duration;

use futures_util::stream;
use tokio::time::Instant;
use tokio::time::sleep;

use crate::provider::Call;
use crate::provider::ErrorKind;
use crate::provider::Event;
use crate::provider::EventStream;
use crate::provider::Provider;
use crate::provider::ProviderError;
use crate::provider::Reply;
use crate::provider::scripted;

/// What one call of a model does.
#[derive(Clone, Debug)]
pub(super) struct Play {
    /// Milliseconds before the call is accepted, or fails.
    pub(super) accepts_after: u64,
    pub(super) refuses: Option<(ErrorKind, Option<u64>)>,
    /// Pieces of text, and the milliseconds before each.
    pub(super) texts: Vec<u64>,
    pub(super) end: End,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum End {
    Complete,
    Fail(ErrorKind),
    /// The events end, and nobody says that something is missing.
    Missing,
    Hang,
}

/// A provider that plays; a model without plays left is unavailable.
pub(super) struct Stage {
    plays: Mutex<HashMap<String, VecDeque<Play>>>,
    pub(super) calls: Mutex<Vec<(String, Instant, Play)>>,
    pub(super) open: Arc<AtomicUsize>,
}

/// A call under way.
struct Under(Arc<AtomicUsize>);

impl Drop for Under {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Stage {
    /// One on which each of these models plays, call after call.
    pub(super) fn new(names: &[&str], plays: &[Vec<Play>]) -> Self {
        let plays = names.iter().zip(plays);
        let plays = plays.map(|(name, plays)| ((*name).to_owned(), plays.clone().into()));
        Self {
            plays: Mutex::new(plays.collect()),
            calls: Mutex::default(),
            open: Arc::default(),
        }
    }

    /// The number of this call, what it does, and the call itself.
    fn enter(&self, call: &Call<'_>) -> (usize, Play, Under) {
        let name = call.model.name.clone();
        let mut plays = self.plays.lock().unwrap();
        let play = plays.get_mut(&name).and_then(VecDeque::pop_front);
        let play = play.unwrap_or(Play {
            accepts_after: 0,
            refuses: Some((ErrorKind::Unavailable, None)),
            texts: Vec::new(),
            end: End::Complete,
        });
        let mut calls = self.calls.lock().unwrap();
        calls.push((name, Instant::now(), play.clone()));
        self.open.fetch_add(1, Ordering::Relaxed);
        (calls.len(), play, Under(Arc::clone(&self.open)))
    }
}

fn failure(kind: ErrorKind, retry_after: Option<u64>) -> ProviderError {
    ProviderError {
        retry_after: retry_after.map(Duration::from_millis),
        ..ProviderError::new(kind, "scripted failure")
    }
}

/// The text of a piece names the call that it belongs to.
pub(super) fn piece(number: usize) -> String {
    format!("[{number}]")
}

#[tonic::async_trait]
impl Provider for Stage {
    async fn invoke(&self, call: Call<'_>) -> Result<Reply, ProviderError> {
        let (number, play, _under) = self.enter(&call);
        sleep(Duration::from_millis(play.accepts_after)).await;
        if let Some((kind, retry_after)) = play.refuses {
            return Err(failure(kind, retry_after));
        }
        sleep(Duration::from_millis(play.texts.iter().sum())).await;
        match play.end {
            End::Complete => Ok(scripted::reply(&piece(number).repeat(play.texts.len()))),
            End::Fail(kind) => Err(failure(kind, None)),
            End::Missing => Err(failure(ErrorKind::BadAnswer, None)),
            End::Hang => std::future::pending().await,
        }
    }

    async fn invoke_stream(&self, call: Call<'_>) -> Result<EventStream, ProviderError> {
        let (number, play, under) = self.enter(&call);
        sleep(Duration::from_millis(play.accepts_after)).await;
        if let Some((kind, retry_after)) = play.refuses {
            return Err(failure(kind, retry_after));
        }
        let mut events = vec![
            (0, Some(Ok(Event::MessageStart))),
            (0, Some(Ok(scripted::start()))),
        ];
        let texts = play.texts.iter();
        events.extend(texts.map(|wait| (*wait, Some(Ok(scripted::delta(&piece(number)))))));
        match play.end {
            End::Complete => {
                events.extend(scripted::finish().map(|event| (0, Some(Ok(event)))));
            }
            End::Fail(kind) => events.push((0, Some(Err(failure(kind, None))))),
            End::Missing => {}
            End::Hang => events.push((0, None)),
        }
        let state = (events.into_iter(), under);
        let events = stream::unfold(state, |(mut events, under)| async move {
            let (wait, event) = events.next()?;
            sleep(Duration::from_millis(wait)).await;
            match event {
                Some(event) => Some((event, (events, under))),
                None => std::future::pending().await,
            }
        });
        Ok(EventStream {
            request_id: format!("upstream-{number}"),
            events: Box::pin(events),
        })
    }

    async fn count_tokens(&self, _call: Call<'_>) -> Result<i32, ProviderError> {
        Ok(1)
    }
}
