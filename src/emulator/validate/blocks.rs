//! Walks over the content blocks of a conversation.

use serde_json::Value;

/// One content block and where it stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Block<'a> {
    pub(super) message: usize,
    pub(super) index: usize,
    pub(super) role: &'a str,
    /// Name of the union's member: `text`, `image`, `toolUse`, …
    pub(super) kind: &'a str,
    pub(super) value: &'a Value,
}

impl Block<'_> {
    /// `messages.0.content.1`, as the service names places.
    pub(super) fn place(&self) -> String {
        format!("messages.{}.content.{}", self.message, self.index)
    }
}

pub(super) fn messages(body: &Value) -> &[Value] {
    list(body.get("messages"))
}

pub(super) fn role(message: &Value) -> &str {
    message.get("role").and_then(Value::as_str).unwrap_or("")
}

/// The blocks of one message.
pub(super) fn of_message(position: usize, message: &Value) -> impl Iterator<Item = Block<'_>> {
    let role = role(message);
    list(message.get("content"))
        .iter()
        .enumerate()
        .filter_map(move |(index, content)| {
            let (kind, value) = content.as_object()?.iter().next()?;
            Some(Block {
                message: position,
                index,
                role,
                kind,
                value,
            })
        })
}

/// The blocks of all messages.
pub(super) fn all(body: &Value) -> impl Iterator<Item = Block<'_>> {
    messages(body)
        .iter()
        .enumerate()
        .flat_map(|(position, message)| of_message(position, message))
}

/// An array, or nothing.
pub(super) fn list(value: Option<&Value>) -> &[Value] {
    value.and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

pub(super) fn text<'a>(value: &'a Value, name: &str) -> Option<&'a str> {
    value.get(name).and_then(Value::as_str)
}
