//! What is wrong with the settings: every problem at once, each with its key, where it was
//! written, and what is allowed.
//!
//! Values are shown, because the operator must recognise them; never those that may hold a secret.

use std::fmt;
use std::path::PathBuf;

/// Everything that is wrong with the settings.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct SettingsError {
    /// The problems; at least one.
    pub problems: Vec<Problem>,
}

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.problems.len() {
            1 => f.write_str("1 problem with the settings:")?,
            count => write!(f, "{count} problems with the settings:")?,
        }
        for problem in &self.problems {
            write!(f, "\n  {problem}")?;
        }
        Ok(())
    }
}

/// Where a value was written.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// A line of the settings file.
    File {
        /// The file, as the operator named it.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
    },
    /// An environment variable, by name.
    Variable(String),
    /// A flag of the command line, without its dashes.
    Flag(String),
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { path, line } => write!(f, "{}:{line}", path.display()),
            Self::Variable(name) => f.write_str(name),
            Self::Flag(name) => write!(f, "--{name}"),
        }
    }
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// The settings file cannot be read.
    #[error("{}: cannot be read: {cause}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        cause: String,
    },
    /// The settings file is not TOML.
    #[error("{origin}: not valid TOML: {message}")]
    Syntax {
        /// Where.
        origin: Source,
        /// What the parser said.
        message: String,
    },
    /// No setting has this name.
    #[error("{origin}: there is no setting {name:?}{}", did_you_mean(nearest.as_deref()))]
    UnknownName {
        /// Where it was written.
        origin: Source,
        /// What was written.
        name: String,
        /// The setting that looks most like it.
        nearest: Option<String>,
    },
    /// No setting has this variable.
    #[error("{name}: there is no such setting{}", did_you_mean(nearest.as_deref()))]
    UnknownVariable {
        /// What was written.
        name: String,
        /// The variable that looks most like it.
        nearest: Option<String>,
    },
    /// AWS credentials in the settings file, where they do not belong.
    #[error(
        "{origin}: {name:?} is not a setting: the AWS SDK finds credentials by itself, in the \
         environment, in profiles or in the role of the machine; take it out of the file"
    )]
    Credential {
        /// Where it was written.
        origin: Source,
        /// What was written; never its value.
        name: String,
    },
    /// A table, list or date where a single value is wanted, or a value instead of a table.
    #[error("{origin}: {key} is {found}; allowed: {allowed}")]
    Shape {
        /// Where it was written.
        origin: Source,
        /// The setting or section.
        key: String,
        /// What it is, with article.
        found: String,
        /// What is allowed.
        allowed: String,
    },
    /// A value that is not allowed.
    #[error("{origin}: {key}: {shown} {why}; allowed: {allowed}")]
    Value {
        /// Where it was written.
        origin: Source,
        /// The setting.
        key: &'static str,
        /// The value, in quotes, unless it may hold a secret.
        shown: String,
        /// Why it is not allowed: "is not a duration".
        why: String,
        /// What is allowed.
        allowed: String,
    },
    /// Two values that do not go together.
    #[error("{key} ({origin}): {why}")]
    Conflict {
        /// The setting to change.
        key: &'static str,
        /// Where its value comes from.
        origin: String,
        /// What is wrong with it.
        why: String,
    },
}

impl Problem {
    /// Where it was written, if it was written in one place.
    pub(super) fn origin(&self) -> Option<&Source> {
        match self {
            Self::Syntax { origin, .. }
            | Self::UnknownName { origin, .. }
            | Self::Credential { origin, .. }
            | Self::Shape { origin, .. }
            | Self::Value { origin, .. } => Some(origin),
            Self::Unreadable { .. } | Self::UnknownVariable { .. } | Self::Conflict { .. } => None,
        }
    }
}

fn did_you_mean(nearest: Option<&str>) -> String {
    nearest.map_or_else(String::new, |name| format!("; did you mean {name}?"))
}

/// A value for a message: in quotes, shortened, and hidden when it may hold a secret.
pub(super) fn shown(text: &str) -> String {
    const LONGEST: usize = 80;
    // A password in a URL, or an AWS key in the wrong place (access keys start with AKIA or ASIA).
    if text.contains('@') || text.contains("AKIA") || text.contains("ASIA") {
        return "the value (not shown)".to_owned();
    }
    if text.chars().count() > LONGEST {
        let start: String = text.chars().take(LONGEST).collect();
        return format!("{:?}", format!("{start}…"));
    }
    format!("{text:?}")
}

/// The candidate that looks most like a name, if one is close enough to be meant.
pub(super) fn nearest(name: &str, candidates: impl Iterator<Item = String>) -> Option<String> {
    const CLOSE_ENOUGH: f64 = 0.6;
    candidates
        .map(|candidate| {
            (
                strsim::normalized_damerau_levenshtein(name, &candidate),
                candidate,
            )
        })
        .filter(|(likeness, _)| *likeness >= CLOSE_ENOUGH)
        .max_by(|(one, _), (other, _)| one.total_cmp(other))
        .map(|(_, candidate)| candidate)
}
