use std::env;
use std::fs;
use std::path::Path;

use serde_json::Value;

use super::*;
use crate::registry::support::file;

const PATH: &str = "config/aws-bedrock-models.schema.json";

#[test]
fn the_schema_file_is_current() {
    let schema = json_schema();
    if env::var_os("UPDATE_GENERATED").is_some() {
        fs::write(Path::new(env!("CARGO_MANIFEST_DIR")).join(PATH), &schema).unwrap();
    }

    assert!(
        file(PATH) == schema,
        "{PATH} is stale; run `UPDATE_GENERATED=1 cargo test --lib registry` and commit it"
    );
}

#[test]
fn files_that_are_accepted_conform_to_the_schema() {
    let schema: Value = serde_json::from_str(&json_schema()).unwrap();
    for path in [
        "config/aws-bedrock-models.json",
        "config/aws-bedrock-models.2026-11.json",
        "tests/fixtures/registry/accepted/empty_lists.json",
        "tests/fixtures/registry/accepted/every_member.json",
        "tests/fixtures/registry/accepted/plain.json",
        "tests/fixtures/registry/accepted/prompts_and_routers.json",
        "tests/fixtures/registry/accepted/smallest.json",
    ] {
        let value: Value = serde_json::from_str(&file(path)).unwrap();
        if let Err(place) = conforms(&value, &schema, &schema) {
            panic!("{path}: {place}");
        }
    }
}

#[test]
fn the_schema_knows_the_members_that_are_read_and_no_others() {
    let schema: Value = serde_json::from_str(&json_schema()).unwrap();
    let every: Value =
        serde_json::from_str(&file("tests/fixtures/registry/accepted/every_member.json")).unwrap();
    let model = &every["modelRegistry"]["claude"];

    for (definition, object) in [
        ("ModelEntry", model),
        ("FeaturesEntry", &model["features"]),
        ("HardLimitsEntry", &model["hardLimits"]),
        ("MediaLimitsEntry", &model["mediaLimits"]),
        ("LifecycleEntry", &model["lifecycle"]),
        ("PricesEntry", &model["prices"]),
        ("TimeoutsEntry", &model["timeouts"]),
        ("RemovedEntry", &every["removedModels"][0]),
    ] {
        let sorted = |value: &Value| {
            let mut keys: Vec<String> = value.as_object().unwrap().keys().cloned().collect();
            keys.sort();
            keys
        };

        let known = sorted(&schema["$defs"][definition]["properties"]);

        assert_eq!(known, sorted(object), "{definition}");
    }
}

/// Checks types, members and choices; the part of JSON Schema that can be checked in a few lines.
fn conforms(value: &Value, schema: &Value, root: &Value) -> Result<(), String> {
    if let Some(name) = schema["$ref"].as_str() {
        let target = root.pointer(name.trim_start_matches('#')).unwrap();
        return conforms(value, target, root);
    }
    if let Some(choices) = schema["anyOf"]
        .as_array()
        .or_else(|| schema["oneOf"].as_array())
    {
        let fits = choices.iter().any(|one| conforms(value, one, root).is_ok());
        return fits.then_some(()).ok_or_else(|| format!("{value}"));
    }
    let type_name = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
        Value::Number(number) if number.is_i64() => "integer",
        Value::Number(_) => "number",
    };
    let fits = |wanted: &Value| wanted == type_name || wanted == "number" && type_name == "integer";
    let right_type = match &schema["type"] {
        Value::Null => true,
        Value::Array(types) => types.iter().any(fits),
        wanted => fits(wanted),
    };
    let is_choice = schema["enum"]
        .as_array()
        .is_none_or(|all| all.contains(value))
        && schema.get("const").is_none_or(|only| only == value);
    if !right_type || !is_choice {
        return Err(format!("{value}"));
    }
    for item in value.as_array().into_iter().flatten() {
        conforms(item, &schema["items"], root)?;
    }
    for (key, member) in value.as_object().into_iter().flatten() {
        let known = &schema["properties"][key.as_str()];
        let member_schema = if known.is_null() {
            &schema["additionalProperties"]
        } else {
            known
        };
        if *member_schema == Value::Bool(false) {
            return Err(format!("unknown member {key}"));
        }
        conforms(member, member_schema, root).map_err(|place| format!("{key}: {place}"))?;
    }
    for key in schema["required"].as_array().into_iter().flatten() {
        if value.get(key.as_str().unwrap()).is_none() {
            return Err(format!("{key} is missing"));
        }
    }
    Ok(())
}
