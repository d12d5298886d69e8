//! Rules for JSON as text and as `google.protobuf.Struct`: tool input, tool output, schemas and
//! vendor options.
//!
//! JSON text is read once, without building a tree of it. Descriptions give positions, never
//! content.

use std::str::Bytes;

use prost_types::Struct;
use prost_types::Value;
use prost_types::value::Kind;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::grpc::validate::path::Path;
use crate::grpc::validate::violation::Reason;
use crate::grpc::validate::violation::Violations;

/// Deepest nesting of arrays and objects. Beyond what tools and schemas need, and within what the
/// JSON readers of clients and models accept.
const MAX_JSON_DEPTH: usize = 64;

/// What is expected where there is no other way to say it.
pub(super) const AN_OBJECT: &str = "an object";

/// What is wrong with a JSON value.
enum Flaw {
    Syntax { line: usize, column: usize },
    LoneSurrogate,
    TooDeep,
    NotFinite,
    NoKind,
}

/// The members of a schema that are looked at.
#[derive(Deserialize)]
struct SchemaHead<'a> {
    #[serde(borrow, rename = "type")]
    kind: Option<&'a RawValue>,
}

/// The text is one JSON object. `hint` tells what is expected if there is no text.
pub(super) fn object(found: &mut Violations, path: &Path<'_>, text: &str, hint: &str) -> bool {
    if text.is_empty() {
        let text = format_args!("is required: JSON text, {hint}");
        found.add(path, Reason::Required, text);
        return false;
    }
    if let Err(flaw) = read(text) {
        add_flaw(found, path, &flaw);
        return false;
    }
    let is_object = text.trim_ascii_start().starts_with('{');
    if !is_object {
        let text = format_args!("is JSON, but not an object");
        found.add(path, Reason::BadJson, text);
    }
    is_object
}

/// The text is a JSON Schema of an object.
pub(super) fn object_schema(found: &mut Violations, path: &Path<'_>, text: &str) {
    if !object(found, path, text, AN_OBJECT) {
        return;
    }
    let Ok(head) = serde_json::from_str::<SchemaHead<'_>>(text) else {
        let text = format_args!("has the member \"type\" more than once");
        found.add(path, Reason::BadJson, text);
        return;
    };
    let names_another_type = head.kind.is_some_and(|kind| {
        !serde_json::from_str::<String>(kind.get()).is_ok_and(|kind| kind == "object")
    });
    if names_another_type {
        add_other_type(found, path);
    }
}

/// The `Struct` is a JSON Schema of an object.
pub(super) fn object_schema_struct(found: &mut Violations, path: &Path<'_>, schema: &Struct) {
    json_struct(found, path, schema);
    let kind = schema
        .fields
        .get("type")
        .and_then(|value| value.kind.as_ref());
    if kind.is_some_and(|kind| !matches!(kind, Kind::StringValue(kind) if kind == "object")) {
        add_other_type(found, path);
    }
}

/// The `Struct` can be written as JSON.
pub(super) fn json_struct(found: &mut Violations, path: &Path<'_>, object: &Struct) {
    for (name, value) in &object.fields {
        if let Err(flaw) = read_value(value, 1) {
            add_flaw(found, &path.member(name), &flaw);
        }
    }
}

fn add_other_type(found: &mut Violations, path: &Path<'_>) {
    let text = format_args!("is a schema whose \"type\" is not \"object\"");
    found.add(path, Reason::BadJson, text);
}

fn add_flaw(found: &mut Violations, path: &Path<'_>, flaw: &Flaw) {
    let reason = Reason::BadJson;
    match flaw {
        Flaw::Syntax { line, column } => {
            let text =
                format_args!("is not JSON text: the error is at line {line}, column {column}");
            found.add(path, reason, text);
        }
        Flaw::LoneSurrogate => {
            let text = format_args!("holds half of a surrogate pair, which is no character");
            found.add(path, reason, text);
        }
        Flaw::TooDeep => {
            let text = format_args!("is nested deeper than {MAX_JSON_DEPTH} levels");
            found.add(path, reason, text);
        }
        Flaw::NotFinite => {
            let text = format_args!("holds NaN or an infinity, which JSON cannot express");
            found.add(path, reason, text);
        }
        Flaw::NoKind => {
            let text = format_args!("holds a google.protobuf.Value without a kind");
            found.add(path, reason, text);
        }
    }
}

/// Checks the grammar, then what the grammar leaves open.
fn read(text: &str) -> Result<(), Flaw> {
    serde_json::from_str::<&RawValue>(text).map_err(|error| Flaw::Syntax {
        line: error.line(),
        column: error.column(),
    })?;
    let mut bytes = text.bytes();
    let mut depth = 0_usize;
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => read_string(&mut bytes)?,
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > MAX_JSON_DEPTH {
            return Err(Flaw::TooDeep);
        }
    }
    Ok(())
}

/// Reads to the end of a string whose grammar is known to be right, and pairs its surrogates.
fn read_string(bytes: &mut Bytes<'_>) -> Result<(), Flaw> {
    let mut wants_low = false;
    loop {
        let unit = match bytes.next() {
            None | Some(b'"') if wants_low => return Err(Flaw::LoneSurrogate),
            None | Some(b'"') => return Ok(()),
            Some(b'\\') => match bytes.next() {
                Some(b'u') => read_hex(bytes),
                _ => 0,
            },
            Some(_) => 0,
        };
        let is_low = matches!(unit, 0xDC00..=0xDFFF);
        if wants_low != is_low {
            return Err(Flaw::LoneSurrogate);
        }
        wants_low = matches!(unit, 0xD800..=0xDBFF);
    }
}

fn read_hex(bytes: &mut Bytes<'_>) -> u32 {
    bytes
        .by_ref()
        .take(4)
        .filter_map(|byte| char::from(byte).to_digit(16))
        .fold(0, |unit, digit| unit * 16 + digit)
}

fn read_value(value: &Value, depth: usize) -> Result<(), Flaw> {
    if depth > MAX_JSON_DEPTH {
        return Err(Flaw::TooDeep);
    }
    match value.kind.as_ref() {
        None => Err(Flaw::NoKind),
        Some(Kind::NumberValue(number)) if !number.is_finite() => Err(Flaw::NotFinite),
        Some(Kind::NumberValue(_) | Kind::NullValue(_) | Kind::StringValue(_)) => Ok(()),
        Some(Kind::BoolValue(_)) => Ok(()),
        Some(Kind::StructValue(object)) => object
            .fields
            .values()
            .try_for_each(|value| read_value(value, depth + 1)),
        Some(Kind::ListValue(list)) => list
            .values
            .iter()
            .try_for_each(|value| read_value(value, depth + 1)),
    }
}
