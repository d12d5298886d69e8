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
    pub(super) fn look_up(&self, model: &Model, body: &Value) -> CachedTokens {
        let parts = parts(body);
        let Some(end) = parts
            .iter()
            .rposition(|part| part.get("cachePoint").is_some())
        else {
            return CachedTokens::default();
        };
        let mut spoken = model.base_id.clone();
        let mut tokens = 0;
        for part in parts.iter().take(end) {
            tokens += tokens::value(part);
            spoken.push_str(&part.to_string());
        }
        // What is too short is not cached, and nobody is told.
        if tokens < model.features.min_cache_tokens {
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
