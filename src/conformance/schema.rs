//! The part of JSON Schema that cases may use, small enough to be the same in every language:
//! `type`, `properties`, `required`, `additionalProperties`, `items` and `enum`.
//!
//! What a model is sent as a schema is not limited by this; only what answers are held against.

use serde_json::Map;
use serde_json::Value;

const KEYWORDS: [&str; 7] = [
    "type",
    "properties",
    "required",
    "additionalProperties",
    "items",
    "enum",
    "description",
];

const TYPES: [&str; 7] = [
    "object", "array", "string", "integer", "number", "boolean", "null",
];

/// What is wrong with a schema.
pub(super) fn wrong(schema: &Value) -> Option<String> {
    let Some(members) = schema.as_object() else {
        return Some("is no object".to_owned());
    };
    for (keyword, value) in members {
        let is_right = match keyword.as_str() {
            "type" => value.as_str().is_some_and(|name| TYPES.contains(&name)),
            "required" => value
                .as_array()
                .is_some_and(|names| names.iter().all(Value::is_string)),
            "additionalProperties" => value.is_boolean(),
            "enum" => value.is_array(),
            "description" => value.is_string(),
            "properties" => match value.as_object() {
                Some(properties) => {
                    if let Some(problem) = properties.values().find_map(wrong) {
                        return Some(problem);
                    }
                    true
                }
                None => false,
            },
            "items" => match wrong(value) {
                Some(problem) => return Some(problem),
                None => true,
            },
            _ => {
                return Some(format!(
                    "{keyword} is not used here; allowed: {}",
                    KEYWORDS.join(", ")
                ));
            }
        };
        if !is_right {
            return Some(format!("{keyword} {value} means nothing"));
        }
    }
    None
}

/// Why a value does not fit a schema. Names the place and the keyword, not the value.
pub(super) fn unfit(schema: &Value, value: &Value) -> Option<String> {
    unfit_at(schema, value, "the value")
}

fn unfit_at(schema: &Value, value: &Value, place: &str) -> Option<String> {
    let due = schema.get("type").and_then(Value::as_str);
    if let Some(due) = due.filter(|due| !is_of(due, value)) {
        return Some(format!("{place} is no {due}"));
    }
    let allowed = schema.get("enum").and_then(Value::as_array);
    if allowed.is_some_and(|allowed| !allowed.contains(value)) {
        return Some(format!("{place} is none of its enum"));
    }
    match value {
        Value::Object(members) => unfit_members(schema, members, place),
        Value::Array(items) => {
            let schema = schema.get("items")?;
            let mut numbered = items.iter().enumerate();
            numbered.find_map(|(index, item)| unfit_at(schema, item, &format!("{place}[{index}]")))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    }
}

fn unfit_members(schema: &Value, members: &Map<String, Value>, place: &str) -> Option<String> {
    let required = schema.get("required").and_then(Value::as_array);
    let mut required = required.into_iter().flatten().filter_map(Value::as_str);
    if let Some(missing) = required.find(|name| !members.contains_key(*name)) {
        return Some(format!("{place} has no {missing}"));
    }
    let properties = schema.get("properties").and_then(Value::as_object);
    let is_closed = schema.get("additionalProperties") == Some(&Value::Bool(false));
    members.iter().find_map(|(name, value)| {
        match properties.and_then(|properties| properties.get(name)) {
            Some(schema) => unfit_at(schema, value, &format!("{place}.{name}")),
            None => {
                is_closed.then(|| format!("{place} has a member that is not in its properties"))
            }
        }
    })
}

fn is_of(name: &str, value: &Value) -> bool {
    match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        "integer" => {
            // 1.0 is an integer to JSON Schema.
            let whole = value.as_f64().is_some_and(|number| number.fract() == 0.0);
            value.is_i64() || value.is_u64() || whole
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_are_held_against_every_keyword() {
        let schema = json!({
            "type": "object",
            "properties": {
                "name": {"type": "string", "enum": ["a", "b"]},
                "counts": {"type": "array", "items": {"type": "integer"}},
            },
            "required": ["name"],
            "additionalProperties": false,
        });
        assert_eq!(wrong(&schema), None);
        assert_eq!(
            unfit(&schema, &json!({"name": "a", "counts": [1, 2.0]})),
            None
        );
        for (value, problem) in [
            (json!([]), "the value is no object"),
            (json!({}), "the value has no name"),
            (json!({"name": 1}), "the value.name is no string"),
            (json!({"name": "c"}), "the value.name is none of its enum"),
            (
                json!({"name": "a", "counts": [1, 1.5]}),
                "the value.counts[1] is no integer",
            ),
            (
                json!({"name": "a", "x": 1}),
                "the value has a member that is not in its properties",
            ),
        ] {
            assert_eq!(unfit(&schema, &value).as_deref(), Some(problem));
        }
    }

    #[test]
    fn keyword_that_would_be_ignored_is_refused() {
        let schema = json!({"properties": {"a": {"minimum": 3}}});

        assert!(
            wrong(&schema)
                .unwrap()
                .starts_with("minimum is not used here")
        );
    }
}
