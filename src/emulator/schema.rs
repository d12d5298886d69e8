//! Makes a JSON value that fits a JSON schema, for forced tool calls and structured output.
//!
//! It knows the keywords people write in tool schemas: `type`, `enum`, `const`, `default`,
//! `properties`, `required`, `minProperties`, `items`, `minItems`, `uniqueItems`, numeric bounds, string
//! lengths, common formats, `anyOf`/`oneOf`/`allOf` and local `$ref`. It is no validator, and `pattern`
//! is beyond it.

use serde_json::Map;
use serde_json::Value;

use crate::emulator::seed::Seed;

/// Nested deeper than this a schema is taken for a recursive one, and optional parts are left out.
const MAX_DEPTH: usize = 8;
/// Items and properties made at most, whatever the schema asks for.
const MAX_ITEMS: u64 = 100;
/// Values tried for an item that must differ from those before it.
const MAX_DRAWS: usize = 20;

/// A value that fits `schema`. The same schema and seed give the same value.
pub(super) fn fill(schema: &Value, seed: &mut Seed) -> Value {
    Filler { root: schema }.value(schema, seed, 0)
}

struct Filler<'a> {
    root: &'a Value,
}

impl Filler<'_> {
    fn value(&self, schema: &Value, seed: &mut Seed, depth: usize) -> Value {
        if depth > MAX_DEPTH {
            return Value::Null;
        }
        if let Some(target) = self.reference(schema) {
            return self.value(target, seed, depth + 1);
        }
        for fixed in ["const", "default"] {
            if let Some(value) = schema.get(fixed) {
                return value.clone();
            }
        }
        if let Some(values) = schema.get("enum").and_then(Value::as_array) {
            return pick(values, seed);
        }
        for choice in ["anyOf", "oneOf"] {
            if let Some(first) = schema.get(choice).and_then(|all| all.get(0)) {
                return self.value(first, seed, depth + 1);
            }
        }
        match type_of(schema) {
            "object" => self.object(schema, seed, depth),
            "array" => self.array(schema, seed, depth),
            "string" => Value::String(string(schema, seed)),
            "integer" => Value::from(integer(schema, seed)),
            "number" => number(schema, seed),
            "boolean" => Value::Bool(seed.below(2) == 0),
            _ => Value::Null,
        }
    }

    /// The part of the schema that a local `$ref` points at.
    fn reference(&self, schema: &Value) -> Option<&Value> {
        let pointer = schema.get("$ref")?.as_str()?.strip_prefix('#')?;
        self.root.pointer(pointer)
    }

    /// Required properties always, optional ones while the schema is shallow.
    fn object(&self, schema: &Value, seed: &mut Seed, depth: usize) -> Value {
        let mut filled = Map::new();
        let mut parts = vec![schema];
        if let Some(all) = schema.get("allOf").and_then(Value::as_array) {
            parts.extend(all.iter().map(|part| self.reference(part).unwrap_or(part)));
        }
        for part in parts {
            let required: Vec<&str> = part
                .get("required")
                .and_then(Value::as_array)
                .map(|names| names.iter().filter_map(Value::as_str).collect())
                .unwrap_or_default();
            let properties = part.get("properties").and_then(Value::as_object);
            for (name, inner) in properties.into_iter().flatten() {
                if required.contains(&name.as_str()) || depth < 2 {
                    filled.insert(name.clone(), self.value(inner, seed, depth + 1));
                }
            }
            for name in required {
                if !filled.contains_key(name) {
                    filled.insert(name.to_owned(), Value::String(word(seed)));
                }
            }
        }
        let least = schema.get("minProperties").and_then(Value::as_u64);
        for number in 1..=least.unwrap_or(0).min(MAX_ITEMS) {
            if filled.len() as u64 >= least.unwrap_or(0) {
                break;
            }
            let value = match schema.get("additionalProperties") {
                Some(inner @ Value::Object(_)) => self.value(inner, seed, depth + 1),
                _ => Value::String(word(seed)),
            };
            filled.insert(format!("emulated{number}"), value);
        }
        Value::Object(filled)
    }

    fn array(&self, schema: &Value, seed: &mut Seed, depth: usize) -> Value {
        if let Some(prefix) = schema.get("prefixItems").and_then(Value::as_array) {
            return prefix
                .iter()
                .map(|item| self.value(item, seed, depth + 1))
                .collect();
        }
        let least = schema.get("minItems").and_then(Value::as_u64);
        let most = schema.get("maxItems").and_then(Value::as_u64);
        let length = least
            .unwrap_or(1)
            .min(most.unwrap_or(MAX_ITEMS))
            .min(MAX_ITEMS);
        let item = schema.get("items").unwrap_or(&Value::Null);
        let draws = match schema.get("uniqueItems") {
            Some(Value::Bool(true)) => MAX_DRAWS,
            _ => 1,
        };
        let mut items = Vec::new();
        for _ in 0..length {
            let mut drawn = (0..draws).map(|_| match item {
                Value::Object(_) => self.value(item, seed, depth + 1),
                _ => Value::String(word(seed)),
            });
            let last = drawn.find(|value| draws == 1 || !items.contains(value));
            items.extend(last);
        }
        Value::Array(items)
    }
}

/// The type a schema states, or the one its other keywords imply.
fn type_of(schema: &Value) -> &str {
    match schema.get("type") {
        Some(Value::String(name)) => name,
        Some(Value::Array(names)) => names
            .iter()
            .filter_map(Value::as_str)
            .find(|name| *name != "null")
            .unwrap_or("null"),
        _ if schema.get("items").is_some() => "array",
        _ if schema.get("properties").is_some() || schema.get("allOf").is_some() => "object",
        _ => "string",
    }
}

fn pick(values: &[Value], seed: &mut Seed) -> Value {
    let position = usize::try_from(seed.below(values.len() as u64)).unwrap_or(0);
    values.get(position).cloned().unwrap_or(Value::Null)
}

fn word(seed: &mut Seed) -> String {
    format!("emulated-{}", seed.identifier(6))
}

fn string(schema: &Value, seed: &mut Seed) -> String {
    let fixed = match schema.get("format").and_then(Value::as_str) {
        Some("date-time") => "2026-01-01T00:00:00Z",
        Some("date") => "2026-01-01",
        Some("time") => "00:00:00Z",
        Some("email") => "emulator@example.com",
        Some("uri" | "url") => "https://example.com/emulator",
        Some("uuid") => "00000000-0000-4000-8000-000000000000",
        Some("ipv4") => "192.0.2.1",
        _ => "",
    };
    if !fixed.is_empty() {
        return fixed.to_owned();
    }
    let mut text = word(seed);
    let bound = |key| {
        schema
            .get(key)
            .and_then(Value::as_u64)
            .and_then(|n| usize::try_from(n).ok())
    };
    if let Some(least) = bound("minLength") {
        let missing = least.min(10_000).saturating_sub(text.len());
        text.push_str(&seed.identifier(missing));
    }
    if let Some(most) = bound("maxLength") {
        text.truncate(most);
    }
    text
}

fn integer(schema: &Value, seed: &mut Seed) -> i64 {
    let least = bound(schema, "minimum", "exclusiveMinimum", 1);
    let most = bound(schema, "maximum", "exclusiveMaximum", -1);
    let chosen = match (least, most) {
        (Some(least), _) => least,
        (None, Some(most)) => most,
        (None, None) => i64::try_from(seed.below(100)).unwrap_or(0),
    };
    match schema.get("multipleOf").and_then(Value::as_i64) {
        Some(step) if step > 0 => {
            chosen.div_euclid(step).saturating_mul(step) + {
                if chosen.rem_euclid(step) == 0 {
                    0
                } else {
                    step
                }
            }
        }
        _ => chosen,
    }
}

fn bound(schema: &Value, inclusive: &str, exclusive: &str, step: i64) -> Option<i64> {
    let at = |key: &str| whole(schema.get(key)?, step);
    at(inclusive).or_else(|| {
        let is_whole = schema.get(exclusive)?.as_i64().is_some();
        // Beside a fraction the next integer is within the limit already.
        at(exclusive).map(|limit| limit.saturating_add(if is_whole { step } else { 0 }))
    })
}

/// The limit as an integer: the next one inwards, which is up from a lower limit (a step of 1).
fn whole(limit: &Value, step: i64) -> Option<i64> {
    if let Some(whole) = limit.as_i64() {
        return Some(whole);
    }
    let fraction = limit.as_f64()?;
    let rounded = if step > 0 {
        fraction.ceil()
    } else {
        fraction.floor()
    };
    format!("{rounded:.0}").parse().ok()
}

/// A number with a fraction where no bound speaks against it.
fn number(schema: &Value, seed: &mut Seed) -> Value {
    let least = schema
        .get("minimum")
        .or_else(|| schema.get("exclusiveMinimum"))
        .and_then(Value::as_f64);
    let most = schema
        .get("maximum")
        .or_else(|| schema.get("exclusiveMaximum"))
        .and_then(Value::as_f64);
    let chosen = match (least, most) {
        (Some(least), Some(most)) => f64::midpoint(least, most),
        (Some(least), None) => least + 0.5,
        (None, Some(most)) => most - 0.5,
        (None, None) => f64::from(u8::try_from(seed.below(100)).unwrap_or(0)) + 0.5,
    };
    Value::from(chosen)
}

#[cfg(test)]
#[path = "schema_tests.rs"]
mod tests;
