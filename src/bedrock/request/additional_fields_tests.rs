use prost_types::Value;

use super::*;
use crate::bedrock::test_server::body_of;
use crate::bedrock::test_server::model;
use crate::proto::InferenceConfig;
use crate::provider::Adaptation;
use crate::provider::Effort;
use crate::provider::Reasoning;
use crate::provider::ReasoningMode;
use crate::registry::Model;
use crate::registry::ReasoningStyle;

fn object(members: impl IntoIterator<Item = (&'static str, Kind)>) -> Struct {
    let members = members.into_iter();
    Struct {
        fields: members
            .map(|(name, kind)| (name.to_owned(), Value { kind: Some(kind) }))
            .collect(),
    }
}

fn number(number: f64) -> Kind {
    Kind::NumberValue(number)
}

fn nova() -> Model {
    let mut nova = model();
    nova.capabilities.top_k = TopK::Nova;
    nova.capabilities.reasoning = ReasoningStyle::Nova;
    nova
}

/// The additional fields that are sent, for a request with a `top_k` of 40.
async fn sent(own: Option<Struct>, adaptation: &Adaptation, model: &Model) -> String {
    let request = InvokeRequest {
        prompt: "Hi".to_owned(),
        inference_config: Some(InferenceConfig {
            top_k: Some(40),
            ..InferenceConfig::default()
        }),
        additional_model_request_fields: own,
        ..InvokeRequest::default()
    };
    let body = body_of(&request, adaptation, model).await;
    let rest = body.strip_prefix(r#"{"additionalModelRequestFields":"#);
    let rest = rest.and_then(|rest| rest.split_once(r#","messages""#));
    rest.map_or_else(String::new, |(fields, _)| fields.to_owned())
}

#[tokio::test]
async fn what_fields_become_stands_beside_the_callers_own() {
    let own = object([("count", number(1024.0))]);
    let thinking = Adaptation {
        reasoning: Some(Reasoning {
            mode: ReasoningMode::Budget(2000),
            effort: None,
        }),
        ..Adaptation::default()
    };

    assert_eq!(
        sent(Some(own), &thinking, &model()).await,
        r#"{"count":1024,"thinking":{"type":"enabled","budget_tokens":2000},"top_k":40}"#
    );
}

#[tokio::test]
async fn novas_object_holds_what_the_caller_put_into_it() {
    let inner = object([("topP", number(0.5)), ("other", number(7.0))]);
    let own = object([
        ("inferenceConfig", Kind::StructValue(inner)),
        ("z", number(1.0)),
    ]);
    let reasoning = Adaptation {
        reasoning: Some(Reasoning {
            mode: ReasoningMode::Free,
            effort: Some(Effort::Low),
        }),
        ..Adaptation::default()
    };

    assert_eq!(
        sent(Some(own), &reasoning, &nova()).await,
        r#"{"z":1,"reasoningConfig":{"type":"enabled","maxReasoningEffort":"low"},"inferenceConfig":{"other":7,"topP":0.5,"topK":40}}"#
    );
    assert_eq!(
        sent(None, &Adaptation::default(), &nova()).await,
        r#"{"inferenceConfig":{"topK":40}}"#
    );
}

#[tokio::test]
async fn nothing_is_sent_for_nothing() {
    let adaptation = Adaptation {
        omit_top_k: true,
        ..Adaptation::default()
    };

    assert_eq!(
        sent(Some(Struct::default()), &adaptation, &model()).await,
        ""
    );
}
