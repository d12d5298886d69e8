//! ModelService and CountTokens.

use std::collections::BTreeSet;

use bedrock_gateway::proto::CountTokensRequest;
use bedrock_gateway::proto::GetModelRequest;
use bedrock_gateway::proto::ListModelsRequest;
use bedrock_gateway::proto::model::State;
use serde_json::json;
use tonic::Code;
use tonic::Request;

use crate::support::FIRST;
use crate::support::Gateway;
use crate::support::LAST;
use crate::support::SECOND;
use crate::support::proto_json;
use crate::support::reason;

#[tokio::test]
async fn pages_hold_every_model_once_in_order_of_attempts() {
    let gateway = Gateway::start().await;
    let mut client = gateway.models();
    let mut names = Vec::new();
    let mut page_token = String::new();

    loop {
        let request = ListModelsRequest {
            page_size: 3,
            page_token,
        };
        let page = client.list_models(request).await.unwrap().into_inner();
        assert!(page.models.len() <= 3);
        names.extend(
            page.models
                .into_iter()
                .map(|model| (model.priority, model.name)),
        );
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }

    assert_eq!(names.len(), 8);
    assert!(names.is_sorted());
    assert_eq!(
        names
            .iter()
            .map(|(_, name)| name)
            .collect::<BTreeSet<_>>()
            .len(),
        8
    );
    assert_eq!(names[0], (1, FIRST.to_owned()));
    assert_eq!(names[7], (9, LAST.to_owned()));
}

#[tokio::test]
async fn page_token_that_nobody_gave_is_refused() {
    let gateway = Gateway::start().await;
    let request = ListModelsRequest {
        page_size: 0,
        page_token: "next".to_owned(),
    };

    let status = gateway.models().list_models(request).await.unwrap_err();

    assert_eq!(status.code(), Code::InvalidArgument);
}

#[tokio::test]
async fn answers_carry_the_callers_request_id() {
    fn named<T>(message: T) -> Request<T> {
        let mut request = Request::new(message);
        let id = "order-7".parse().unwrap();
        request.metadata_mut().insert("x-request-id", id);
        request
    }
    let gateway = Gateway::start().await;
    let list = named(ListModelsRequest::default());
    let get = named(GetModelRequest {
        name: FIRST.to_owned(),
    });
    let count = named(CountTokensRequest {
        prompt: "Hi".to_owned(),
        ..CountTokensRequest::default()
    });

    let list = gateway.models().list_models(list).await.unwrap();
    let get = gateway.models().get_model(get).await.unwrap();
    let count = gateway.inference().count_tokens(count).await.unwrap();

    for answer in [list.metadata(), get.metadata(), count.metadata()] {
        assert_eq!(answer.get("x-request-id").unwrap(), "order-7");
    }
}

#[tokio::test]
async fn model_shows_its_state_price_and_limits() {
    let gateway = Gateway::start().await;
    let mut client = gateway.models();

    let request = GetModelRequest {
        name: FIRST.to_owned(),
    };
    let first = client
        .get_model(request)
        .await
        .unwrap()
        .into_inner()
        .model
        .unwrap();
    let request = GetModelRequest {
        name: "claude-3-opus".to_owned(),
    };
    let retired = client
        .get_model(request)
        .await
        .unwrap()
        .into_inner()
        .model
        .unwrap();

    assert_eq!(first.state(), State::Active);
    assert_eq!(first.context_window_tokens, 200_000);
    assert_eq!(
        first.pricing.unwrap().input_nanos_per_million_tokens,
        15_000_000_000
    );
    assert!(
        first
            .bedrock_model_id
            .starts_with("arn:aws:bedrock:us-east-1:")
    );
    assert_eq!(retired.state(), State::Retired);
    assert!(!retired.replacement.is_empty());
}

#[tokio::test]
async fn unknown_model_is_not_found() {
    let gateway = Gateway::start().await;
    for (name, hint) in [
        ("nobody", "ListModels names them"),
        // Of a model that can be called, rather than of one that was retired.
        ("claude-sonet", "did you mean \"claude-sonnet-4-5\"?"),
    ] {
        let request = GetModelRequest {
            name: name.to_owned(),
        };

        let status = gateway.models().get_model(request).await.unwrap_err();

        assert_eq!(status.code(), Code::NotFound);
        assert_eq!(reason(&status), "MODEL_NOT_FOUND");
        let message = format!("no model is named \"{name}\"; {hint}");
        assert_eq!(status.message(), message);
    }
}

#[tokio::test]
async fn conversation_that_another_model_began_can_be_counted() {
    let gateway = Gateway::start().await;
    let thought = json!({"reasoning": {"model": LAST, "reasoningText": {"text": "hm"}}});
    let request = json!({
        "model": FIRST,
        "messages": [
            {"role": "ROLE_USER", "content": [{"text": "Hi"}, {"cachePoint": {"ttl": "300s"}}]},
            {"role": "ROLE_ASSISTANT", "content": [{"text": ""}, thought, {"text": "Hello"}]},
        ],
        "prompt": "How are you?",
    });
    let request: CountTokensRequest = proto_json::read(&request).unwrap();

    let counted = gateway.inference().count_tokens(request).await.unwrap();

    assert!(counted.into_inner().input_tokens > 0);
    assert_eq!(
        gateway.bodies()[0]["input"]["converse"]["messages"][1]["content"],
        json!([{"text": "Hello"}])
    );
}

#[tokio::test]
async fn tokens_are_counted_as_they_are_billed() {
    let gateway = Gateway::start().await;
    let request = CountTokensRequest {
        model: SECOND.to_owned(),
        prompt: "How many tokens is this?".to_owned(),
        ..CountTokensRequest::default()
    };

    let count = gateway
        .inference()
        .count_tokens(request)
        .await
        .unwrap()
        .into_inner();
    let mut invoke = crate::support::prompt("How many tokens is this?");
    invoke.model = SECOND.to_owned();
    let answer = gateway
        .inference()
        .invoke(invoke)
        .await
        .unwrap()
        .into_inner();

    assert_eq!(count.model, SECOND);
    assert_eq!(
        count.input_tokens,
        answer.metadata.unwrap().usage.unwrap().input_tokens
    );
    assert_eq!(
        gateway.emulator().journal()[0].model_id,
        "anthropic.claude-sonnet-4-5-20250929-v1:0"
    );
}

#[tokio::test]
async fn model_that_cannot_count_says_so() {
    let gateway = Gateway::start().await;
    let request = CountTokensRequest {
        model: LAST.to_owned(),
        prompt: "Hi".to_owned(),
        ..CountTokensRequest::default()
    };

    let status = gateway.inference().count_tokens(request).await.unwrap_err();

    assert_eq!(status.code(), Code::FailedPrecondition);
    assert_eq!(reason(&status), "CAPABILITY_UNSUPPORTED");
}
