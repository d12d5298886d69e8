//! Reads a JSON object member by member, and finds members that nobody knows.

use std::fmt;

use serde::Deserialize;
use serde::Deserializer;
use serde::de::MapAccess;
use serde::de::Visitor;
use serde_json::value::RawValue;

use crate::registry::node::Node;
use crate::registry::problem::Problems;

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

impl<'a> Object<'a> {
    pub(super) fn new(
        path: String,
        given: Vec<(String, &'a RawValue)>,
        problems: &'a Problems,
    ) -> Self {
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
            let node = Node::new(member_path(&path, &key), raw, problems);
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
        Some(Node::new(member_path(&self.path, key), raw, self.problems))
    }
}

/// The members of an object, those given twice included.
pub(super) struct Members<'a>(pub(super) Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MembersVisitor)
    }
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Members<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(Members(members))
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
