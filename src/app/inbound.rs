//! What a client sends, counted frame by frame without a look at the contents.
//!
//! The transport answers every PING and SETTINGS frame and reads on, at a core per connection if
//! the client likes, because nothing there bounds them. Here each frame that moves no call costs a
//! little, and what is written to the client pays for it: a client that reads answers may ping as
//! often as it likes, one that only makes us work is disconnected.

use std::time::Duration;

/// What a client sends first.
///
/// Source: RFC 9113, 3.4: 24 bytes, then a SETTINGS frame.
const PREFACE_BYTES: usize = 24;

const HEAD_BYTES: usize = 9;

/// Cost of a frame that moves no call, in bytes written to the client. A PING and two
/// WINDOW_UPDATE together cost less than the smallest event that can have caused them.
const COST: usize = 10;

/// Length of the answers to a PING and to SETTINGS: they pay for nothing.
const PING_ANSWER: usize = 17;
const SETTINGS_ANSWER: usize = 9;

/// Frames that a client may owe.
const MAX_OWED: usize = 1_000 * COST;

/// Frames that are forgiven per second.
const FORGIVEN_PER_SECOND: usize = 100 * COST;

/// A client sends frames that move no call, and takes nothing.
#[derive(Debug, thiserror::Error)]
#[error("too many control frames")]
pub(super) struct Flood;

/// What a client sent so far.
#[derive(Default)]
pub(super) struct Inbound {
    preface: usize,
    head: [u8; HEAD_BYTES],
    /// Bytes of the head that are there.
    head_length: usize,
    /// Bytes of the payload that are still to come.
    payload: usize,
    frames: u64,
    owed: usize,
}

impl Inbound {
    /// Whether the client has sent its whole preface.
    pub(super) fn has_begun(&self) -> bool {
        self.frames > 1 || (self.frames == 1 && self.payload == 0)
    }

    /// Follows what was read.
    ///
    /// # Errors
    /// [`Flood`] if the client owes too much.
    pub(super) fn read(&mut self, mut bytes: &[u8]) -> Result<(), Flood> {
        bytes = skip(bytes, PREFACE_BYTES - self.preface, &mut self.preface);
        while !bytes.is_empty() {
            let mut skipped = 0;
            bytes = skip(bytes, self.payload, &mut skipped);
            self.payload -= skipped;
            if self.payload == 0 {
                bytes = self.read_head(bytes)?;
            }
        }
        Ok(())
    }

    fn read_head<'a>(&mut self, bytes: &'a [u8]) -> Result<&'a [u8], Flood> {
        let missing = self.head.iter_mut().skip(self.head_length);
        let mut taken = 0;
        for (place, byte) in missing.zip(bytes) {
            *place = *byte;
            taken += 1;
        }
        self.head_length += taken;
        if self.head_length == HEAD_BYTES {
            self.head_length = 0;
            let [high, middle, low, kind, flags, ..] = self.head;
            let [high, middle, low] = [high, middle, low].map(usize::from);
            self.payload = (high << 16) | (middle << 8) | low;
            self.frames += 1;
            self.owed += cost(kind, flags);
            if self.owed > MAX_OWED {
                return Err(Flood);
            }
        }
        Ok(bytes.get(taken..).unwrap_or_default())
    }

    /// So many bytes were written to the client.
    pub(super) fn wrote(&mut self, bytes: usize) {
        self.owed = self.owed.saturating_sub(bytes);
    }

    /// So much time has passed.
    pub(super) fn forgive(&mut self, time: Duration) {
        let milliseconds = usize::try_from(time.as_millis()).unwrap_or(usize::MAX);
        let forgiven = milliseconds.saturating_mul(FORGIVEN_PER_SECOND) / 1_000;
        self.owed = self.owed.saturating_sub(forgiven);
    }
}

/// Leaves out up to `count` bytes, and adds to `skipped` how many there were.
fn skip<'a>(bytes: &'a [u8], count: usize, skipped: &mut usize) -> &'a [u8] {
    let count = count.min(bytes.len());
    *skipped += count;
    bytes.get(count..).unwrap_or_default()
}

/// What a frame costs.
///
/// Source: RFC 9113, 6: the types of frames.
fn cost(kind: u8, flags: u8) -> usize {
    const ACK: u8 = 1;
    match kind {
        // DATA, HEADERS, RST_STREAM and CONTINUATION belong to a call; the transport bounds them.
        0 | 1 | 3 | 9 => 0,
        4 if flags & ACK == 0 => COST + SETTINGS_ANSWER,
        6 if flags & ACK == 0 => COST + PING_ANSWER,
        _ => COST,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

    fn frame(kind: u8, flags: u8, payload: &[u8]) -> Vec<u8> {
        let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
        let mut frame = length[1..].to_vec();
        frame.extend([kind, flags, 0, 0, 0, 0]);
        frame.extend(payload);
        frame
    }

    fn begun() -> Inbound {
        let mut inbound = Inbound::default();
        inbound.read(PREFACE).unwrap();
        inbound.read(&frame(4, 0, &[0; 6])).unwrap();
        inbound
    }

    #[test]
    fn preface_is_whole_after_the_settings_frame() {
        let mut whole = PREFACE.to_vec();
        whole.extend(frame(4, 0, &[0; 6]));
        let mut inbound = Inbound::default();
        let (last, rest) = whole.split_last().unwrap();

        inbound.read(rest).unwrap();
        let before = inbound.has_begun();
        inbound.read(&[*last]).unwrap();

        assert!(!before);
        assert!(inbound.has_begun());
    }

    #[test]
    fn client_that_only_pings_is_a_flood_after_a_thousand() {
        let mut inbound = begun();

        let pings = (0..2_000).take_while(|_| {
            let is_borne = inbound.read(&frame(6, 0, &[0; 8])).is_ok();
            inbound.wrote(PING_ANSWER);
            is_borne
        });

        let pings = pings.count();
        assert!((990..=1000).contains(&pings), "{pings}");
    }

    #[test]
    fn client_that_reads_may_ping_for_every_event() {
        let mut inbound = begun();

        for _ in 0..100_000 {
            inbound.wrote(31);
            inbound.read(&frame(6, 0, &[0; 8])).unwrap();
            inbound.wrote(PING_ANSWER);
            inbound.read(&frame(8, 0, &[0; 4])).unwrap();
            inbound.read(&frame(8, 0, &[0; 4])).unwrap();
        }
    }

    #[test]
    fn client_that_pings_now_and_then_is_forgiven() {
        let mut inbound = begun();

        for _ in 0..100_000 {
            inbound.read(&frame(4, 0, &[0; 6])).unwrap();
            inbound.forgive(Duration::from_secs(1));
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(pieces in prop::collection::vec(any::<Vec<u8>>(), 0..20)) {
            let mut inbound = Inbound::default();

            for piece in &pieces {
                let _ = inbound.read(piece);
                inbound.wrote(piece.len());
            }
        }

        #[test]
        fn frames_are_counted_wherever_the_bytes_are_cut(
            frames in prop::collection::vec((0_u8..12, 0_u8..2, 0_usize..300), 0..20),
            cuts in prop::collection::vec(1_usize..50, 1..50),
        ) {
            let mut bytes = PREFACE.to_vec();
            for (kind, flags, length) in &frames {
                bytes.extend(frame(*kind, *flags, &vec![0; *length]));
            }
            let mut inbound = Inbound::default();

            let mut rest = &bytes[..];
            for cut in cuts.iter().cycle() {
                let (piece, more) = rest.split_at((*cut).min(rest.len()));
                inbound.read(piece).unwrap();
                rest = more;
                if rest.is_empty() {
                    break;
                }
            }

            prop_assert_eq!(inbound.frames, u64::try_from(frames.len()).unwrap());
            prop_assert_eq!(inbound.payload, 0);
        }
    }
}
