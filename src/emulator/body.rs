//! Response bodies: whole ones, and those that are played step by step.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Context;
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use bytes::BytesMut;
use hyper::body::Body;
use hyper::body::Frame;
use hyper::body::SizeHint;
use tokio::time::Sleep;

use crate::emulator::connection::ResetSwitch;
use crate::emulator::journal::Outcome;
use crate::emulator::journal::Ticket;
use crate::emulator::options::Framing;

/// One step of a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    Send(Bytes),
    Pause(Duration),
    /// Lets the connection send what it has before the next step.
    Flush,
    /// Closes the connection without the end of the body.
    Cut,
    /// The same with a TCP reset.
    Reset,
    /// Nothing more, and no end either.
    Hang,
}

/// The connection was ended by a scenario.
#[derive(Debug, thiserror::Error)]
#[error("connection ended by a scenario")]
pub(super) struct Broken;

/// Body of a response.
pub(super) enum ReplyBody {
    Whole(Option<Bytes>),
    Played(Box<Player>),
}

impl ReplyBody {
    pub(super) fn whole(bytes: impl Into<Bytes>) -> Self {
        Self::Whole(Some(bytes.into()))
    }
}

impl Body for ReplyBody {
    type Data = Bytes;
    type Error = Broken;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Broken>>> {
        match self.get_mut() {
            Self::Whole(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            Self::Played(player) => player.poll(context).map(|next| match next {
                Ok(bytes) => bytes.map(|bytes| Ok(Frame::data(bytes))),
                Err(broken) => Some(Err(broken)),
            }),
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(self, Self::Whole(None))
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(bytes) => {
                SizeHint::with_exact(bytes.as_ref().map_or(0, |b| b.len() as u64))
            }
            Self::Played(_) => SizeHint::default(),
        }
    }
}

/// Plays steps, and tells the journal how it ended.
pub(super) struct Player {
    steps: VecDeque<Step>,
    framing: Framing,
    sleep: Option<Pin<Box<Sleep>>>,
    reset: Arc<ResetSwitch>,
    ticket: Option<Ticket>,
    outcome: Outcome,
}

impl Player {
    pub(super) fn new(
        steps: Vec<Step>,
        framing: Framing,
        reset: Arc<ResetSwitch>,
        ticket: Ticket,
        outcome: Outcome,
    ) -> Self {
        Self {
            steps: steps.into(),
            framing,
            sleep: None,
            reset,
            ticket: Some(ticket),
            outcome,
        }
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Result<Option<Bytes>, Broken>> {
        loop {
            if let Some(sleep) = &mut self.sleep {
                if sleep.as_mut().poll(context).is_pending() {
                    return Poll::Pending;
                }
                self.sleep = None;
            }
            match self.steps.pop_front() {
                Some(Step::Send(bytes)) => return Poll::Ready(Ok(Some(self.chunk(bytes)))),
                Some(Step::Pause(pause)) => self.sleep = Some(Box::pin(tokio::time::sleep(pause))),
                Some(Step::Flush) => {
                    context.waker().wake_by_ref();
                    return Poll::Pending;
                }
                Some(Step::Cut) => {
                    self.close();
                    return Poll::Ready(Err(Broken));
                }
                Some(Step::Reset) => {
                    self.reset.arm();
                    self.close();
                    return Poll::Ready(Err(Broken));
                }
                Some(Step::Hang) => {
                    self.steps.push_front(Step::Hang);
                    if let Some(ticket) = &self.ticket {
                        ticket.note(self.outcome.clone());
                    }
                    return Poll::Pending;
                }
                None => {
                    self.close();
                    return Poll::Ready(Ok(None));
                }
            }
        }
    }

    /// The next chunk of the body, as the framing wants it.
    fn chunk(&mut self, mut bytes: Bytes) -> Bytes {
        match self.framing {
            Framing::PerEvent => bytes,
            Framing::Coalesced => {
                let mut joined = BytesMut::from(bytes);
                while let Some(Step::Send(_)) = self.steps.front() {
                    if let Some(Step::Send(next)) = self.steps.pop_front() {
                        joined.extend_from_slice(&next);
                    }
                }
                joined.freeze()
            }
            Framing::PerByte => {
                let rest = bytes.split_off(bytes.len().min(1));
                if !rest.is_empty() {
                    self.steps.push_front(Step::Send(rest));
                    self.steps.push_front(Step::Flush);
                }
                bytes
            }
        }
    }

    fn close(&mut self) {
        if let Some(ticket) = self.ticket.take() {
            ticket.close(self.outcome.clone());
        }
    }
}
