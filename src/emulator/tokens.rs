//! The emulator's tokenizer: one rule for usage, limits and CountTokens.
//!
//! A token is up to four letters or digits, or one other character, with the white space before it.
//! No model counts like this; what matters is that all numbers of the emulator agree.

use serde_json::Value;

/// Letters or digits in one token.
const TOKEN_CHARACTERS: usize = 4;
/// Tokens of a picture, whatever its size; about what Claude takes for one megapixel.
pub(super) const IMAGE_TOKENS: u64 = 1_500;
/// Bytes of a document or a clip per token.
const BYTES_PER_TOKEN: u64 = 64;
/// Tokens that frame a message, as every chat template has some.
const MESSAGE_OVERHEAD: u64 = 3;

/// The tokens of a text, in order; together they are the text.
pub(super) fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let (piece, tail) = rest.split_at_checked(piece_length(rest))?;
        rest = tail;
        (!piece.is_empty()).then_some(piece)
    })
}

/// Bytes of the first token of a text.
fn piece_length(text: &str) -> usize {
    let mut letters = 0;
    for (position, character) in text.char_indices() {
        if character.is_alphanumeric() {
            letters += 1;
            if letters == TOKEN_CHARACTERS {
                return position + character.len_utf8();
            }
        } else if letters > 0 {
            return position;
        } else if !character.is_whitespace() {
            return position + character.len_utf8();
        }
    }
    text.len()
}

/// Number of tokens in a text.
pub(super) fn count(text: &str) -> u64 {
    pieces(text).fold(0, |sum, _| sum + 1)
}

/// The text up to and including its `limit`th token.
pub(super) fn prefix(text: &str, limit: u64) -> &str {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let length = pieces(text).take(limit).map(str::len).sum();
    text.get(..length).unwrap_or(text)
}

/// Tokens of the prompt in a request body: system, messages and tools, of Converse or Anthropic form.
pub(super) fn prompt(body: &Value) -> u64 {
    let messages = body.get("messages").and_then(Value::as_array);
    let framing = messages.map_or(0, |all| all.len() as u64 * MESSAGE_OVERHEAD);
    let parts = [
        "system",
        "messages",
        "toolConfig",
        "tools",
        "prompt",
        "promptVariables",
    ];
    framing
        + parts
            .iter()
            .filter_map(|part| body.get(part))
            .map(value)
            .sum::<u64>()
}

/// Tokens of everything a value says: its strings, its numbers, and the names in tool schemas.
pub(super) fn value(value: &Value) -> u64 {
    match value {
        Value::Null | Value::Bool(_) => 1,
        Value::Number(number) => count(number.as_str()),
        Value::String(text) => count(text),
        Value::Array(items) => items.iter().map(self::value).sum(),
        Value::Object(members) => members.iter().map(|(key, inner)| member(key, inner)).sum(),
    }
}

fn member(key: &str, inner: &Value) -> u64 {
    match key {
        // Media are charged by size, not by the letters of their base64.
        "image" => IMAGE_TOKENS,
        "document" | "video" | "audio" => 1 + encoded_bytes(inner) / BYTES_PER_TOKEN,
        "cachePoint" | "cache_control" | "signature" | "role" | "type" => 0,
        "json" | "input" | "properties" => names(inner) + value(inner),
        _ => value(inner),
    }
}

fn names(value: &Value) -> u64 {
    value
        .as_object()
        .map_or(0, |members| members.keys().map(|key| count(key)).sum())
}

/// Size of the media in a block, from the length of its longest base64 string.
fn encoded_bytes(block: &Value) -> u64 {
    match block {
        Value::String(text) => text.len() as u64 * 3 / 4,
        Value::Array(items) => items.iter().map(encoded_bytes).max().unwrap_or(0),
        Value::Object(members) => members.values().map(encoded_bytes).max().unwrap_or(0),
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn a_token_is_four_letters_or_one_sign() {
        let found: Vec<&str> = pieces("emulator: a cat, 12345").collect();

        assert_eq!(
            found,
            ["emul", "ator", ":", " a", " cat", ",", " 1234", "5"]
        );
    }

    #[test]
    fn pictures_cost_the_same_whatever_their_bytes() {
        let small = json!({"messages": [{"content": [{"image": {"source": {"bytes": "AA=="}}}]}]});
        let large = json!({"messages": [{"content": [{"image": {"source": {"bytes": "A".repeat(4000)}}}]}]});

        assert_eq!(prompt(&small), prompt(&large));
    }

    proptest! {
        #[test]
        fn pieces_make_up_the_text_and_prefixes_count_exactly(text in "\\PC{0,80}", limit in 0u64..40) {
            prop_assert_eq!(pieces(&text).collect::<String>(), text.clone());
            let cut = prefix(&text, limit);
            prop_assert_eq!(count(cut), limit.min(count(&text)));
        }
    }
}
