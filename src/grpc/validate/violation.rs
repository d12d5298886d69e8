//! What the checks find, and the proof that they found nothing.

use std::fmt;
use std::ops::Deref;

use crate::grpc::validate::path::Path;

/// Most violations that are described: more than a reader wants to see at once.
const MAX_KEPT: usize = 20;

/// Most bytes of text in the described violations. The details of a status travel in trailers, of
/// which grpc-java accepts 8 KiB by default; base64 and the other details need the rest.
const MAX_KEPT_BYTES: usize = 3072;

/// Which kind of rule is broken. The names are part of the API: they stand in
/// `google.rpc.BadRequest.FieldViolation.reason`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reason {
    /// The field is missing, empty or blank.
    Required,
    /// The number or time span is outside its range.
    OutOfRange,
    /// The text or the data is too long.
    TooLong,
    /// The list or map has too many entries, or the request too many blocks of one kind.
    TooMany,
    /// The text has characters or a form that the field does not allow.
    BadFormat,
    /// The text is not JSON, or not the kind of JSON that the field holds.
    BadJson,
    /// The field contradicts another field.
    Conflict,
    /// The enum has no such value.
    UnknownEnum,
    /// The name or identifier is used more than once.
    Duplicate,
    /// The name or identifier refers to something that is not in the request.
    UnknownReference,
    /// The tool call has no result in the next user message.
    Unanswered,
    /// The block or message is not allowed at this place.
    Misplaced,
}

impl Reason {
    /// The name of the reason in the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Required => "REQUIRED",
            Self::OutOfRange => "OUT_OF_RANGE",
            Self::TooLong => "TOO_LONG",
            Self::TooMany => "TOO_MANY",
            Self::BadFormat => "BAD_FORMAT",
            Self::BadJson => "BAD_JSON",
            Self::Conflict => "CONFLICT",
            Self::UnknownEnum => "UNKNOWN_ENUM",
            Self::Duplicate => "DUPLICATE",
            Self::UnknownReference => "UNKNOWN_REFERENCE",
            Self::Unanswered => "UNANSWERED",
            Self::Misplaced => "MISPLACED",
        }
    }
}

/// One broken rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Path of the field, such as `messages[2].content[0].image.mime_type`.
    pub field: String,
    /// For a developer: what is wrong and what is allowed, as a fragment that follows the field's
    /// name. Holds nothing of the caller's text.
    pub description: String,
    /// Which kind of rule it is.
    pub reason: Reason,
}

/// All rules that a request breaks: the first 20 or 3 KiB, and how many more there are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Violations {
    kept: Vec<Violation>,
    kept_bytes: usize,
    omitted: usize,
}

impl Violations {
    /// One violation, found outside this module: of metadata, or of a page token.
    pub(in crate::grpc) fn of(
        field: &'static str,
        reason: Reason,
        description: fmt::Arguments<'_>,
    ) -> Self {
        let mut found = Self::default();
        found.add(&Path::Root.field(field), reason, description);
        found
    }

    /// The violations in the order in which they were found, at most 20, and at most 3 KiB of text.
    /// Never empty in an error.
    #[must_use]
    pub fn kept(&self) -> &[Violation] {
        &self.kept
    }

    /// How many more violations there are.
    #[must_use]
    pub const fn omitted(&self) -> usize {
        self.omitted
    }

    /// Adds one. `text`, its description, is formatted only while there is room.
    pub(super) fn add(&mut self, path: &Path<'_>, reason: Reason, text: fmt::Arguments<'_>) {
        if self.omitted > 0 || self.kept.len() == MAX_KEPT {
            self.omitted += 1;
            return;
        }
        let violation = Violation {
            field: path.to_string(),
            description: text.to_string(),
            reason,
        };
        let bytes = violation.field.len() + violation.description.len() + reason.as_str().len();
        if self.kept_bytes + bytes > MAX_KEPT_BYTES {
            self.omitted += 1;
        } else {
            self.kept_bytes += bytes;
            self.kept.push(violation);
        }
    }
}

impl fmt::Display for Violations {
    /// The first violation, and how many more there are.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(first) = self.kept.first() {
            write!(f, "{} {}", first.field, first.description)?;
        }
        match self.kept.len().saturating_sub(1) + self.omitted {
            0 => Ok(()),
            more => write!(f, " (and {more} more; see BadRequest)"),
        }
    }
}

/// A message that keeps the rules of the API. Only the functions of this module make one.
#[derive(Debug)]
pub struct Valid<T>(T);

impl<T> Valid<T> {
    /// The message, if nothing was found.
    pub(super) fn new(message: T, found: Violations) -> Result<Self, Violations> {
        if found.kept.is_empty() {
            Ok(Self(message))
        } else {
            Err(found)
        }
    }

    /// The message itself. The proof is lost.
    #[must_use]
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> Deref for Valid<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}
