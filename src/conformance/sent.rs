//! What an emulator was sent: a part of it that a case expects.

use serde_json::Value;

/// How far numbers may lie apart that are the same: the API has some as 32 bits.
const SAME: f64 = 1e-6;

/// Whether one of the expected is a part of one that was sent.
pub(super) fn is_any_in(expected: &[Value], sent: &[Value]) -> bool {
    sent.iter()
        .any(|body| expected.iter().any(|part| is_part(part, body)))
}

/// Objects may have more members, and lists more items behind; the rest is equal.
fn is_part(part: &Value, whole: &Value) -> bool {
    match (part, whole) {
        (Value::Object(part), Value::Object(whole)) => part
            .iter()
            .all(|(name, part)| whole.get(name).is_some_and(|whole| is_part(part, whole))),
        (Value::Array(part), Value::Array(whole)) => {
            let mut pairs = part.iter().zip(whole);
            part.len() <= whole.len() && pairs.all(|(part, whole)| is_part(part, whole))
        }
        (Value::Number(part), Value::Number(whole)) => {
            let numbers = part.as_f64().zip(whole.as_f64());
            numbers.is_some_and(|(part, whole)| (part - whole).abs() < SAME)
        }
        (part, whole) => part == whole,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn part_of_what_was_sent_is_found() {
        let body = json!({"messages": [{"content": [{"image": {"format": "png"}}, {"text": "a"}]}],
            "inferenceConfig": {"temperature": 0.200_000_003, "maxTokens": 3}});

        for part in [
            json!({}),
            json!({"inferenceConfig": {"temperature": 0.2}}),
            json!({"messages": [{"content": [{"image": {}}, {"text": "a"}]}]}),
        ] {
            assert!(is_part(&part, &body), "{part}");
        }
        for part in [
            json!({"inferenceConfig": {"temperature": 0.3}}),
            json!({"inferenceConfig": {"topP": 0.2}}),
            json!({"messages": [{"content": [{"text": "a"}]}]}),
            json!({"messages": [{}, {}]}),
        ] {
            assert!(!is_part(&part, &body), "{part}");
        }
        assert!(is_any_in(&[json!({"x": 1}), json!({})], &[body]));
        assert!(!is_any_in(&[json!({})], &[]));
    }
}
