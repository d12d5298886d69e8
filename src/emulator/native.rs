//! The reply of a model's own API, of which Converse hands through the fields that are asked for.

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::emulator::answer::Answer;
use crate::emulator::catalog::Model;
use crate::emulator::converse;
use crate::emulator::invoke_model;
use crate::emulator::request::Asked;

/// The fields that a request asks for, under the names on the way to them. What is not there is left
/// out, and where nothing is there, so is the whole.
pub(super) fn fields(answer: &Answer, asked: &Asked, model: &Model) -> Option<Value> {
    let paths = &asked.response_paths;
    if paths.is_empty() {
        return None;
    }
    let reply = reply(answer, asked, model);
    let mut fields = Value::Object(Map::new());
    for path in paths {
        if let Some(value) = reply.pointer(path) {
            put(&mut fields, path, value);
        }
    }
    (fields != json!({})).then_some(fields)
}

fn put(fields: &mut Value, path: &str, value: &Value) {
    let mut place = fields;
    for name in path.split('/').skip(1) {
        if !place.is_object() {
            *place = Value::Object(Map::new());
        }
        let Some(members) = place.as_object_mut() else {
            return;
        };
        let name = name.replace("~1", "/").replace("~0", "~");
        place = members.entry(name).or_insert(Value::Null);
    }
    *place = value.clone();
}

/// Claude's message, or what most others have.
fn reply(answer: &Answer, asked: &Asked, model: &Model) -> Value {
    let mut reply = invoke_model::body(answer, asked, model);
    let Some(members) = reply.as_object_mut() else {
        return reply;
    };
    if model.is_claude() {
        let content: Vec<Value> = answer.blocks.iter().map(converse::content).collect();
        members.insert("content".to_owned(), json!(content));
    } else {
        members.insert("stop_reason".to_owned(), json!(answer.stop_reason));
        members.insert("stop_sequence".to_owned(), json!(answer.stop_sequence));
    }
    reply
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_stand_under_the_names_on_the_way_to_them() {
        let mut fields = json!({});

        put(&mut fields, "/usage/input_tokens", &json!(1));
        put(&mut fields, "/usage/output~1tokens", &json!(2));
        put(&mut fields, "/stop_sequence", &Value::Null);

        assert_eq!(
            fields,
            json!({"usage": {"input_tokens": 1, "output/tokens": 2}, "stop_sequence": null})
        );
    }
}
