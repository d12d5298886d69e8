use super::*;
use crate::bedrock::test_server::answer;
use crate::bedrock::test_server::converse_answer;
use crate::bedrock::test_server::reply_to;
use crate::proto::LatencyMode;
use crate::proto::ServiceTier;
use crate::proto::StopReason;
use crate::proto::citation_location::Location;
use crate::proto::document_block;
use crate::proto::image_block;
use crate::provider::ErrorKind;
use crate::provider::Reply;

async fn reply(content: &str) -> Reply {
    let reply = reply_to(converse_answer(content)).await;
    reply.map_err(|error| error.to_string()).unwrap()
}

async fn one_block(content: &str) -> Block {
    let mut reply = reply(&format!("[{content}]")).await;
    assert_eq!(reply.message.content.len(), 1);
    reply.message.content.remove(0).block.unwrap()
}

#[tokio::test]
async fn reasoning_carries_the_name_of_the_model() {
    let text = r#"{"reasoningContent":{"reasoningText":{"text":"hm","signature":"s"}}}"#;
    let redacted = r#"{"reasoningContent":{"redactedContent":"AAE="}}"#;

    let (Block::Reasoning(text), Block::Reasoning(redacted)) =
        (one_block(text).await, one_block(redacted).await)
    else {
        panic!("not reasoning");
    };

    assert_eq!(text.model, "claude");
    let Some(reasoning_block::Content::ReasoningText(reasoning)) = text.content else {
        panic!("not readable");
    };
    assert_eq!(
        (reasoning.text, reasoning.signature),
        ("hm".to_owned(), "s".to_owned())
    );
    let content = redacted.content.unwrap();
    assert!(content == reasoning_block::Content::RedactedContent(b"\x00\x01".as_slice().into()));
}

#[tokio::test]
async fn results_of_server_tools_keep_their_json() {
    let content = r#"{"toolResult":{"toolUseId":"t","type":"web","status":"success","content":[{"text":"x"},{"json":{"z":1.50,"a":[1e2]}},{"document":{"format":"md","name":"d","source":{"text":"x"}}},{"searchResult":{"source":"s","title":"t","content":[{"text":"x"}]}}]}}"#;

    let Block::ToolResult(result) = one_block(content).await else {
        panic!("not a tool result");
    };

    use tool_result_content_block::Block as Piece;
    assert_eq!(result.status(), ToolResultStatus::Success);
    assert_eq!(result.content.len(), 4);
    let Some(Piece::Json(json)) = &result.content[1].block else {
        panic!("not json");
    };
    assert_eq!(json, r#"{"z":1.50,"a":[1e2]}"#);
    let Some(Piece::Document(document)) = &result.content[2].block else {
        panic!("not a document");
    };
    assert_eq!(document.mime_type, "text/markdown");
    assert!(document.source == Some(document_block::Source::Text("x".to_owned())));
}

#[tokio::test]
async fn images_and_citations_are_carried() {
    let image = r#"{"image":{"format":"webp","source":{"bytes":"AAE="},"error":{"message":"no"}}}"#;
    let cited = r#"{"citationsContent":{"content":[{"text":"x"}],"citations":[{"title":"t","source":"s","sourceContent":[{"text":"w"}],"location":{"searchResultLocation":{"searchResultIndex":3,"start":1,"end":2}}}]}}"#;

    let (Block::Image(image), Block::CitedContent(cited)) =
        (one_block(image).await, one_block(cited).await)
    else {
        panic!("other blocks");
    };

    assert_eq!(image.mime_type, "image/webp");
    assert!(image.source == Some(image_block::Source::Data(b"\x00\x01".as_slice().into())));
    assert_eq!(image.error.unwrap().message, "no");
    let location = cited.citations[0].location.as_ref().unwrap();
    let Some(Location::SearchResult(place)) = &location.location else {
        panic!("another place");
    };
    assert_eq!(
        (place.search_result_index, place.start, place.end),
        (3, 1, 2)
    );
}

#[tokio::test]
async fn everything_beside_the_message_is_carried() {
    let body = r#"{"output":{"message":{"role":"assistant","content":[{"text":"a"}]}},"stopReason":"pondering","usage":{"inputTokens":1,"outputTokens":2,"totalTokens":10,"cacheReadInputTokens":3,"cacheWriteInputTokens":4,"cacheDetails":[{"ttl":"5m","inputTokens":1},{"ttl":"1h","inputTokens":3}]},"metrics":{"latencyMs":7},"additionalModelResponseFields":{"n":3},"trace":{"promptRouter":{"invokedModelId":"m"}},"performanceConfig":{"latency":"optimized"},"serviceTier":{"type":"flex"}}"#;

    let reply = reply_to(answer("200 OK", &[], body)).await.ok().unwrap();

    assert_eq!(reply.stop_reason, StopReason::Other);
    assert_eq!(reply.raw_stop_reason, "pondering");
    let usage = &reply.completion.usage;
    assert_eq!(
        (
            usage.cache_read_input_tokens,
            usage.cache_write_input_tokens
        ),
        (3, 4)
    );
    let writes: Vec<_> = usage
        .cache_writes
        .iter()
        .map(|write| (write.ttl.unwrap().seconds, write.input_tokens))
        .collect();
    assert_eq!(writes, [(3600, 3), (300, 1)]);
    assert_eq!(reply.completion.prompt_router_model_id, "m");
    assert_eq!(reply.completion.service_tier, ServiceTier::Flex);
    assert_eq!(reply.completion.latency_mode, LatencyMode::Optimized);
    assert!(
        reply
            .additional_model_response_fields
            .unwrap()
            .fields
            .contains_key("n")
    );
}

#[tokio::test]
async fn an_answer_without_a_message_is_a_bad_answer() {
    let body = r#"{"stopReason":"end_turn"}"#;

    let error = reply_to(answer("200 OK", &[], body)).await.err().unwrap();

    assert_eq!(error.kind, ErrorKind::BadAnswer);
    assert_eq!(error.request_id, "11111111-2222-3333-4444-555555555555");
}
