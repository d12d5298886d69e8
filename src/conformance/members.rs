//! Reads the members of a JSON object one by one, so that all mistakes are found at once and a
//! member that nobody asked for is one.

use serde::de::DeserializeOwned;
use serde_json::Map;
use serde_json::Value;

use crate::conformance::problem::Problems;

/// How alike a misspelt member must be to one that is known to be named as the likely meaning.
const ALIKE: f64 = 0.7;

/// The members of one object that were not read yet.
pub(super) struct Members<'a> {
    path: &'a str,
    left: Map<String, Value>,
    known: Vec<&'static str>,
    problems: &'a mut Problems,
}

impl<'a> Members<'a> {
    /// The members of `value`, which stands at `path`.
    pub(super) fn of(value: Value, path: &'a str, problems: &'a mut Problems) -> Option<Self> {
        let Value::Object(left) = value else {
            problems.add(path, "is no object");
            return None;
        };
        Some(Self {
            path,
            left,
            known: Vec::new(),
            problems,
        })
    }

    /// A member that may be missing. One of the wrong kind counts as missing, and is a problem.
    pub(super) fn optional<T: DeserializeOwned>(&mut self, name: &'static str) -> Option<T> {
        self.known.push(name);
        let value = self.left.remove(name)?;
        match serde_json::from_value(value) {
            Ok(value) => Some(value),
            Err(error) => {
                self.problem(name, error.to_string());
                None
            }
        }
    }

    /// A member that must be there.
    pub(super) fn required<T: DeserializeOwned>(&mut self, name: &'static str) -> Option<T> {
        if !self.left.contains_key(name) {
            self.problem(name, "is missing");
        }
        self.optional(name)
    }

    /// Says that a member is wrong.
    pub(super) fn problem(&mut self, name: &str, what: impl Into<String>) {
        self.problems.add(join(self.path, name), what);
    }

    /// Says which members were never asked for.
    pub(super) fn end(self) {
        for name in self.left.keys() {
            let alike = |known: &&&str| strsim::jaro_winkler(name, known);
            let nearest = self
                .known
                .iter()
                .max_by(|one, other| alike(one).total_cmp(&alike(other)))
                .filter(|known| alike(known) >= ALIKE);
            let hint = nearest.map_or_else(
                || format!("allowed: {}", self.known.join(", ")),
                |nearest| format!("did you mean {nearest}?"),
            );
            let path = join(self.path, name);
            self.problems.add(path, format!("is no member; {hint}"));
        }
    }
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() {
        name.to_owned()
    } else {
        format!("{path}.{name}")
    }
}
