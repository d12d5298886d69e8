//! Reads JSON so that every problem is found and told with its place.
//!
//! A value is taken apart one level at a time, from its text: a member given twice is seen, and
//! numbers keep their digits. Knows nothing of models.

use std::fmt;

use serde::Deserializer;
use serde::de::MapAccess;
use serde::de::Visitor;
use serde_json::value::RawValue;

use crate::registry::problem::Problems;

/// A value, its place in the file, and where to report what is wrong with it.
#[derive(Clone)]
pub(super) struct Node<'a> {
    pub(super) path: String,
    raw: &'a RawValue,
    problems: &'a Problems,
}

/// A member that is accepted and not used.
#[derive(Default)]
pub(super) struct Unused;

/// An object that is read member by member. Members nobody asked for are unknown.
pub(super) struct Object<'a> {
    pub(super) path: String,
    members: Vec<(String, &'a RawValue)>,
    asked: Vec<&'static str>,
    problems: &'a Problems,
}

impl<'a> Node<'a> {
    /// The whole file. `None`, with a problem, if it is not JSON.
    pub(super) fn parse(text: &'a str, problems: &'a Problems) -> Option<Self> {
        match serde_json::from_str(text) {
            Ok(raw) => Some(Self {
                path: String::new(),
                raw,
                problems,
            }),
            Err(error) => {
                problems.add("", format!("not JSON: {error}"));
                None
            }
        }
    }

    /// Reports a problem with this value.
    pub(super) fn wrong(&self, message: impl Into<String>) {
        self.problems.add(&self.path, message);
    }

    /// The value as an object; see [`Object`].
    pub(super) fn object(&self) -> Option<Object<'a>> {
        if !self.raw.get().starts_with('{') {
            self.wrong_type("an object");
            return None;
        }
        let mut deserializer = serde_json::Deserializer::from_str(self.raw.get());
        let members = self.readable(deserializer.deserialize_map(Members))?;
        Some(Object::new(self.path.clone(), members, self.problems))
    }

    /// The values of an array.
    pub(super) fn array(&self) -> Option<Vec<Self>> {
        if !self.raw.get().starts_with('[') {
            self.wrong_type("an array");
            return None;
        }
        let values: Vec<&'a RawValue> = self.readable(serde_json::from_str(self.raw.get()))?;
        let nodes = values.into_iter().enumerate().map(|(index, raw)| Self {
            path: format!("{}[{index}]", self.path),
            raw,
            problems: self.problems,
        });
        Some(nodes.collect())
    }

    /// The value as a string.
    pub(super) fn text(&self) -> Option<String> {
        if !self.is_text() {
            self.wrong_type("a string");
            return None;
        }
        self.readable(serde_json::from_str(self.raw.get()))
    }

    /// The value as a boolean.
    pub(super) fn boolean(&self) -> Option<bool> {
        match self.raw.get() {
            "true" => Some(true),
            "false" => Some(false),
            _ => {
                self.wrong_type("true or false");
                None
            }
        }
    }

    /// The value as an integer within these bounds, both included.
    pub(super) fn integer(&self, least: i64, most: i64) -> Option<i64> {
        let allowed = format!("an integer from {least} to {most}");
        if !self.is_number() {
            self.wrong_type(&allowed);
            return None;
        }
        match self.raw.get().parse() {
            Ok(value) if (least..=most).contains(&value) => Some(value),
            _ => {
                self.wrong(format!("is {}; must be {allowed}", self.raw.get()));
                None
            }
        }
    }

    /// The digits of a number, or of a string that holds one.
    pub(super) fn digits(&self) -> Option<String> {
        if self.is_number() {
            return Some(self.raw.get().to_owned());
        }
        if self.is_text() {
            return self.text();
        }
        self.wrong_type("a number, or a string that holds one");
        None
    }

    /// Reports a value of another type than `wanted`.
    fn wrong_type(&self, wanted: &str) {
        let found = match self.raw.get().as_bytes().first() {
            Some(b'{') => "an object",
            Some(b'[') => "an array",
            Some(b'"') => "a string",
            Some(b't' | b'f') => "a boolean",
            Some(b'n') => "null",
            _ => "a number",
        };
        self.wrong(format!("is {found}; must be {wanted}"));
    }

    /// Reports the one thing that can still be wrong with the text of a value: half of a
    /// surrogate pair. The error's own words count lines from the start of the value.
    fn readable<T>(&self, result: Result<T, serde_json::Error>) -> Option<T> {
        if result.is_err() {
            self.wrong("has a \\u escape that is no character; must be Unicode");
        }
        result.ok()
    }

    fn is_text(&self) -> bool {
        self.raw.get().starts_with('"')
    }

    fn is_number(&self) -> bool {
        self.raw
            .get()
            .starts_with(|first: char| first == '-' || first.is_ascii_digit())
    }

    fn is_null(&self) -> bool {
        self.raw.get() == "null"
    }
}

impl<'a> Object<'a> {
    fn new(path: String, given: Vec<(String, &'a RawValue)>, problems: &'a Problems) -> Self {
        let mut members: Vec<(String, &RawValue)> = Vec::with_capacity(given.len());
        for (key, raw) in given {
            if members.iter().any(|(known, _)| *known == key) {
                problems.add(&member_path(&path, &key), "is there twice; must be once");
            } else {
                members.push((key, raw));
            }
        }
        Self {
            path,
            members,
            asked: Vec::new(),
            problems,
        }
    }

    /// Reads a member that may be absent or null.
    pub(super) fn optional<T>(
        &mut self,
        key: &'static str,
        read: impl FnOnce(&Node<'a>) -> Option<T>,
    ) -> Option<T> {
        self.asked.push(key);
        self.member(key)
            .filter(|node| !node.is_null())
            .and_then(|node| read(&node))
    }

    /// Reads a member that must be there.
    pub(super) fn required<T>(
        &mut self,
        key: &'static str,
        read: impl FnOnce(&Node<'a>) -> Option<T>,
    ) -> Option<T> {
        self.asked.push(key);
        let Some(node) = self.member(key) else {
            self.problems
                .add(&member_path(&self.path, key), "is missing; must be there");
            return None;
        };
        read(&node)
    }

    /// Accepts a member without looking at it.
    pub(super) fn unused(&mut self, key: &'static str) -> Unused {
        self.asked.push(key);
        Unused
    }

    /// All members, for objects whose keys are names.
    pub(super) fn entries(self) -> Vec<(String, Node<'a>)> {
        let Self {
            path,
            members,
            problems,
            ..
        } = self;
        let nodes = members.into_iter().map(|(key, raw)| {
            let node = Node {
                path: member_path(&path, &key),
                raw,
                problems,
            };
            (key, node)
        });
        nodes.collect()
    }

    /// Reports members that nobody asked for.
    pub(super) fn finish(self) {
        for (key, _) in &self.members {
            if !self.asked.contains(&key.as_str()) {
                let message = match nearest(key, &self.asked) {
                    Some(near) => format!("is unknown; did you mean `{near}`?"),
                    None => format!("is unknown; allowed are {}", self.asked.join(", ")),
                };
                self.problems.add(&member_path(&self.path, key), message);
            }
        }
    }

    fn member(&self, key: &str) -> Option<Node<'a>> {
        let (_, raw) = self.members.iter().find(|(known, _)| known == key)?;
        Some(Node {
            path: member_path(&self.path, key),
            raw,
            problems: self.problems,
        })
    }
}

/// Collects the members of an object, those given twice included.
struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Vec<(String, &'de RawValue)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(members)
    }
}

/// The place of a member: `parent.key`, or `parent["key"]` where a dot would mislead.
pub(super) fn member_path(parent: &str, key: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    if key.is_empty() || !key.chars().all(plain) {
        format!("{parent}[{key:?}]")
    } else if parent.is_empty() {
        key.to_owned()
    } else {
        format!("{parent}.{key}")
    }
}

/// The known key that was probably meant: at most a third of its letters away.
fn nearest(key: &str, known: &[&'static str]) -> Option<&'static str> {
    known
        .iter()
        .map(|candidate| (distance(key, candidate), *candidate))
        .filter(|(distance, candidate)| *distance <= candidate.len() / 3)
        .min()
        .map(|(_, candidate)| candidate)
}

/// Levenshtein's distance without regard to case.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.to_lowercase().chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (index, from) in left.to_lowercase().chars().enumerate() {
        let mut last = index + 1;
        let mut next = vec![last];
        for (to, above) in right.iter().zip(row.windows(2)) {
            let &[diagonal, up] = above else { break };
            last = (last + 1)
                .min(up + 1)
                .min(diagonal + usize::from(from != *to));
            next.push(last);
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}
