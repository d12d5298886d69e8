use bytes::Bytes;

use super::*;
use crate::bedrock::test_server::body_of;
use crate::bedrock::test_server::model;
use crate::proto::AudioBlock;
use crate::proto::Citation;
use crate::proto::CitationLocation;
use crate::proto::CitationsConfig;
use crate::proto::CitedContentBlock;
use crate::proto::CitedSourceContent;
use crate::proto::CitedText;
use crate::proto::ContentBlockError;
use crate::proto::DocumentBlock;
use crate::proto::DocumentChunk;
use crate::proto::DocumentChunks;
use crate::proto::DocumentRange;
use crate::proto::GuardImage;
use crate::proto::GuardText;
use crate::proto::ImageBlock;
use crate::proto::InvokeRequest;
use crate::proto::ReasoningText;
use crate::proto::S3Location;
use crate::proto::SearchResultBlock;
use crate::proto::SearchResultContentBlock;
use crate::proto::SearchResultRange;
use crate::proto::ToolAdditionBlock;
use crate::proto::ToolRemovalBlock;
use crate::proto::ToolResultBlock;
use crate::proto::ToolResultContentBlock;
use crate::proto::ToolResultStatus;
use crate::proto::ToolUseBlock;
use crate::proto::ToolUseType;
use crate::proto::VideoBlock;
use crate::proto::WebLocation;
use crate::proto::audio_block;
use crate::proto::citation_location::Location;
use crate::proto::cited_source_content;
use crate::proto::cited_text;
use crate::proto::document_block;
use crate::proto::document_chunk;
use crate::proto::image_block;
use crate::proto::tool_result_content_block;
use crate::proto::video_block;
use crate::provider::Adaptation;

/// The one block, as sent.
async fn sent(block: Block) -> String {
    let request = InvokeRequest {
        messages: vec![Message {
            role: Role::User.into(),
            content: vec![ContentBlock { block: Some(block) }],
        }],
        ..Default::default()
    };
    let body = body_of(&request, &Adaptation::default(), &model()).await;
    let block = body
        .strip_prefix(r#"{"messages":[{"role":"user","content":["#)
        .and_then(|rest| rest.strip_suffix("]}]}"));
    block.unwrap().to_owned()
}

fn location() -> S3Location {
    S3Location {
        uri: "s3://bucket/file.mkv".to_owned(),
        bucket_owner: "123456789012".to_owned(),
    }
}

fn search_result() -> SearchResultBlock {
    SearchResultBlock {
        source: "s".to_owned(),
        title: "t".to_owned(),
        content: vec![SearchResultContentBlock {
            text: "x".to_owned(),
        }],
        citations_config: Some(CitationsConfig { enabled: true }),
    }
}

fn document(source: document_block::Source) -> DocumentBlock {
    DocumentBlock {
        mime_type: String::new(),
        name: "doc".to_owned(),
        source: Some(source),
        context: "ctx".to_owned(),
        citations_config: Some(CitationsConfig { enabled: true }),
    }
}

#[tokio::test]
async fn media_are_carried_from_every_source() {
    let png = Bytes::from_static(b"\x89PNG\r\n\x1a\n");
    let image = ImageBlock {
        source: Some(image_block::Source::Data(png)),
        ..Default::default()
    };
    let video = VideoBlock {
        mime_type: String::new(),
        source: Some(video_block::Source::S3Location(location())),
    };
    let audio = AudioBlock {
        mime_type: "audio/x-matroska".to_owned(),
        source: Some(audio_block::Source::Data(Bytes::from_static(b"\x00"))),
        error: None,
    };

    assert_eq!(
        sent(Block::Image(image)).await,
        r#"{"image":{"format":"png","source":{"bytes":"iVBORw0KGgo="}}}"#
    );
    assert_eq!(
        sent(Block::Video(video)).await,
        r#"{"video":{"format":"mkv","source":{"s3Location":{"uri":"s3://bucket/file.mkv","bucketOwner":"123456789012"}}}}"#
    );
    assert_eq!(
        sent(Block::Audio(audio)).await,
        r#"{"audio":{"format":"mka","source":{"bytes":"AA=="}}}"#
    );
}

#[tokio::test]
async fn what_an_answer_said_of_its_media_is_not_sent_back() {
    let error = || {
        Some(ContentBlockError {
            message: "too dark".to_owned(),
        })
    };
    let image = ImageBlock {
        mime_type: "image/png".to_owned(),
        source: Some(image_block::Source::S3Location(location())),
        error: error(),
    };
    let audio = AudioBlock {
        mime_type: "audio/wav".to_owned(),
        source: Some(audio_block::Source::S3Location(location())),
        error: error(),
    };

    assert!(!sent(Block::Image(image)).await.contains("error"));
    assert!(!sent(Block::Audio(audio)).await.contains("error"));
}

#[tokio::test]
async fn documents_are_carried_in_every_form() {
    let chunk = DocumentChunk {
        content: Some(document_chunk::Content::Text("c".to_owned())),
    };
    let text = document(document_block::Source::Text("x".to_owned()));
    let chunks = document(document_block::Source::Chunks(DocumentChunks {
        chunks: vec![chunk],
    }));
    let data = document(document_block::Source::Data(Bytes::from_static(
        b"%PDF-1.7",
    )));

    assert_eq!(
        sent(Block::Document(text)).await,
        r#"{"document":{"format":"txt","name":"doc","source":{"text":"x"},"context":"ctx","citations":{"enabled":true}}}"#
    );
    assert_eq!(
        sent(Block::Document(chunks)).await,
        r#"{"document":{"format":"txt","name":"doc","source":{"content":[{"text":"c"}]},"context":"ctx","citations":{"enabled":true}}}"#
    );
    assert_eq!(
        sent(Block::Document(data)).await,
        r#"{"document":{"format":"pdf","name":"doc","source":{"bytes":"JVBERi0xLjc="},"context":"ctx","citations":{"enabled":true}}}"#
    );
}

#[tokio::test]
async fn tool_blocks_are_carried_whole() {
    let call = ToolUseBlock {
        tool_use_id: "t".to_owned(),
        name: "f".to_owned(),
        input_json: String::new(),
        r#type: ToolUseType::ServerToolUse.into(),
    };
    let piece = |block| ToolResultContentBlock { block: Some(block) };
    let result = ToolResultBlock {
        tool_use_id: "t".to_owned(),
        content: vec![
            piece(tool_result_content_block::Block::Text("x".to_owned())),
            piece(tool_result_content_block::Block::SearchResult(
                search_result(),
            )),
        ],
        status: ToolResultStatus::Error.into(),
        r#type: "web".to_owned(),
    };

    assert_eq!(
        sent(Block::ToolUse(call)).await,
        r#"{"toolUse":{"toolUseId":"t","name":"f","input":{},"type":"server_tool_use"}}"#
    );
    assert_eq!(
        sent(Block::ToolResult(result)).await,
        r#"{"toolResult":{"toolUseId":"t","content":[{"text":"x"},{"searchResult":{"source":"s","title":"t","content":[{"text":"x"}],"citations":{"enabled":true}}}],"status":"error","type":"web"}}"#
    );
}

#[tokio::test]
async fn reasoning_goes_back_unmodified() {
    let reasoning = |content| ReasoningBlock {
        content: Some(content),
        model: "claude".to_owned(),
    };
    let text = reasoning(reasoning_block::Content::ReasoningText(ReasoningText {
        text: String::new(),
        signature: "sig==".to_owned(),
    }));
    let redacted = reasoning(reasoning_block::Content::RedactedContent(
        Bytes::from_static(b"\x00\x01"),
    ));

    assert_eq!(
        sent(Block::Reasoning(text)).await,
        r#"{"reasoningContent":{"reasoningText":{"text":"","signature":"sig=="}}}"#
    );
    assert_eq!(
        sent(Block::Reasoning(redacted)).await,
        r#"{"reasoningContent":{"redactedContent":"AAE="}}"#
    );
}

#[tokio::test]
async fn citations_keep_every_kind_of_location() {
    let range = DocumentRange {
        document_index: 0,
        start: 1,
        end: 2,
    };
    let place = |location| CitationLocation {
        location: Some(location),
    };
    let cited = |location| Citation {
        title: "t".to_owned(),
        source: "s".to_owned(),
        source_content: vec![CitedSourceContent {
            content: Some(cited_source_content::Content::Text("w".to_owned())),
        }],
        location: Some(location),
    };
    let locations = [
        Location::Web(WebLocation {
            url: "u".to_owned(),
            domain: "d".to_owned(),
        }),
        Location::DocumentCharacters(range),
        Location::DocumentPages(range),
        Location::DocumentChunks(range),
        Location::SearchResult(SearchResultRange {
            search_result_index: 3,
            start: 1,
            end: 2,
        }),
    ];
    let block = CitedContentBlock {
        content: vec![CitedText {
            content: Some(cited_text::Content::Text("x".to_owned())),
        }],
        citations: locations.map(place).map(cited).into(),
    };

    let sent = sent(Block::CitedContent(block)).await;

    let prefix = r#"{"title":"t","source":"s","sourceContent":[{"text":"w"}],"location":"#;
    let places = [
        r#"{"web":{"url":"u","domain":"d"}}"#,
        r#"{"documentChar":{"documentIndex":0,"start":1,"end":2}}"#,
        r#"{"documentPage":{"documentIndex":0,"start":1,"end":2}}"#,
        r#"{"documentChunk":{"documentIndex":0,"start":1,"end":2}}"#,
        r#"{"searchResultLocation":{"searchResultIndex":3,"start":1,"end":2}}"#,
    ];
    let citations = places.map(|place| format!("{prefix}{place}}}")).join(",");
    assert_eq!(
        sent,
        format!(
            r#"{{"citationsContent":{{"content":[{{"text":"x"}}],"citations":[{citations}]}}}}"#
        )
    );
}

#[tokio::test]
async fn guarded_content_and_marks_are_carried() {
    let text = GuardContentBlock {
        content: Some(guard_content_block::Content::Text(GuardText {
            text: "x".to_owned(),
            qualifiers: vec![Qualifier::GroundingSource.into(), Qualifier::Query.into()],
        })),
    };
    let image = GuardContentBlock {
        content: Some(guard_content_block::Content::Image(GuardImage {
            mime_type: String::new(),
            data: Bytes::from_static(b"\xff\xd8\xff"),
        })),
    };
    let hour = CachePointBlock {
        ttl: Some(prost_types::Duration {
            seconds: 3600,
            nanos: 0,
        }),
        ..Default::default()
    };
    let tool = Some(ToolReference {
        r#type: "mcp".to_owned(),
        name: "n".to_owned(),
        server_name: "s".to_owned(),
    });
    let addition = ToolAdditionBlock { tool: tool.clone() };

    assert_eq!(
        sent(Block::GuardContent(text)).await,
        r#"{"guardContent":{"text":{"text":"x","qualifiers":["grounding_source","query"]}}}"#
    );
    assert_eq!(
        sent(Block::GuardContent(image)).await,
        r#"{"guardContent":{"image":{"format":"jpeg","source":{"bytes":"/9j/"}}}}"#
    );
    assert_eq!(
        sent(Block::CachePoint(hour)).await,
        r#"{"cachePoint":{"type":"default","ttl":"1h"}}"#
    );
    assert_eq!(
        sent(Block::SearchResult(search_result())).await,
        r#"{"searchResult":{"source":"s","title":"t","content":[{"text":"x"}],"citations":{"enabled":true}}}"#
    );
    assert_eq!(
        sent(Block::ToolAddition(addition)).await,
        r#"{"toolAddition":{"tool":{"type":"mcp","name":"n","serverName":"s"}}}"#
    );
    assert_eq!(
        sent(Block::ToolRemoval(ToolRemovalBlock { tool })).await,
        r#"{"toolRemoval":{"tool":{"type":"mcp","name":"n","serverName":"s"}}}"#
    );
}
