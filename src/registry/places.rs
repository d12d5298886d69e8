//! Where the values of a JSON file stand, by the paths in which problems are told.

use std::collections::HashMap;

use serde_json::value::RawValue;

use crate::registry::object::Members;
use crate::registry::object::member_path;

/// Deepest value that is looked at; a registry file has five levels.
const MAX_DEPTH: usize = 16;

/// A place in a text: line and column in characters, both from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// Line.
    pub line: usize,
    /// Column.
    pub column: usize,
}

/// Where each value of a JSON text begins.
#[derive(Clone, Debug, Default)]
pub struct Places(HashMap<String, Position>);

impl Places {
    /// Reads the places off a text. If it is no JSON, the one known place is that of the mistake.
    pub fn of(text: &str) -> Self {
        let mut places = HashMap::new();
        match serde_json::from_str::<&RawValue>(text) {
            Ok(raw) => collect(&mut places, &Lines::of(text), String::new(), raw, 0),
            Err(error) => {
                let position = Position {
                    line: error.line().max(1),
                    column: error.column().max(1),
                };
                places.insert(String::new(), position);
            }
        }
        Self(places)
    }

    /// Where the value at a path begins, or else the nearest value around it that is there.
    pub fn find(&self, path: &str) -> Option<Position> {
        let mut path = path;
        loop {
            if let Some(position) = self.0.get(path) {
                return Some(*position);
            }
            path = parent(path)?;
        }
    }
}

/// The path of what holds the value at this path: `a` for `a.b`, for `a[0]` and for `a["b.c"]`.
fn parent(path: &str) -> Option<&str> {
    if path.is_empty() {
        return None;
    }
    let quoted = path.strip_suffix("\"]").and_then(|path| path.rfind("[\""));
    let end = quoted.or_else(|| path.rfind(['.', '[']));
    path.get(..end.unwrap_or_default())
}

/// Of members with the same name, the last stays: it is the one too many.
fn collect(
    places: &mut HashMap<String, Position>,
    lines: &Lines<'_>,
    path: String,
    raw: &RawValue,
    depth: usize,
) {
    let json = raw.get();
    let mut inside: Vec<(String, &RawValue)> = Vec::new();
    if depth < MAX_DEPTH && json.starts_with('{') {
        let members = serde_json::from_str(json).map_or_else(|_| Vec::new(), |Members(all)| all);
        inside.extend(
            members
                .into_iter()
                .map(|(key, raw)| (member_path(&path, &key), raw)),
        );
    } else if depth < MAX_DEPTH && json.starts_with('[') {
        let items: Vec<&RawValue> = serde_json::from_str(json).unwrap_or_default();
        let items = items.into_iter().enumerate();
        inside.extend(items.map(|(index, raw)| (format!("{path}[{index}]"), raw)));
    }
    for (path, raw) in inside {
        collect(places, lines, path, raw, depth + 1);
    }
    places.insert(path, lines.position(json));
}

/// A text, and where its lines begin.
struct Lines<'a> {
    text: &'a str,
    starts: Vec<usize>,
}

impl<'a> Lines<'a> {
    fn of(text: &'a str) -> Self {
        let ends = text.match_indices('\n').map(|(end, _)| end + 1);
        Self {
            text,
            starts: std::iter::once(0).chain(ends).collect(),
        }
    }

    /// Where a part of the text begins.
    fn position(&self, part: &str) -> Position {
        let offset = part
            .as_ptr()
            .addr()
            .saturating_sub(self.text.as_ptr().addr());
        let line = self.starts.partition_point(|start| *start <= offset);
        let start = self.starts.get(line - 1).copied().unwrap_or_default();
        let before = self.text.get(start..offset).unwrap_or_default();
        Position {
            line,
            column: before.chars().count() + 1,
        }
    }
}

#[cfg(test)]
#[path = "places_tests.rs"]
mod tests;
