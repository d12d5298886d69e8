//! Remembers prompts up to their cache points, so that usage tells writes from reads.
//!
//! Entries do not expire by time, only by number.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::sync::PoisonError;

use serde_json::Value;

use crate::emulator::catalog::Model;
use crate::emulator::seed::Seed;
use crate::emulator::tokens;

/// How long an entry lives if its cache point does not say.
const DEFAULT_TTL: &str = "5m";
/// Prefixes remembered.
const CAPACITY: usize = 1_000;

/// Tokens of a prompt that came from the cache or went into it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct CachedTokens {
    pub(super) read: u64,
    /// By time to live, in the order of the prompt.
    pub(super) written: Vec<(String, u64)>,
}

impl CachedTokens {
    pub(super) fn all_written(&self) -> u64 {
        self.written.iter().map(|(_, tokens)| tokens).sum()
    }

    fn write(&mut self, ttl: &str, tokens: u64) {
        match self.written.iter_mut().find(|(known, _)| known == ttl) {
            Some((_, sum)) => *sum += tokens,
            None => self.written.push((ttl.to_owned(), tokens)),
        }
    }
}

/// A prompt up to one of its cache points.
struct Prefix {
    hash: u64,
    tokens: u64,
    ttl: String,
}

/// The cache of all models.
#[derive(Debug, Default)]
pub(super) struct PromptCache {
    prefixes: Mutex<VecDeque<u64>>,
}

impl PromptCache {
    /// Looks up the longest prefix of a Converse request that is known, and keeps the longer ones.
    pub(super) fn look_up(&self, model: &Model, body: &Value) -> CachedTokens {
        let prefixes = prefixes(model, body);
        let mut known = self.prefixes.lock().unwrap_or_else(PoisonError::into_inner);
        let longest = prefixes
            .iter()
            .rposition(|prefix| known.contains(&prefix.hash));
        let new = longest.map_or(0, |position| position + 1);
        let read = longest.and_then(|position| prefixes.get(position));
        let mut cached = CachedTokens {
            read: read.map_or(0, |prefix| prefix.tokens),
            written: Vec::new(),
        };
        let mut before = cached.read;
        for prefix in prefixes.iter().skip(new) {
            cached.write(&prefix.ttl, prefix.tokens - before);
            before = prefix.tokens;
            if known.len() == CAPACITY {
                known.pop_front();
            }
            known.push_back(prefix.hash);
        }
        cached
    }
}

/// The prompt up to each cache point; those that are too short are left out, and nobody is told.
fn prefixes(model: &Model, body: &Value) -> Vec<Prefix> {
    let mut spoken = model.base_id.clone();
    let mut tokens = 0;
    let mut prefixes = Vec::new();
    for part in parts(body) {
        let Some(point) = part.get("cachePoint") else {
            tokens += tokens::value(part);
            spoken.push_str(&part.to_string());
            continue;
        };
        if tokens >= model.features.min_cache_tokens {
            let ttl = point.get("ttl").and_then(Value::as_str);
            prefixes.push(Prefix {
                hash: Seed::of(spoken.as_bytes()).next(),
                tokens,
                ttl: ttl.unwrap_or(DEFAULT_TTL).to_owned(),
            });
        }
    }
    prefixes
}

/// Tools, system and content blocks in the order in which a model reads them.
fn parts(body: &Value) -> impl Iterator<Item = &Value> {
    list(body.pointer("/toolConfig/tools"))
        .chain(list(body.get("system")))
        .chain(list(body.get("messages")).flat_map(|message| list(message.get("content"))))
}

fn list(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    value.and_then(Value::as_array).into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::emulator::catalog::Catalog;

    fn catalog() -> Catalog {
        let registry = include_str!("fixtures/models.json").to_owned();
        Catalog::read(&[registry], "us-east-1", None).unwrap()
    }

    fn prompt(parts: &[(&str, usize)]) -> Value {
        let mut content = Vec::new();
        for (ttl, words) in parts {
            content.push(json!({"text": format!("{words} ").repeat(*words)}));
            content.push(json!({"cachePoint": {"type": "default", "ttl": ttl}}));
        }
        json!({"messages": [{"role": "user", "content": content}]})
    }

    #[test]
    fn what_follows_the_longest_known_prefix_is_written_with_its_ttl() {
        let catalog = catalog();
        let model = catalog.of_key("claude-sonnet-4-5").unwrap();
        let cache = PromptCache::default();

        let first = cache.look_up(model, &prompt(&[("1h", 1100), ("5m", 1200)]));
        let longer = cache.look_up(model, &prompt(&[("1h", 1100), ("5m", 1200), ("5m", 1300)]));
        let shorter = cache.look_up(model, &prompt(&[("1h", 1100)]));

        assert_eq!(first.read, 0);
        assert_eq!(
            first.written,
            [("1h".to_owned(), 1101), ("5m".to_owned(), 1201)]
        );
        assert_eq!(longer.read, 2302);
        assert_eq!(longer.written, [("5m".to_owned(), 1301)]);
        assert_eq!(
            shorter,
            CachedTokens {
                read: 1101,
                written: Vec::new()
            }
        );
    }

    #[test]
    fn prefixes_below_the_models_least_are_not_cached() {
        let catalog = catalog();
        let cache = PromptCache::default();
        let request = prompt(&[("5m", 1100)]);

        let haiku = cache.look_up(catalog.of_key("claude-3-5-haiku").unwrap(), &request);
        let opus = cache.look_up(catalog.of_key("claude-opus-4-1").unwrap(), &request);

        assert_eq!(haiku, CachedTokens::default());
        assert_eq!(opus.all_written(), 1101);
    }
}
