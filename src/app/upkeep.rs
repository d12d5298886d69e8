//! When a connection has to be looked at, and what follows: it is asked to leave, or closed.
//!
//! One timer per connection, and none per call.

use std::time::Duration;

use tokio::time::Instant;

use crate::app::socket::Gathered;
use crate::grpc::ROUNDS;
use crate::grpc::Streams;
use crate::grpc::Traffic;
use crate::settings::ServerSettings;

/// How long a client that was asked to leave may keep a connection on which nothing happens: no
/// call, and no byte in either direction. It leaves by itself if it answers; nothing else bounds
/// one that does not. The end of an answer may still be on its way when its call is over.
const LINGER: Duration = Duration::from_secs(5);

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Duty {
    /// Nothing yet.
    Nothing,
    /// Ask the client to leave: it starts no more calls here, and those under way finish.
    Leave,
    /// Close the connection.
    Close,
    /// The same, because the client takes nothing.
    Stalled,
}

/// The times of one connection.
pub(super) struct Upkeep {
    handshake_until: Option<Instant>,
    leave_at: Option<Instant>,
    progress: Rounds,
    calls: Rounds,
    idle_timeout: Duration,
    /// When the connection was first seen without a call, and what had happened by then.
    quiet: Option<(Instant, Seen)>,
}

/// What had happened on a connection. Bytes count only once the client was asked to leave: a PING
/// does not make a connection busy.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Seen {
    calls: u64,
    bytes: u64,
}

impl Upkeep {
    /// The times of a connection that was accepted now.
    pub(super) fn new(settings: &ServerSettings, now: Instant) -> Self {
        let jitter = 0.9 + 0.2 * fastrand::f64();
        Self {
            handshake_until: Some(now + settings.handshake_timeout),
            leave_at: Some(now + settings.max_connection_age.mul_f64(jitter)),
            progress: Rounds::of(settings.stalled_stream_timeout, now),
            calls: Rounds::of(settings.idle_connection_timeout, now),
            idle_timeout: settings.idle_connection_timeout,
            quiet: None,
        }
    }

    /// The client was asked to leave.
    pub(super) fn leaving(&mut self, now: Instant) {
        self.leave_at = None;
        self.idle_timeout = LINGER;
        self.calls = Rounds::of(LINGER, now);
    }

    /// When to look again.
    pub(super) fn next(&self) -> Instant {
        let round = self.progress.next().min(self.calls.next());
        let others = [self.handshake_until, self.leave_at];
        others.into_iter().flatten().fold(round, Instant::min)
    }

    /// Looks at everything whose time has come.
    pub(super) fn look(&mut self, now: Instant, socket: &Gathered, streams: &Streams) -> Duty {
        if self.handshake_until.is_some_and(|until| until <= now) {
            self.handshake_until = None;
            if !socket.has_begun() {
                return Duty::Close;
            }
        }
        if let Some(since) = self.progress.passed(now) {
            streams.look();
            if socket.has_stalled(since, ROUNDS) {
                return Duty::Stalled;
            }
        }
        if self.leave_at.is_some_and(|at| at <= now) {
            return Duty::Leave;
        }
        match self.calls.passed(now) {
            Some(_) => self.look_for_calls(now, streams.traffic(), socket.bytes()),
            None => Duty::Nothing,
        }
    }

    fn look_for_calls(&mut self, now: Instant, traffic: Traffic, bytes: u64) -> Duty {
        if traffic.open > 0 {
            self.quiet = None;
            return Duty::Nothing;
        }
        let seen = Seen {
            calls: traffic.begun,
            bytes: if self.leave_at.is_none() { bytes } else { 0 },
        };
        match self.quiet {
            Some((since, before)) if before == seen => {
                let is_idle = now.saturating_duration_since(since) >= self.idle_timeout;
                match self.leave_at {
                    _ if !is_idle => Duty::Nothing,
                    Some(_) => Duty::Leave,
                    None => Duty::Close,
                }
            }
            _ => {
                self.quiet = Some((now, seen));
                Duty::Nothing
            }
        }
    }
}

/// Looks that repeat, [`ROUNDS`] in a limit.
struct Rounds {
    length: Duration,
    last: Instant,
}

impl Rounds {
    fn of(limit: Duration, now: Instant) -> Self {
        Self {
            length: limit / ROUNDS,
            last: now,
        }
    }

    fn next(&self) -> Instant {
        self.last + self.length
    }

    /// The time since the last round, if it is time for another.
    fn passed(&mut self, now: Instant) -> Option<Duration> {
        let since = now.saturating_duration_since(self.last);
        (since >= self.length).then(|| {
            self.last = now;
            since
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings;
    use crate::settings::Environment;
    use crate::settings::Flags;

    fn settings() -> ServerSettings {
        let loaded = settings::load(&Flags::default(), &Environment::default());
        loaded.unwrap().server
    }

    #[tokio::test(start_paused = true)]
    async fn connections_of_one_moment_do_not_leave_at_one_moment() {
        let now = Instant::now();
        let ages = (0..1_000).map(|_| Upkeep::new(&settings(), now).leave_at.unwrap() - now);
        let ages: Vec<_> = ages.map(|age| age.as_secs()).collect();

        let (least, most) = (*ages.iter().min().unwrap(), *ages.iter().max().unwrap());

        assert!((540..=560).contains(&least), "{least}");
        assert!((640..=660).contains(&most), "{most}");
    }

    #[tokio::test(start_paused = true)]
    async fn connection_is_idle_only_if_nothing_came_between_two_looks() {
        let mut now = Instant::now();
        let mut upkeep = Upkeep::new(&settings(), now);
        let quiet = |begun| Traffic { open: 0, begun };
        let mut bytes = 0;
        let mut look = |traffic| {
            now += Duration::from_secs(8 * 60);
            bytes += 17;
            upkeep.look_for_calls(now, traffic, bytes)
        };

        let duties = [quiet(0), quiet(1), quiet(1), quiet(1)].map(&mut look);
        let busy = look(Traffic { open: 1, begun: 2 });
        let after = [quiet(2), quiet(2), quiet(2)].map(look);

        use Duty::Leave;
        use Duty::Nothing;
        assert_eq!(duties, [Nothing, Nothing, Nothing, Leave]);
        assert_eq!(busy, Nothing);
        assert_eq!(after, [Nothing, Nothing, Leave]);
    }

    #[tokio::test(start_paused = true)]
    async fn client_that_leaves_may_read_the_end_of_its_answer() {
        let now = Instant::now();
        let mut upkeep = Upkeep::new(&settings(), now);
        upkeep.leaving(now);
        let quiet = Traffic { open: 0, begun: 1 };
        let mut look = |(second, bytes)| {
            upkeep.look_for_calls(now + Duration::from_secs(second), quiet, bytes)
        };

        let reading = [(0, 0), (4, 1), (8, 2), (12, 3)].map(&mut look);
        let deaf = [(16, 3), (17, 3)].map(look);

        assert_eq!(reading, [Duty::Nothing; 4]);
        assert_eq!(deaf, [Duty::Nothing, Duty::Close]);
    }
}
