use serde_json::json;

use super::*;

fn filled(schema: &Value) -> Value {
    fill(schema, &mut Seed::of(b"schema"))
}

#[test]
fn required_properties_of_every_level_are_there_with_their_types() {
    let schema = json!({
        "type": "object",
        "required": ["city", "days", "place"],
        "properties": {
            "city": {"type": "string"},
            "days": {"type": "integer", "minimum": 3},
            "place": {
                "type": "object",
                "required": ["latitude"],
                "properties": {"latitude": {"type": "number", "minimum": 10, "maximum": 20}}
            }
        }
    });

    let value = filled(&schema);

    assert!(value["city"].is_string());
    assert_eq!(value["days"], 3);
    assert_eq!(value["place"]["latitude"].as_f64(), Some(15.0));
}

#[test]
fn enumerations_and_constants_are_taken_from_the_schema() {
    let value = filled(&json!({
        "type": "object",
        "properties": {"unit": {"enum": ["celsius", "kelvin"]}, "version": {"const": 7}}
    }));

    assert!(["celsius", "kelvin"].contains(&value["unit"].as_str().unwrap()));
    assert_eq!(value["version"], 7);
}

#[test]
fn arrays_have_as_many_items_as_asked_for() {
    let value = filled(&json!({"type": "array", "minItems": 3, "items": {"type": "boolean"}}));

    assert_eq!(value.as_array().unwrap().len(), 3);
    assert!(value[0].is_boolean());
}

#[test]
fn references_are_followed_and_recursion_ends() {
    let schema = json!({
        "$defs": {"node": {
            "type": "object",
            "required": ["name"],
            "properties": {"name": {"type": "string"}, "next": {"$ref": "#/$defs/node"}}
        }},
        "$ref": "#/$defs/node"
    });

    let value = filled(&schema);

    assert!(value["name"].is_string());
}

#[test]
fn string_bounds_hold() {
    let value = filled(&json!({"type": "string", "minLength": 30, "maxLength": 30}));

    assert_eq!(value.as_str().unwrap().len(), 30);
}

#[test]
fn nullable_types_get_the_other_type() {
    assert!(filled(&json!({"type": ["null", "integer"]})).is_i64());
}

#[test]
fn items_that_must_differ_do() {
    let value = filled(&json!({
        "type": "array", "uniqueItems": true, "minItems": 3, "items": {"enum": [1, 2, 3]}}));

    let mut numbers: Vec<i64> = value
        .as_array()
        .unwrap()
        .iter()
        .map(|number| number.as_i64().unwrap())
        .collect();
    numbers.sort_unstable();
    assert_eq!(numbers, [1, 2, 3]);
}

#[test]
fn integers_lie_between_fractions() {
    assert_eq!(
        filled(&json!({"type": "integer", "minimum": 1.5, "maximum": 2.5})),
        2
    );
    assert_eq!(
        filled(&json!({"type": "integer", "exclusiveMaximum": -0.5})),
        -1
    );
}
