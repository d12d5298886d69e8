//! Reads JSON so that every problem is found and told with its place.
//!
//! A value is taken apart one level at a time, from its text: a member given twice is seen, and
//! numbers keep their digits. Knows nothing of models.

use serde_json::value::RawValue;

use crate::registry::object::Members;
use crate::registry::object::Object;
use crate::registry::problem::Problems;

/// A value, its place in the file, and where to report what is wrong with it.
#[derive(Clone)]
pub(super) struct Node<'a> {
    pub(super) path: String,
    raw: &'a RawValue,
    problems: &'a Problems,
}

impl<'a> Node<'a> {
    pub(super) fn new(path: String, raw: &'a RawValue, problems: &'a Problems) -> Self {
        Self {
            path,
            raw,
            problems,
        }
    }

    /// The whole file. `None`, with a problem, if it is not JSON.
    pub(super) fn parse(text: &'a str, problems: &'a Problems) -> Option<Self> {
        match serde_json::from_str(text) {
            Ok(raw) => Some(Self::new(String::new(), raw, problems)),
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
        let Members(members) = self.readable(serde_json::from_str(self.raw.get()))?;
        Some(Object::new(self.path.clone(), members, self.problems))
    }

    /// The values of an array.
    pub(super) fn array(&self) -> Option<Vec<Self>> {
        if !self.raw.get().starts_with('[') {
            self.wrong_type("an array");
            return None;
        }
        let values: Vec<&'a RawValue> = self.readable(serde_json::from_str(self.raw.get()))?;
        let nodes = values
            .into_iter()
            .enumerate()
            .map(|(index, raw)| Self::new(format!("{}[{index}]", self.path), raw, self.problems));
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

    pub(super) fn is_null(&self) -> bool {
        self.raw.get() == "null"
    }
}
