//! The streams of one connection: which there are, and whether their readers take what they get.
//!
//! While a reader takes nothing, the transport asks a body for nothing, so the body cannot notice
//! by itself. It only notes here when it was asked and when it answered; the connection looks at
//! the notes from time to time and ends the task of a stream that has stood still for too long.
//! That costs an event one store, and a stream no timer and no task.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering;

use hyper::rt::Executor;
use slab::Slab;
use tokio::task::AbortHandle;

/// Rounds of [`Streams::look`] that an answer may lie untaken before its stream has stalled.
pub const ROUNDS: u32 = 8;

/// The streams of one connection. Runs their tasks for the transport.
#[derive(Clone, Default)]
pub struct Streams(Arc<Mutex<Open>>);

#[derive(Default)]
struct Open {
    streams: Slab<Stream>,
    begun: u64,
}

struct Stream {
    progress: Arc<Progress>,
    /// `None` until it was spawned.
    task: Option<AbortHandle>,
}

/// How far the reader of one stream is.
#[derive(Default)]
pub(super) struct Progress(AtomicU32);

/// The reader waits for us.
const ASKED: u32 = 0;
/// We wait for the reader. One more for each round that it has lasted.
const ANSWERED: u32 = 1;
/// The stream was given up.
const STALLED: u32 = u32::MAX;

tokio::task_local! {
    static CURRENT: Place;
}

/// A stream's place among those of its connection, for as long as it is there.
struct Place {
    streams: Streams,
    key: usize,
    progress: Arc<Progress>,
}

/// What the streams of a connection are doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Traffic {
    /// Streams that are open.
    pub open: usize,
    /// Streams that were ever opened.
    pub begun: u64,
}

impl Streams {
    /// What they are doing now.
    pub fn traffic(&self) -> Traffic {
        let open = self.lock();
        Traffic {
            open: open.streams.len(),
            begun: open.begun,
        }
    }

    /// A round: ends the streams whose reader took nothing during the last [`ROUNDS`] of them.
    pub fn look(&self) {
        for (_, stream) in &self.lock().streams {
            if stream.progress.has_stalled() {
                stream.end();
            }
        }
    }

    /// Ends all of them as stalled.
    pub fn end(&self) {
        for (_, stream) in &self.lock().streams {
            stream.end();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Open> {
        // A connection and its streams live on one thread, so nobody ever waits here.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<F> Executor<F> for Streams
where
    F: Future<Output = ()> + Send + 'static,
{
    fn execute(&self, stream: F) {
        let progress = Arc::new(Progress::default());
        let key = {
            let mut open = self.lock();
            open.begun += 1;
            open.streams.insert(Stream {
                progress: Arc::clone(&progress),
                task: None,
            })
        };
        let place = Place {
            streams: self.clone(),
            key,
            progress,
        };
        let task = tokio::spawn(CURRENT.scope(place, stream));
        // It has ended already if the runtime is shutting down.
        if let Some(stream) = self.lock().streams.get_mut(key) {
            stream.task = Some(task.abort_handle());
        }
    }
}

impl Stream {
    fn end(&self) {
        self.progress.0.store(STALLED, Ordering::Relaxed);
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let gone = self.streams.lock().streams.try_remove(self.key);
        drop(gone);
    }
}

impl Progress {
    /// That of the stream whose task this is; one that nobody looks at outside of a stream.
    pub(super) fn of_this_stream() -> Arc<Self> {
        CURRENT
            .try_with(|place| Arc::clone(&place.progress))
            .unwrap_or_default()
    }

    /// The transport asks for more.
    pub(super) fn asked(&self) {
        self.0.store(ASKED, Ordering::Relaxed);
    }

    /// It got something, and asks again when that was taken.
    pub(super) fn answered(&self) {
        self.0.store(ANSWERED, Ordering::Relaxed);
    }

    /// Whether the stream was given up.
    pub(super) fn is_given_up(&self) -> bool {
        self.0.load(Ordering::Relaxed) == STALLED
    }

    /// Counts a round in which the reader may have taken nothing.
    fn has_stalled(&self) -> bool {
        let rounds = self.0.load(Ordering::Relaxed);
        if rounds != ASKED && rounds != STALLED {
            self.0.store(rounds + 1, Ordering::Relaxed);
        }
        rounds > ROUNDS
    }
}

/// Whether the stream whose task this is was given up because its reader took nothing.
pub(super) fn is_given_up() -> bool {
    CURRENT
        .try_with(|place| place.progress.is_given_up())
        .unwrap_or_default()
}
