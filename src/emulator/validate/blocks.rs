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

impl<'a> Block<'a> {
    /// `messages.0.content.1`, as the service names places.
    pub(super) fn place(&self) -> String {
        format!("messages.{}.content.{}", self.message, self.index)
    }

    /// The blocks that a tool result carries, at the place of the result.
    pub(super) fn inside(self) -> impl Iterator<Item = Self> {
        let content = match self.kind {
            "toolResult" => list(self.value.get("content")),
            _ => &[],
        };
        content
            .iter()
            .filter_map(kind_and_value)
            .map(move |(kind, value)| Self {
                kind,
                value,
                ..self
            })
    }

    /// Run by the service itself, which answers it in the same turn.
    pub(super) fn is_server_tool(&self) -> bool {
        self.kind == "toolUse" && self.value.get("type").is_some_and(|kind| !kind.is_null())
    }

    pub(super) fn text(&self, name: &str) -> Option<&'a str> {
        text(self.value, name)
    }
}

/// Messages of one speaker in a row, which Converse joins. Those of the system are between turns.
#[derive(Debug)]
pub(super) struct Turn<'a> {
    /// Position of its first message.
    pub(super) message: usize,
    pub(super) role: &'a str,
    pub(super) blocks: Vec<Block<'a>>,
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
            let (kind, value) = kind_and_value(content)?;
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

/// The blocks of all messages, and those in the results of tools.
pub(super) fn all_and_inside(body: &Value) -> impl Iterator<Item = Block<'_>> {
    all(body).flat_map(|block| std::iter::once(block).chain(block.inside()))
}

pub(super) fn turns(body: &Value) -> Vec<Turn<'_>> {
    let mut turns: Vec<Turn<'_>> = Vec::new();
    for (position, message) in messages(body).iter().enumerate() {
        let role = role(message);
        if role == "system" {
            continue;
        }
        let blocks = of_message(position, message);
        match turns.last_mut() {
            Some(last) if last.role == role => last.blocks.extend(blocks),
            _ => turns.push(Turn {
                message: position,
                role,
                blocks: blocks.collect(),
            }),
        }
    }
    turns
}

/// An array, or nothing.
pub(super) fn list(value: Option<&Value>) -> &[Value] {
    value.and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

pub(super) fn text<'a>(value: &'a Value, name: &str) -> Option<&'a str> {
    value.get(name).and_then(Value::as_str)
}

pub(super) fn is_true(value: &Value, pointer: &str) -> bool {
    value.pointer(pointer) == Some(&Value::Bool(true))
}

/// The one member of a union that is set.
fn kind_and_value(union: &Value) -> Option<(&str, &Value)> {
    let mut members = union.as_object()?.iter();
    let (kind, value) = members.find(|(_, value)| !value.is_null())?;
    Some((kind.as_str(), value))
}
