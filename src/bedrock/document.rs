//! protobuf `Struct` to JSON text, and the SDK's `Document` to `Struct`.
//!
//! A `Struct` has only doubles, and a `Document` has no member order: what must be exact does not
//! go through here, see `raw_json`.

use aws_smithy_types::Document;
use prost_types::ListValue;
use prost_types::Struct;
use prost_types::Value;
use prost_types::value::Kind;

use super::request::refused::Refused;

/// Doubles count every integer up to here.
const LARGEST_EXACT_INTEGER: f64 = 9_007_199_254_740_992.0;

/// Deepest nesting of a `Struct`. prost refuses messages of about this depth anyway.
const MAX_DEPTH: usize = 100;

/// Writes a `Struct` as JSON. Integral numbers are written as integers, because models refuse
/// `1024.0` for a count of tokens.
///
/// # Errors
/// A number is not finite, a value is empty, or the nesting is too deep; with its path.
pub(super) fn struct_to_json(fields: &Struct) -> Result<String, Refused> {
    let mut json = String::new();
    write_struct(&mut json, fields, 0)?;
    Ok(json)
}

fn write_struct(json: &mut String, value: &Struct, depth: usize) -> Result<(), Refused> {
    if depth > MAX_DEPTH {
        return Err(Refused::invalid("", "is nested too deeply"));
    }
    json.push('{');
    for (position, (name, value)) in value.fields.iter().enumerate() {
        if position > 0 {
            json.push(',');
        }
        push_string(json, name);
        json.push(':');
        write_value(json, value, depth).map_err(|refused| refused.within(name))?;
    }
    json.push('}');
    Ok(())
}

fn write_value(json: &mut String, value: &Value, depth: usize) -> Result<(), Refused> {
    match &value.kind {
        None => return Err(Refused::invalid("", "has no value")),
        Some(Kind::NullValue(_)) => json.push_str("null"),
        Some(Kind::BoolValue(flag)) => json.push_str(if *flag { "true" } else { "false" }),
        Some(Kind::NumberValue(number)) => json.push_str(&number_to_json(*number)?),
        Some(Kind::StringValue(text)) => push_string(json, text),
        Some(Kind::StructValue(fields)) => write_struct(json, fields, depth + 1)?,
        Some(Kind::ListValue(list)) => {
            if depth > MAX_DEPTH {
                return Err(Refused::invalid("", "is nested too deeply"));
            }
            json.push('[');
            for (position, item) in list.values.iter().enumerate() {
                if position > 0 {
                    json.push(',');
                }
                write_value(json, item, depth + 1)
                    .map_err(|refused| refused.within(format!("[{position}]")))?;
            }
            json.push(']');
        }
    }
    Ok(())
}

fn number_to_json(number: f64) -> Result<String, Refused> {
    if !number.is_finite() {
        return Err(Refused::invalid("", "is not a finite number"));
    }
    if number.fract() == 0.0 && number.abs() <= LARGEST_EXACT_INTEGER {
        // Display of a double has no exponent and, for an integral one, no fraction. Adding zero
        // turns -0 into 0.
        return Ok(format!("{}", number + 0.0));
    }
    Ok(serde_json::Number::from_f64(number).map_or_else(String::new, |number| number.to_string()))
}

/// A `Document` as `Struct`; one that is no object stands under the name "value".
pub(super) fn document_to_struct(document: Document) -> Struct {
    match document {
        Document::Object(members) => Struct {
            fields: members
                .into_iter()
                .map(|(name, value)| (name, document_to_value(value)))
                .collect(),
        },
        other => Struct {
            fields: [("value".to_owned(), document_to_value(other))].into(),
        },
    }
}

fn document_to_value(document: Document) -> Value {
    let kind = match document {
        Document::Object(_) => Kind::StructValue(document_to_struct(document)),
        Document::Array(items) => Kind::ListValue(ListValue {
            values: items.into_iter().map(document_to_value).collect(),
        }),
        Document::Number(number) => Kind::NumberValue(number.to_f64_lossy()),
        Document::String(text) => Kind::StringValue(text),
        Document::Bool(flag) => Kind::BoolValue(flag),
        Document::Null => Kind::NullValue(0),
    };
    Value { kind: Some(kind) }
}

fn push_string(json: &mut String, text: &str) {
    json.push_str(&serde_json::Value::from(text).to_string());
}

#[cfg(test)]
#[path = "document_tests.rs"]
mod tests;
