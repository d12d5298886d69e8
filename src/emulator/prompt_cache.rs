//! Remembers prompts up to their cache points, so that usage tells writes from reads.
//!
//! Entries do not expire by time, only by number.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::sync::PoisonError;

use serde_json::Value;

use crate::emulator::seed::Seed;
use crate::emulator::tokens;

/// Prefixes shorter than this are not cached, and nobody is told. Source: the user guide's
/// "Prompt caching", seen 2026-11-22; it is more for some models.
const MIN_TOKENS: u64 = 1_024;
/// Prefixes remembered.
const CAPACITY: usize = 1_000;

/// Tokens of a prompt that came from the cache or went into it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct CachedTokens {
    pub(super) read: u64,
    pub(super) written: u64,
}

/// The cache of all models.
#[derive(Debug, Default)]
pub(super) struct PromptCache {
    prefixes: Mutex<VecDeque<u64>>,
}

impl PromptCache {
    /// Looks up the prompt before the last cache point of a Converse request, and keeps it.
    pub(super) fn look_up(&self, model: &str, body: &Value) -> CachedTokens {
        let parts = parts(body);
        let Some(end) = parts
            .iter()
            .rposition(|part| part.get("cachePoint").is_some())
        else {
            return CachedTokens::default();
        };
        let mut spoken = model.to_owned();
        let mut tokens = 0;
        for part in parts.iter().take(end) {
            tokens += tokens::value(part);
            spoken.push_str(&part.to_string());
        }
        if tokens < MIN_TOKENS {
            return CachedTokens::default();
        }
        let hash = Seed::of(spoken.as_bytes()).next();
        let mut prefixes = self.prefixes.lock().unwrap_or_else(PoisonError::into_inner);
        if prefixes.contains(&hash) {
            return CachedTokens {
                read: tokens,
                written: 0,
            };
        }
        if prefixes.len() == CAPACITY {
            prefixes.pop_front();
        }
        prefixes.push_back(hash);
        CachedTokens {
            read: 0,
            written: tokens,
        }
    }
}

/// Tools, system and content blocks in the order in which a model reads them.
fn parts(body: &Value) -> Vec<&Value> {
    list(body.pointer("/toolConfig/tools"))
        .chain(list(body.get("system")))
        .chain(list(body.get("messages")).flat_map(|message| list(message.get("content"))))
        .collect()
}

fn list(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    value.and_then(Value::as_array).into_iter().flatten()
}
