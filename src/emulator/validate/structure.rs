//! Whether a body has the structure that the API model gives it.
//!
//! Wrong JSON types are refused at once, as the service cannot even read them. Everything else is
//! collected, as the service does. In one point this is stricter: the service skips members it does
//! not know, but a client that sends one has made a mistake.

use std::fmt;

use serde_json::Map;
use serde_json::Number;
use serde_json::Value;

use crate::emulator::errors::Refusal;
use crate::emulator::route::Operation;
use crate::emulator::shapes::Bounds;
use crate::emulator::shapes::Members;
use crate::emulator::shapes::Shape;
use crate::emulator::shapes::Shapes;

/// Violations told of; more are not looked for.
const MAX_VIOLATIONS: usize = 20;
/// Longer values are not repeated in a message.
const MAX_SHOWN_CHARACTERS: usize = 64;

/// Checks the body of a request; raw bodies pass.
pub(in crate::emulator) fn structure(
    shapes: &Shapes,
    operation: Operation,
    body: &Value,
) -> Result<(), Refusal> {
    let Some(shape) = shapes.of(operation) else {
        return Ok(());
    };
    let mut checker = Checker {
        shapes,
        is_private: false,
        violations: Vec::new(),
    };
    checker.value(shape, body, &Place::Body)?;
    let violations = checker.violations;
    if violations.is_empty() {
        return Ok(());
    }
    let number = violations.len();
    let plural = if number == 1 { "" } else { "s" };
    Err(Refusal::validation(format!(
        "{number} validation error{plural} detected: {}",
        violations.join("; ")
    )))
}

/// Where a value stands, written as the service does: `messages.1.member.role`.
enum Place<'a> {
    Body,
    Member(&'a Self, &'a str),
    Item(&'a Self, usize),
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Body => Ok(()),
            Self::Member(Self::Body, name) => write!(formatter, "{name}"),
            Self::Member(outer, name) => write!(formatter, "{outer}.{name}"),
            Self::Item(outer, index) => write!(formatter, "{outer}.{}.member", index + 1),
        }
    }
}

struct Checker<'a> {
    shapes: &'a Shapes,
    /// Whether values must not be repeated: the maps of a request are its caller's own.
    is_private: bool,
    violations: Vec<String>,
}

impl Checker<'_> {
    /// Goes as deep as the API model, which has no recursive shape.
    fn value(&mut self, shape: &Shape, value: &Value, place: &Place<'_>) -> Result<(), Refusal> {
        if self.violations.len() == MAX_VIOLATIONS {
            return Ok(());
        }
        match (shape, value) {
            (Shape::Structure(known), Value::Object(members)) => {
                self.members(known, members, place)
            }
            (Shape::Union(known), Value::Object(members)) => {
                self.members(known, members, place)?;
                if members.values().filter(|value| !value.is_null()).count() != 1 {
                    self.violation(None, place, "Member must have exactly one member set");
                }
                Ok(())
            }
            (Shape::List { member, bounds }, Value::Array(items)) => {
                self.length(*bounds, items.len(), None, place);
                for (index, item) in items.iter().enumerate() {
                    let place = Place::Item(place, index);
                    self.required(member, item, &place)?;
                }
                Ok(())
            }
            (Shape::Map { key, value, bounds }, Value::Object(entries)) => {
                self.length(*bounds, entries.len(), None, place);
                self.entries(key, value, entries, place)
            }
            (Shape::String { .. }, Value::String(text)) => {
                self.text(shape, text, place);
                Ok(())
            }
            (Shape::Blob { bounds }, Value::String(text)) => {
                let bytes = aws_smithy_types::base64::decode(text);
                let Ok(bytes) = bytes else {
                    return Err(unreadable("Invalid base64", place));
                };
                self.length(*bounds, bytes.len(), None, place);
                Ok(())
            }
            (Shape::Integer { bounds }, Value::Number(number)) => {
                let whole = number.as_i64().and_then(|whole| i32::try_from(whole).ok());
                let Some(whole) = whole else {
                    let problem = "NUMBER_VALUE can not be converted to an Integer";
                    return Err(unreadable(problem, place));
                };
                self.bounds(*bounds, f64::from(whole), number, place);
                Ok(())
            }
            (Shape::Float { bounds }, Value::Number(number)) => {
                let Some(float) = number.as_f64() else {
                    let problem = "NUMBER_VALUE can not be converted to a Float";
                    return Err(unreadable(problem, place));
                };
                self.bounds(*bounds, float, number, place);
                Ok(())
            }
            (Shape::Boolean {}, Value::Bool(_)) | (Shape::Document {}, _) => Ok(()),
            (_, value) => Err(unreadable(&mismatch(shape, value), place)),
        }
    }

    fn members(
        &mut self,
        known: &Members,
        members: &Map<String, Value>,
        place: &Place<'_>,
    ) -> Result<(), Refusal> {
        let is_set = |name: &String| members.get(name).is_some_and(|value| !value.is_null());
        for name in known.required.iter().filter(|name| !is_set(name)) {
            let place = Place::Member(place, name);
            self.missing(&place);
        }
        for (name, value) in members.iter().filter(|(_, value)| !value.is_null()) {
            let place = Place::Member(place, name);
            match known.members.get(name) {
                Some(shape) => self.required(shape, value, &place)?,
                None => self.violation(None, &place, "Member must be known to the API"),
            }
        }
        Ok(())
    }

    fn required(&mut self, shape: &str, value: &Value, place: &Place<'_>) -> Result<(), Refusal> {
        if value.is_null() {
            self.missing(place);
            return Ok(());
        }
        let shapes = self.shapes;
        match shapes.named(shape) {
            Some(shape) => self.value(shape, value, place),
            None => Ok(()),
        }
    }

    fn entries(
        &mut self,
        key: &str,
        value: &str,
        entries: &Map<String, Value>,
        place: &Place<'_>,
    ) -> Result<(), Refusal> {
        let was_private = std::mem::replace(&mut self.is_private, true);
        for (name, inner) in entries {
            if let Some(key) = self.shapes.named(key) {
                self.text(key, name, place);
            }
            self.required(value, inner, place)?;
        }
        self.is_private = was_private;
        Ok(())
    }

    fn text(&mut self, shape: &Shape, text: &str, place: &Place<'_>) {
        let Shape::String {
            values,
            pattern,
            bounds,
        } = shape
        else {
            return;
        };
        let characters = text.chars().count();
        let shown = (characters <= MAX_SHOWN_CHARACTERS).then_some(text);
        self.length(*bounds, characters, shown, place);
        if !values.is_empty() && !values.iter().any(|value| value == text) {
            let set = values.join(", ");
            let rule = format!("Member must satisfy enum value set: [{set}]");
            self.violation(shown, place, &rule);
        }
        if let Some(pattern) = pattern.as_ref().filter(|pattern| !pattern.is_match(text)) {
            let written = pattern.as_str();
            let written = written.strip_prefix("^(?:").unwrap_or(written);
            let written = written.strip_suffix(")$").unwrap_or(written);
            let rule = format!("Member must satisfy regular expression pattern: {written}");
            self.violation(shown, place, &rule);
        }
    }

    fn length(&mut self, bounds: Bounds, length: usize, shown: Option<&str>, place: &Place<'_>) {
        let length = u32::try_from(length).unwrap_or(u32::MAX);
        if let Some(min) = bounds.min.filter(|min| length < *min) {
            let rule = format!("Member must have length greater than or equal to {min}");
            self.violation(shown, place, &rule);
        }
        if let Some(max) = bounds.max.filter(|max| length > *max) {
            let rule = format!("Member must have length less than or equal to {max}");
            self.violation(shown, place, &rule);
        }
    }

    fn bounds(&mut self, bounds: Bounds, number: f64, written: &Number, place: &Place<'_>) {
        if let Some(min) = bounds.min.filter(|min| number < f64::from(*min)) {
            let rule = format!("Member must have value greater than or equal to {min}");
            self.violation(Some(written.as_str()), place, &rule);
        }
        if let Some(max) = bounds.max.filter(|max| number > f64::from(*max)) {
            let rule = format!("Member must have value less than or equal to {max}");
            self.violation(Some(written.as_str()), place, &rule);
        }
    }

    fn missing(&mut self, place: &Place<'_>) {
        self.add(format!(
            "Value null at '{place}' failed to satisfy constraint: Member must not be null"
        ));
    }

    fn violation(&mut self, shown: Option<&str>, place: &Place<'_>, rule: &str) {
        let shown = shown.filter(|_| !self.is_private);
        let value = shown.map_or_else(String::new, |text| format!(" '{text}'"));
        self.add(format!(
            "Value{value} at '{place}' failed to satisfy constraint: {rule}"
        ));
    }

    fn add(&mut self, violation: String) {
        if self.violations.len() < MAX_VIOLATIONS {
            self.violations.push(violation);
        }
    }
}

/// The words of the service's reader for a value of the wrong JSON type.
fn mismatch(shape: &Shape, value: &Value) -> String {
    let found = match value {
        Value::Object(_) => return "Start of structure or map found where not expected".to_owned(),
        Value::Array(_) => return "Start of list found where not expected".to_owned(),
        Value::Null => "NULL_VALUE",
        Value::Bool(true) => "TRUE_VALUE",
        Value::Bool(false) => "FALSE_VALUE",
        Value::Number(_) => "NUMBER_VALUE",
        Value::String(_) => "STRING_VALUE",
    };
    let wanted = match shape {
        Shape::Structure(_) | Shape::Union(_) | Shape::Map { .. } => "a structure",
        Shape::List { .. } => "a list",
        Shape::String { .. } => "a String",
        Shape::Blob { .. } => "a Blob",
        Shape::Integer { .. } => "an Integer",
        Shape::Float { .. } => "a Float",
        Shape::Boolean {} => "a Boolean",
        Shape::Document {} => "a Document",
    };
    format!("{found} can not be converted to {wanted}")
}

/// The service does not say where; this does, because people have to find it.
fn unreadable(problem: &str, place: &Place<'_>) -> Refusal {
    Refusal::new("SerializationException", format!("{problem}: '{place}'"))
}

#[cfg(test)]
#[path = "structure_tests.rs"]
mod tests;
