//! Numbers and words that look random and are the same on every run.

/// A small generator (SplitMix64); not for secrets.
#[derive(Debug, Clone)]
pub(super) struct Seed(u64);

impl Seed {
    /// The same bytes give the same numbers, on every machine and in every version (FNV-1a).
    pub(super) fn of(bytes: &[u8]) -> Self {
        Self(bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
        }))
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `limit`; 0 where the limit is 0.
    pub(super) fn below(&mut self, limit: u64) -> u64 {
        self.next().checked_rem(limit).unwrap_or(0)
    }

    /// `length` letters and digits, as they stand in ids.
    pub(super) fn identifier(&mut self, length: usize) -> String {
        const ALPHABET: &[u8] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
        (0..length)
            .filter_map(|_| {
                let position = usize::try_from(self.below(ALPHABET.len() as u64)).ok()?;
                ALPHABET.get(position).map(|byte| char::from(*byte))
            })
            .collect()
    }

    /// `number` filler words, a space before each, a full stop at the end.
    pub(super) fn words(&mut self, number: u64) -> String {
        let mut text = String::new();
        for _ in 0..number {
            let position = usize::try_from(self.below(WORDS.len() as u64)).unwrap_or(0);
            text.push(' ');
            text.push_str(WORDS.get(position).unwrap_or(&"filler"));
        }
        text.push('.');
        text
    }
}

/// Filler that nobody takes for an answer.
const WORDS: [&str; 24] = [
    "filler",
    "sample",
    "dummy",
    "placeholder",
    "synthetic",
    "canned",
    "lorem",
    "ipsum",
    "dolor",
    "sit",
    "amet",
    "test",
    "stub",
    "words",
    "nothing",
    "meant",
    "here",
    "seeded",
    "text",
    "echo",
    "mock",
    "offline",
    "local",
    "fake",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_bytes_give_the_same_words() {
        assert_eq!(Seed::of(b"a").words(5), Seed::of(b"a").words(5));
        assert_ne!(Seed::of(b"a").words(5), Seed::of(b"b").words(5));
    }
}
