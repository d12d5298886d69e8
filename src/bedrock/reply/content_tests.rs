use std::sync::Arc;

use super::*;
use crate::bedrock::Bedrock;
use crate::bedrock::test_server::TestServer;
use crate::bedrock::test_server::answer;
use crate::bedrock::test_server::call;
use crate::bedrock::test_server::converse_answer;
use crate::bedrock::test_server::counting_config;
use crate::bedrock::test_server::model;
use crate::bedrock::test_server::reply_to;
use crate::proto::DocumentRange;
use crate::proto::InvokeRequest;
use crate::proto::LatencyMode;
use crate::proto::ServiceTier;
use crate::proto::StopReason;
use crate::proto::WebLocation;
use crate::proto::audio_block;
use crate::proto::cache_point_block;
use crate::proto::citation_location::Location;
use crate::proto::document_block;
use crate::proto::guard_content_block;
use crate::proto::guard_text::Qualifier;
use crate::proto::image_block;
use crate::proto::video_block;
use crate::provider::Adaptation;
use crate::provider::ErrorKind;
use crate::provider::Provider;
use crate::provider::Reply;
use crate::telemetry::Metrics;

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
async fn json_of_tools_keeps_its_spelling_though_no_tool_was_offered() {
    let content = r#"[{"text":"a"},{"toolUse":{"toolUseId":"t","name":"f","type":"server_tool_use","input":{"z":1.50, "a":18446744073709551616}}},{"toolResult":{"toolUseId":"t","content":[{"json":{"z":9007199254740993,"a":1e400}}]}}]"#;

    let content = reply(content).await.message.content;

    let Some(Block::ToolUse(call)) = &content[1].block else {
        panic!("no tool call");
    };
    assert_eq!(call.input_json, r#"{"z":1.50, "a":18446744073709551616}"#);
    assert_eq!(call.r#type(), ToolUseType::ServerToolUse);
    let Some(Block::ToolResult(result)) = &content[2].block else {
        panic!("no tool result");
    };
    let json = r#"{"z":9007199254740993,"a":1e400}"#.to_owned();
    assert!(result.content[0].block == Some(tool_result_content_block::Block::Json(json)));
}

#[tokio::test]
async fn a_tool_call_is_json_even_if_it_has_no_input() {
    for input in ["", r#","input":null"#, r#","input":{}"#] {
        let content = format!(r#"{{"toolUse":{{"toolUseId":"t","name":"f"{input}}}}}"#);

        let Block::ToolUse(call) = one_block(&content).await else {
            panic!("no tool call");
        };

        assert_eq!(call.input_json, "{}");
    }
}

#[tokio::test]
async fn media_are_carried_with_their_sources() {
    let content = r#"[
        {"audio":{"format":"mp3","source":{"s3Location":{"uri":"s3://b/k","bucketOwner":"111122223333"}},"error":{"message":"no"}}},
        {"video":{"format":"three_gp","source":{"bytes":"AAE="}}},
        {"document":{"format":"pdf","name":"d","source":{"content":[{"text":"x"}]},"context":"c","citations":{"enabled":true}}},
        {"image":{"format":"hologram","error":{"message":"no"}}}]"#;

    let reply = reply(content).await;

    let [audio, video, document, image] = &reply.message.content[..] else {
        panic!("other blocks");
    };
    let Some(Block::Audio(audio)) = &audio.block else {
        panic!("no audio");
    };
    assert_eq!(audio.mime_type, "audio/mpeg");
    assert_eq!(audio.error.as_ref().unwrap().message, "no");
    let Some(audio_block::Source::S3Location(location)) = &audio.source else {
        panic!("no location");
    };
    assert_eq!(
        (location.uri.as_str(), location.bucket_owner.as_str()),
        ("s3://b/k", "111122223333")
    );
    let Some(Block::Video(video)) = &video.block else {
        panic!("no video");
    };
    assert_eq!(video.mime_type, "video/3gpp");
    assert!(video.source == Some(video_block::Source::Data(b"\x00\x01".as_slice().into())));
    let Some(Block::Document(document)) = &document.block else {
        panic!("no document");
    };
    assert_eq!(
        (document.name.as_str(), document.context.as_str()),
        ("d", "c")
    );
    assert!(document.citations_config.unwrap().enabled);
    assert!(
        matches!(&document.source, Some(document_block::Source::Chunks(chunks)) if chunks.chunks.len() == 1)
    );
    let Some(Block::Image(image)) = &image.block else {
        panic!("no image");
    };
    assert_eq!(image.mime_type, "image/hologram");
    assert!(image.source.is_none());
    assert_eq!(reply.completion.omitted_members, [""; 0]);
}

#[tokio::test]
async fn blocks_that_an_answer_rarely_has_are_carried() {
    let content = r#"[
        {"guardContent":{"text":{"text":"x","qualifiers":["grounding_source","query","guard_content"]}}},
        {"guardContent":{"image":{"format":"jpeg","source":{"bytes":"AAE="}}}},
        {"cachePoint":{"type":"default","ttl":"1h"}},
        {"cachePoint":{"type":"default","ttl":"30m"}},
        {"toolAddition":{"tool":{"type":"mcp","name":"n","serverName":"s"}}},
        {"toolRemoval":{"tool":{"type":"tool","name":"n"}}}]"#;

    let reply = reply(content).await;

    let [text, image, hour, other, addition, removal] = &reply.message.content[..] else {
        panic!("other blocks");
    };
    let Some(Block::GuardContent(text)) = &text.block else {
        panic!("no guard content");
    };
    let Some(guard_content_block::Content::Text(text)) = &text.content else {
        panic!("no text");
    };
    assert_eq!(text.text, "x");
    let qualifiers: Vec<_> = text.qualifiers().collect();
    assert!(
        qualifiers
            == [
                Qualifier::GroundingSource,
                Qualifier::Query,
                Qualifier::GuardContent
            ]
    );
    let Some(Block::GuardContent(image)) = &image.block else {
        panic!("no guard content");
    };
    let Some(guard_content_block::Content::Image(image)) = &image.content else {
        panic!("no image");
    };
    assert_eq!(image.mime_type, "image/jpeg");
    assert_eq!(image.data.as_ref(), b"\x00\x01");
    for (point, seconds) in [(hour, 3600), (other, 1800)] {
        let Some(Block::CachePoint(point)) = &point.block else {
            panic!("no cache point");
        };
        assert!(point.r#type() == cache_point_block::Type::Default);
        assert_eq!(point.ttl.unwrap().seconds, seconds);
    }
    let Some(Block::ToolAddition(addition)) = &addition.block else {
        panic!("no addition");
    };
    let tool = addition.tool.as_ref().unwrap();
    assert_eq!(
        (
            tool.r#type.as_str(),
            tool.name.as_str(),
            tool.server_name.as_str()
        ),
        ("mcp", "n", "s")
    );
    let Some(Block::ToolRemoval(removal)) = &removal.block else {
        panic!("no removal");
    };
    assert_eq!(removal.tool.as_ref().unwrap().name, "n");
    assert_eq!(reply.completion.omitted_members, [""; 0]);
}

#[tokio::test]
async fn every_place_of_a_citation_is_carried() {
    let range = r#"{"documentIndex":1,"start":2,"end":3}"#;
    let content = format!(
        r#"[{{"citationsContent":{{"content":[{{"text":"x"}}],"citations":[
            {{"location":{{"web":{{"url":"u","domain":"d"}}}}}},
            {{"location":{{"documentChar":{range}}}}},
            {{"location":{{"documentPage":{range}}}}},
            {{"location":{{"documentChunk":{range}}}}}]}}}}]"#
    );

    let content = reply(&content).await.message.content;

    let Some(Block::CitedContent(cited)) = &content[0].block else {
        panic!("no citations");
    };
    let places: Vec<_> = cited
        .citations
        .iter()
        .map(|citation| {
            citation
                .location
                .as_ref()
                .unwrap()
                .location
                .clone()
                .unwrap()
        })
        .collect();
    let range = DocumentRange {
        document_index: 1,
        start: 2,
        end: 3,
    };
    let web = WebLocation {
        url: "u".to_owned(),
        domain: "d".to_owned(),
    };
    assert!(
        places
            == [
                Location::Web(web),
                Location::DocumentCharacters(range),
                Location::DocumentPages(range),
                Location::DocumentChunks(range)
            ]
    );
}

#[tokio::test]
async fn what_the_sdk_does_not_know_is_left_out_by_name() {
    let content = r#"[{"text":"a"},{"hologram":{"x":1e400}},{"toolResult":{"toolUseId":"t","status":"so-so","content":[{"smell":"words"},{"text":"b"},{"document":{"format":"md","name":"d","source":{"content":[{"cloud":{}}]}}}]}},{"reasoningContent":{"feeling":{}}},{"citationsContent":{"content":[{"text":"x"},{"sound":{}}],"citations":[{"sourceContent":[{"sound":{}}],"location":{"planet":{}}}]}},{"guardContent":{"smell":{}}},{"guardContent":{"text":{"text":"x","qualifiers":["query","doubt"]}}},{"cachePoint":{"type":"fresh","ttl":"soon"}},{"image":{"format":"png","source":{"cloud":{}}}},{"toolUse":{"toolUseId":"t","name":"f","input":{},"type":"magic"}},{"__type":"t","image":null,"words of the model":{}}]"#;

    let reply = reply(content).await;

    assert_eq!(reply.message.content.len(), 7);
    assert_eq!(
        reply.completion.omitted_members,
        [
            "content[1].hologram",
            "content[2].toolResult.content[0].smell",
            "content[2].toolResult.content[2].document.source.content[0].cloud",
            "content[2].toolResult.status.so-so",
            "content[3].reasoningContent.feeling",
            "content[4].citationsContent.content[1].sound",
            "content[4].citationsContent.citations[0].sourceContent[0].sound",
            "content[4].citationsContent.citations[0].location.planet",
            "content[5].guardContent.smell",
            "content[6].guardContent.text.qualifiers[1].doubt",
            "content[7].cachePoint.type.fresh",
            "content[7].cachePoint.ttl.soon",
            "content[8].image.source.cloud",
            "content[9].toolUse.type.magic",
            "content[10].unnamed",
        ]
    );
}

#[tokio::test]
async fn values_that_are_unknown_are_unspecified_and_listed() {
    let body = r#"{"output":{"message":{"role":"assistant","content":[]}},"stopReason":"pondering","usage":{"inputTokens":1,"outputTokens":2,"totalTokens":3,"cacheDetails":[{"ttl":"1h","inputTokens":3},{"ttl":"ever","inputTokens":1}]},"metrics":{"latencyMs":7},"trace":{"guardrail":{"inputAssessment":{"arn:1":{"topicPolicy":{"topics":[{"name":"n","type":"DENY","action":"SIGHED"}]},"contentPolicy":{"filters":[{"type":"HATE","confidence":"SOME","filterStrength":"MORE","action":"NONE"}]}}},"outputAssessments":{"arn:1":[{},{"automatedReasoningPolicy":{"findings":[{"tooComplex":{}},{"dreamt":{}}]}}]}}},"performanceConfig":{"latency":"instant"},"serviceTier":{"type":"turbo"}}"#;

    let reply = reply_to(answer("200 OK", &[], body)).await.ok().unwrap();

    let completion = &reply.completion;
    let usage = completion.usage.as_ref().unwrap();
    assert_eq!(reply.stop_reason, StopReason::Other);
    assert_eq!(completion.service_tier, ServiceTier::Unspecified);
    assert_eq!(completion.latency_mode, LatencyMode::Unspecified);
    assert_eq!(usage.cache_writes[1].ttl, None);
    assert_eq!(usage.cache_writes[1].input_tokens, 1);
    assert_eq!(
        completion.omitted_members,
        [
            "stopReason.pondering",
            "usage.cacheDetails[1].ttl.ever",
            "performanceConfig.latency.instant",
            "serviceTier.type.turbo",
            "trace.guardrail.inputAssessment.*.topicPolicy.topics[0].action.SIGHED",
            "trace.guardrail.inputAssessment.*.contentPolicy.filters[0].confidence.SOME",
            "trace.guardrail.inputAssessment.*.contentPolicy.filters[0].filterStrength.MORE",
            "trace.guardrail.outputAssessments.*[1].automatedReasoningPolicy.findings[1].dreamt",
        ]
    );
}

#[tokio::test]
async fn what_is_not_there_is_not_made_up() {
    let body = r#"{"output":{"message":{"content":[{"image":{"error":{"message":"no"}}},{"cachePoint":{}}]}},"trace":{"guardrail":{"inputAssessment":{"g":{"topicPolicy":{"topics":[{"name":"n"}]}}}}},"serviceTier":{}}"#;

    let reply = reply_to(answer("200 OK", &[], body)).await.ok().unwrap();

    assert_eq!(reply.stop_reason, StopReason::Unspecified);
    assert_eq!(reply.raw_stop_reason, "");
    let Some(Block::Image(image)) = &reply.message.content[0].block else {
        panic!("no image");
    };
    assert_eq!(image.mime_type, "");
    let trace = reply.completion.guardrail_trace.unwrap();
    assert_eq!(trace.input_assessments["g"].topics[0].r#type, "");
    assert_eq!(reply.completion.omitted_members, [""; 0]);
}

#[tokio::test]
async fn a_part_that_is_left_out_is_counted() {
    let metrics = Arc::<Metrics>::default();
    let content = r#"[{"hologram":{}},{"hologram":{}},{"cachePoint":{"type":"fresh"}}]"#;

    let server = TestServer::start(vec![converse_answer(content)]).await;
    let bedrock = Bedrock::new(&counting_config(server.address(), Arc::clone(&metrics)).await);
    let (model, adaptation) = (model(), Adaptation::default());
    let request = InvokeRequest {
        prompt: "Hi".to_owned(),
        ..Default::default()
    };
    let reply = bedrock.invoke(call(&model, &request, &adaptation)).await;

    assert!(reply.is_ok());
    assert_eq!(metrics.omitted_parts.members.value(), 2);
    assert_eq!(metrics.omitted_parts.values.value(), 1);
    assert_eq!(metrics.omitted_parts.events.value(), 0);
}

#[tokio::test]
async fn everything_beside_the_message_is_carried() {
    let body = r#"{"output":{"message":{"role":"assistant","content":[{"text":"a"}]}},"stopReason":"pondering","usage":{"inputTokens":1,"outputTokens":2,"totalTokens":10,"cacheReadInputTokens":3,"cacheWriteInputTokens":4,"cacheDetails":[{"ttl":"5m","inputTokens":1},{"ttl":"1h","inputTokens":3}]},"metrics":{"latencyMs":7},"additionalModelResponseFields":{"n":3},"trace":{"promptRouter":{"invokedModelId":"m"}},"performanceConfig":{"latency":"optimized"},"serviceTier":{"type":"flex"}}"#;

    let reply = reply_to(answer("200 OK", &[], body)).await.ok().unwrap();

    assert_eq!(reply.stop_reason, StopReason::Other);
    assert_eq!(reply.raw_stop_reason, "pondering");
    let usage = reply.completion.usage.unwrap();
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
async fn an_answer_without_a_message_is_a_bad_answer_whose_usage_is_known() {
    let body = r#"{"stopReason":"end_turn","usage":{"inputTokens":1,"outputTokens":2,"totalTokens":3},"serviceTier":{"type":"flex"}}"#;

    let error = reply_to(answer("200 OK", &[], body)).await.err().unwrap();

    assert_eq!(error.kind, ErrorKind::BadAnswer);
    assert_eq!(error.request_id, "11111111-2222-3333-4444-555555555555");
    let completion = error.completion.unwrap();
    assert_eq!(completion.usage.unwrap().output_tokens, 2);
    assert_eq!(completion.service_tier, ServiceTier::Flex);
}

#[tokio::test]
async fn usage_that_the_upstream_does_not_report_is_unknown_and_not_zero() {
    let body = r#"{"output":{"message":{"role":"assistant","content":[{"text":"a"}]}},"stopReason":"end_turn"}"#;

    let reply = reply_to(answer("200 OK", &[], body)).await.ok().unwrap();

    assert_eq!(reply.completion.usage, None);
}
