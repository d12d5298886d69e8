//! Rules for single values: enums, numbers, time spans, names and lengths.

use std::fmt;

use prost_types::Duration;

use crate::grpc::validate::path::Path;
use crate::grpc::validate::violation::Reason;
use crate::grpc::validate::violation::Violations;

/// Longest time span of `google.protobuf.Duration`: about 10,000 years.
const MAX_DURATION_SECONDS: i64 = 315_576_000_000;

const NANOS_PER_SECOND: i32 = 1_000_000_000;

/// Which characters a kind of name is made of, and how many.
pub(super) struct NameRule {
    max_characters: usize,
    alphabet: &'static str,
    punctuation: &'static [u8],
}

/// Names and aliases of models.
pub(super) const MODEL_NAME: NameRule = NameRule {
    max_characters: 128,
    alphabet: "[a-zA-Z0-9._:-]",
    punctuation: b"._:-",
};

/// Names of tools.
pub(super) const TOOL_NAME: NameRule = NameRule {
    max_characters: 64,
    alphabet: "[a-zA-Z0-9_-]",
    punctuation: b"_-",
};

/// Identifiers of tool calls.
pub(super) const TOOL_USE_ID: NameRule = NameRule {
    max_characters: 64,
    alphabet: "[a-zA-Z0-9_.:-]",
    punctuation: b"_.:-",
};

/// Names of a stored prompt's variables.
///
/// Source: botocore 1.44.5, `PromptInputVariableName` of bedrock-agent, seen 2026-11-22.
pub(super) const VARIABLE_NAME: NameRule = NameRule {
    max_characters: 200,
    alphabet: "[a-zA-Z0-9_-]",
    punctuation: b"_-",
};

impl fmt::Display for NameRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "1 to {} characters of {}",
            self.max_characters, self.alphabet
        )
    }
}

impl NameRule {
    pub(super) fn is_kept_by(&self, name: &str) -> bool {
        (1..=self.max_characters).contains(&name.len()) && self.is_alphabet_of(name)
    }

    fn is_alphabet_of(&self, name: &str) -> bool {
        name.bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || self.punctuation.contains(&byte))
    }
}

/// Shows a name that keeps its rule, and nothing of one that does not.
pub(super) struct Shown<'a>(pub(super) &'a NameRule, pub(super) &'a str);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_kept_by(self.1) {
            write!(f, "\"{}\"", self.1)
        } else {
            f.write_str("a name")
        }
    }
}

/// The name is there and keeps its rule.
pub(super) fn name(found: &mut Violations, path: &Path<'_>, name: &str, rule: &NameRule) {
    if rule.is_kept_by(name) {
        return;
    }
    if name.is_empty() {
        let text = format_args!("is required: {rule}");
        found.add(path, Reason::Required, text);
        return;
    }
    max_characters_of(found, path, name, rule.max_characters);
    if !rule.is_alphabet_of(name) {
        let text = format_args!("has characters other than {}", rule.alphabet);
        found.add(path, Reason::BadFormat, text);
    }
}

/// The text has no more than `max` characters.
pub(super) fn max_characters_of(found: &mut Violations, path: &Path<'_>, text: &str, max: usize) {
    if text.len() > max {
        let count = text.chars().count();
        if count > max {
            let text = format_args!("has {count} characters; at most {max} are allowed");
            found.add(path, Reason::TooLong, text);
        }
    }
}

/// The text holds something other than white space.
pub(super) fn not_blank(found: &mut Violations, path: &Path<'_>, text: &str) {
    if text.is_empty() {
        let text = format_args!("is required: text that is not blank");
        found.add(path, Reason::Required, text);
    } else if is_blank(text) {
        let text = format_args!("is only white space; text is required");
        found.add(path, Reason::Required, text);
    }
}

pub(super) fn is_blank(text: &str) -> bool {
    text.chars().all(char::is_whitespace)
}

/// The list, map or request has no more than `max` of `what`.
pub(super) fn max_count(
    found: &mut Violations,
    path: &Path<'_>,
    count: usize,
    max: usize,
    what: &str,
) {
    if count > max {
        let text = format_args!("has {count} {what}; at most {max} are allowed");
        found.add(path, Reason::TooMany, text);
    }
}

/// The enum value is one of this version, the unspecified one included.
pub(super) fn known<E: TryFrom<i32>>(found: &mut Violations, path: &Path<'_>, value: i32) {
    if E::try_from(value).is_err() {
        let text = format_args!("is {value}, which this version of the API does not define");
        found.add(path, Reason::UnknownEnum, text);
    }
}

/// The enum value is one of this version, and not the unspecified one.
pub(super) fn specified<E: TryFrom<i32>>(found: &mut Violations, path: &Path<'_>, value: i32) {
    if value == 0 {
        let text = format_args!("is required: a value other than the unspecified one");
        found.add(path, Reason::Required, text);
    } else {
        known::<E>(found, path, value);
    }
}

/// The number, if set, is at least 1.
pub(super) fn at_least_one(found: &mut Violations, path: &Path<'_>, value: Option<i32>) {
    if let Some(value) = value
        && value < 1
    {
        let text = format_args!("is {value}; it must be at least 1");
        found.add(path, Reason::OutOfRange, text);
    }
}

/// The number is not negative.
pub(super) fn not_negative(found: &mut Violations, path: &Path<'_>, value: i32) {
    if value < 0 {
        let text = format_args!("is {value}; it must not be negative");
        found.add(path, Reason::OutOfRange, text);
    }
}

/// The number, if set, is in [0, 1].
pub(super) fn unit_interval(found: &mut Violations, path: &Path<'_>, value: Option<f32>) {
    if let Some(value) = value
        && !(0.0..=1.0).contains(&value)
    {
        let text = format_args!("is {value}; it must be from 0 to 1");
        found.add(path, Reason::OutOfRange, text);
    }
}

/// The time span, if set, is well formed and not shorter than `min`.
pub(super) fn not_shorter(
    found: &mut Violations,
    path: &Path<'_>,
    span: Option<&Duration>,
    min: Duration,
) {
    let Some(span) = span else { return };
    if !is_well_formed(found, path, span) {
        return;
    }
    if (span.seconds, span.nanos) < (min.seconds, min.nanos) {
        let text = format_args!(
            "is {}; it must be at least {}",
            Seconds(span),
            Seconds(&min)
        );
        found.add(path, Reason::OutOfRange, text);
    }
}

/// The time span, if set, is well formed and one of `allowed`, in seconds.
pub(super) fn one_of_seconds(
    found: &mut Violations,
    path: &Path<'_>,
    span: Option<&Duration>,
    allowed: [i64; 2],
) {
    let Some(span) = span else { return };
    if is_well_formed(found, path, span) && (span.nanos != 0 || !allowed.contains(&span.seconds)) {
        let [first, second] = allowed;
        let text = format_args!("is {}; allowed are {first}s and {second}s", Seconds(span));
        found.add(path, Reason::OutOfRange, text);
    }
}

/// Whether the parts of the time span are in range and of one sign, as
/// `google.protobuf.Duration` demands.
fn is_well_formed(found: &mut Violations, path: &Path<'_>, span: &Duration) -> bool {
    let is_in_range = span.seconds.unsigned_abs() <= MAX_DURATION_SECONDS.unsigned_abs()
        && span.nanos.unsigned_abs() < NANOS_PER_SECOND.unsigned_abs();
    let has_one_sign = span.seconds.signum() * i64::from(span.nanos.signum()) >= 0;
    if is_in_range && has_one_sign {
        return true;
    }
    let text = format_args!(
        "has {} seconds and {} nanos, which is no google.protobuf.Duration: at most \
         {MAX_DURATION_SECONDS} seconds, under {NANOS_PER_SECOND} nanos, of one sign",
        span.seconds, span.nanos
    );
    found.add(path, Reason::BadFormat, text);
    false
}

/// Shows a well formed time span as proto JSON does.
struct Seconds<'a>(&'a Duration);

impl fmt::Display for Seconds<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Duration { seconds, nanos } = self.0;
        let sign = if *seconds < 0 || *nanos < 0 { "-" } else { "" };
        write!(f, "{sign}{}", seconds.unsigned_abs())?;
        if *nanos != 0 {
            let digits = format!("{:09}", nanos.unsigned_abs());
            write!(f, ".{}", digits.trim_end_matches('0'))?;
        }
        f.write_str("s")
    }
}
