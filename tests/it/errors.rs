//! What a caller learns when its request is at fault.

use bedrock_gateway::proto::ContentBlock;
use bedrock_gateway::proto::InvokeRequest;
use bedrock_gateway::proto::Message;
use bedrock_gateway::proto::Role;
use bedrock_gateway::proto::content_block::Block;
use tonic::Code;
use tonic::Request;
use tonic_types::StatusExt;

use crate::support::Gateway;
use crate::support::prompt;
use crate::support::reason;

#[tokio::test]
async fn every_violation_is_reported_at_once_with_its_path() {
    let gateway = Gateway::start().await;
    let mut request = prompt("");
    request.inference_config.as_mut().unwrap().temperature = Some(3.0);
    request.messages = vec![Message {
        role: Role::User.into(),
        content: vec![ContentBlock {
            block: Some(Block::Text(" ".to_owned())),
        }],
    }];

    let status = gateway.inference().invoke(request).await.unwrap_err();

    assert_eq!(status.code(), Code::InvalidArgument);
    assert_eq!(reason(&status), "INVALID_REQUEST");
    let violations = status.get_details_bad_request().unwrap().field_violations;
    let mut fields: Vec<&str> = violations
        .iter()
        .map(|violation| violation.field.as_str())
        .collect();
    fields.sort_unstable();
    assert_eq!(
        fields,
        [
            "inference_config.temperature",
            "messages[0].content[0].text"
        ]
    );
    assert!(
        !status
            .get_details_request_info()
            .unwrap()
            .request_id
            .is_empty()
    );
    assert_eq!(gateway.calls(), [""; 0]);
}

#[tokio::test]
async fn unknown_model_is_not_found_with_its_field() {
    let gateway = Gateway::start().await;
    let request = InvokeRequest {
        model: "gpt-9".to_owned(),
        ..prompt("Hi")
    };

    let status = gateway.inference().invoke(request).await.unwrap_err();

    assert_eq!(status.code(), Code::NotFound);
    assert_eq!(reason(&status), "MODEL_NOT_FOUND");
    assert_eq!(
        status.get_details_error_info().unwrap().metadata["field"],
        "model"
    );
}

#[tokio::test]
async fn removed_model_names_its_replacement() {
    let gateway = Gateway::start().await;
    let request = InvokeRequest {
        model: "anthropic.claude-v2:1".to_owned(),
        ..prompt("Hi")
    };

    let status = gateway.inference().invoke(request).await.unwrap_err();

    assert_eq!(status.code(), Code::NotFound);
    let info = status.get_details_error_info().unwrap();
    assert!(!info.metadata["replacement"].is_empty());
    assert!(status.message().contains(&info.metadata["replacement"]));
}

#[tokio::test]
async fn garbage_deadline_is_refused() {
    let gateway = Gateway::start().await;
    let mut request = Request::new(prompt("Hi"));
    request
        .metadata_mut()
        .insert("grpc-timeout", "soon".parse().unwrap());

    let status = gateway.inference().invoke(request).await.unwrap_err();

    assert_eq!(status.code(), Code::InvalidArgument);
    let violations = status.get_details_bad_request().unwrap().field_violations;
    assert_eq!(violations[0].field, "grpc-timeout");
}
