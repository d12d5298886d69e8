//! What is wrong with a case, and where.

use std::fmt;

/// One mistake in a case file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The file's name.
    pub file: String,
    /// The member, as a dotted path; empty for the whole file.
    pub path: String,
    /// What is wrong with it, and what is allowed.
    pub what: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, path, what } = self;
        if path.is_empty() {
            write!(f, "{file}: {what}")
        } else {
            write!(f, "{file}: {path}: {what}")
        }
    }
}

/// Collects the mistakes of one file.
#[derive(Debug)]
pub(super) struct Problems {
    file: String,
    found: Vec<Problem>,
}

impl Problems {
    pub(super) fn of(file: &str) -> Self {
        Self {
            file: file.to_owned(),
            found: Vec::new(),
        }
    }

    pub(super) fn add(&mut self, path: impl Into<String>, what: impl Into<String>) {
        self.found.push(Problem {
            file: self.file.clone(),
            path: path.into(),
            what: what.into(),
        });
    }

    pub(super) fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    pub(super) fn into_found(self) -> Vec<Problem> {
        self.found
    }
}
