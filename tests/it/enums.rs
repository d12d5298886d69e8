//! Values of enums keep their meaning: those of answers are told apart, those of media come back as
//! they were.

use std::collections::BTreeSet;

use bedrock_gateway::emulator::Scenario;
use serde_json::Value;
use serde_json::json;

use crate::golden_answers::answer;
use crate::golden_requests::send;
use crate::golden_streams::stream;
use crate::support::golden;
use crate::support::golden::Case;
use crate::support::golden::MODEL;
use crate::support::shapes;

const MEDIA: [(&str, &str); 4] = [
    ("image", "ImageBlock"),
    ("document", "DocumentBlock"),
    ("video", "VideoBlock"),
    ("audio", "AudioBlock"),
];

#[tokio::test]
async fn values_of_enums_in_answers_are_told_apart() {
    let gateway = golden::gateway().await;
    let mut seen = BTreeSet::new();
    let mut alike = Vec::new();

    for case in golden::cases("answers", "response") {
        let response = golden::response(&case.input["reply"]);
        for (member, values) in shapes::enum_values("ConverseResponse", &response) {
            if seen.insert(member.clone()) {
                let mut answers = BTreeSet::new();
                for value in &values {
                    let reply = golden::reply(value.clone());
                    answers.insert(answer(&gateway, &reply).await.unwrap().to_string());
                }
                alike.extend((answers.len() < values.len()).then_some(member));
            }
        }
    }

    assert!(seen.len() > 20, "{seen:?}");
    assert!(alike.is_empty(), "{alike:?}");
}

#[tokio::test]
async fn values_of_enums_in_streams_are_told_apart() {
    let gateway = golden::gateway().await;
    let mut seen = BTreeSet::new();
    let mut alike = Vec::new();

    for case in golden::cases("streams", "events") {
        let events = &case.input["events"];
        for (member, values) in shapes::enum_values("[ConverseStreamOutput]", events) {
            // An answer is the model's, whatever it says.
            if member != "MessageStartEvent.role" && seen.insert(member.clone()) {
                let mut answers = BTreeSet::new();
                for value in &values {
                    answers.insert(stream(&gateway, value).await.unwrap().to_string());
                }
                alike.extend((answers.len() < values.len()).then_some(member));
            }
        }
    }

    assert!(seen.len() > 10, "{seen:?}");
    assert!(alike.is_empty(), "{alike:?}");
}

#[tokio::test]
async fn formats_of_media_go_out_as_they_came_in() {
    let gateway = golden::gateway().await;
    for (kind, shape) in MEDIA {
        let source = json!({"s3Location": {"uri": "s3://media/file"}});
        let mut block = json!({ kind: {"format": "", "source": source} });
        if kind == "document" {
            block[kind]["name"] = json!("a");
        }
        for format in shapes::values(shape, "format") {
            block[kind]["format"] = json!(format);
            let reply = json!({ "content": [block] });
            let answer = answer(&gateway, &reply).await.unwrap();
            let content = &answer["message"]["content"][0];

            let request = json!({"invoke": {"model": MODEL, "messages": [
                {"role": "ROLE_USER", "content": [content, {"text": "Hi"}]}
            ]}});
            gateway.emulator().set_scenario(MODEL, Scenario::default());
            let case = Case::new(&format!("{kind} {format}"), request);
            let call = send(&gateway, &case).await.unwrap().start;
            let body: Value = serde_json::from_str(&gateway.body_text(call)).unwrap();

            assert_eq!(body["messages"][0]["content"][0], block);
        }
    }
}
