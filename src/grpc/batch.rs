//! Lets events that arrive together leave together.
//!
//! The transport writes what it has whenever a stream has nothing more at hand, and the connection
//! to Bedrock hands over one event each time it runs. A burst would so be written event by event,
//! a frame and a system call each. Waiting for one turn of the runtime after each event, and for
//! no time at all, lets the connection deliver the next one before anything is written.

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::Context;
use std::task::Poll;

use futures_util::Stream;

/// Events that leave together at most; a bound on the memory of one stream.
const MAX_TOGETHER: usize = 32;

/// A stream whose items are held back while more are about to come.
pub(super) struct Batched<S: Stream> {
    inner: S,
    held: VecDeque<S::Item>,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// Nothing came since the last turn.
    Quiet,
    /// Something came in this turn.
    Fresh,
    /// What is held leaves.
    Leaving,
    /// The inner stream has ended.
    Ended,
}

impl<S: Stream> Batched<S> {
    pub(super) fn new(inner: S) -> Self {
        Self {
            inner,
            held: VecDeque::new(),
            state: State::Quiet,
        }
    }
}

impl<S: Stream + Unpin> Stream for Batched<S>
where
    S::Item: Unpin,
{
    type Item = S::Item;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        loop {
            if matches!(this.state, State::Leaving | State::Ended) {
                if let Some(item) = this.held.pop_front() {
                    return Poll::Ready(Some(item));
                }
                if this.state == State::Ended {
                    return Poll::Ready(None);
                }
                this.state = State::Quiet;
            }
            match Pin::new(&mut this.inner).poll_next(cx) {
                Poll::Ready(Some(item)) => {
                    this.held.push_back(item);
                    this.state = if this.held.len() < MAX_TOGETHER {
                        State::Fresh
                    } else {
                        State::Leaving
                    };
                }
                Poll::Ready(None) => this.state = State::Ended,
                Poll::Pending if this.held.is_empty() => return Poll::Pending,
                Poll::Pending if this.state == State::Fresh => {
                    this.state = State::Quiet;
                    cx.waker().wake_by_ref();
                    return Poll::Pending;
                }
                Poll::Pending => this.state = State::Leaving,
            }
        }
    }
}
