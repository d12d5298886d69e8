//! A request field that cannot be carried to Bedrock, by its path.

use std::borrow::Cow;
use std::fmt;

use aws_smithy_types::error::operation::BuildError;

use crate::provider::ErrorKind;
use crate::provider::ProviderError;

/// Which field cannot be carried, and why. Never holds the field's value.
pub(in crate::bedrock) struct Refused {
    kind: ErrorKind,
    path: String,
    problem: Cow<'static, str>,
}

impl Refused {
    /// The field is wrong for every model.
    pub(in crate::bedrock) fn invalid(
        path: impl Into<String>,
        problem: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            kind: ErrorKind::InvalidRequest,
            path: path.into(),
            problem: problem.into(),
        }
    }

    /// The field is right, but this model has no place for it.
    pub(in crate::bedrock) fn unsupported(
        path: impl Into<String>,
        problem: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            kind: ErrorKind::FieldRefused,
            path: path.into(),
            problem: problem.into(),
        }
    }

    /// The same, seen from the message that holds the field.
    pub(in crate::bedrock) fn within(mut self, parent: impl fmt::Display) -> Self {
        let separator = if self.path.is_empty() || self.path.starts_with('[') {
            ""
        } else {
            "."
        };
        self.path = format!("{parent}{separator}{}", self.path);
        self
    }
}

impl From<BuildError> for Refused {
    /// The SDK names the Rust field it misses, which is of no use to a caller.
    fn from(_: BuildError) -> Self {
        Self::invalid("", "lacks a required field")
    }
}

impl From<Refused> for ProviderError {
    fn from(refused: Refused) -> Self {
        Self::new(
            refused.kind,
            format!("{}: {}", refused.path, refused.problem),
        )
    }
}

/// The value of an enum field.
///
/// # Errors
/// The number is not one this version knows: a newer client must not be half obeyed.
pub(in crate::bedrock) fn known<E: TryFrom<i32>>(number: i32, path: &str) -> Result<E, Refused> {
    E::try_from(number)
        .ok()
        .ok_or_else(|| Refused::invalid(path, format!("{number} is not a known value")))
}

/// What a required field holds.
///
/// # Errors
/// The field is not set.
pub(in crate::bedrock) fn required<'a, T>(
    field: Option<&'a T>,
    path: &str,
) -> Result<&'a T, Refused> {
    field.ok_or_else(|| Refused::invalid(path, "is required"))
}

/// A string field that counts as absent when empty.
pub(in crate::bedrock) fn non_empty(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}
