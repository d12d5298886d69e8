//! What is wrong with a registry file: every problem, each with its place and what is allowed.

use std::cell::RefCell;
use std::error::Error;
use std::fmt;
use std::io;
use std::path::PathBuf;

/// Why a registry file could not be loaded.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The file could not be read.
    #[error("failed to read the registry file {}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// The file was read and is wrong. Prints every problem on a line of its own.
    #[error("failed to load the registry, {source_name}:\n{errors}")]
    Invalid {
        /// The file, or the copy inside the program.
        source_name: String,
        /// Everything that is wrong with it.
        errors: RegistryErrors,
    },
}

/// Everything that is wrong with a registry file, in the order of reading; never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegistryErrors(Vec<Problem>);

/// One thing that is wrong with a registry file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where, as in `modelRegistry.claude-opus-4-1.priority`; empty for the file as a whole.
    pub path: String,
    /// What is wrong with the value there, and what is allowed.
    pub message: String,
}

/// Problems while they are collected. Shared by everything that reads one file.
#[derive(Default)]
pub(super) struct Problems(RefCell<Vec<Problem>>);

impl RegistryErrors {
    /// The problems, in the order of reading.
    pub fn problems(&self) -> &[Problem] {
        &self.0
    }
}

impl Problems {
    pub(super) fn add(&self, path: &str, message: impl Into<String>) {
        self.0.borrow_mut().push(Problem {
            path: path.to_owned(),
            message: message.into(),
        });
    }

    /// The value if nothing was wrong.
    pub(super) fn unless_any<T>(self, value: T) -> Result<T, RegistryErrors> {
        let problems = self.0.into_inner();
        if problems.is_empty() {
            Ok(value)
        } else {
            Err(RegistryErrors(problems))
        }
    }
}

impl Error for RegistryErrors {}

impl fmt::Display for RegistryErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            problem.fmt(f)?;
        }
        Ok(())
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.path.is_empty() {
            f.write_str(&self.message)
        } else {
            write!(f, "{}: {}", self.path, self.message)
        }
    }
}
