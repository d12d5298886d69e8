//! Finished messages, and streams of them, as a machine makes them up: for property tests.
//!
//! Every kind of block, alone and beside others, with anything in it that Bedrock could send.

use std::collections::VecDeque;
use std::fmt;
use std::time::Duration;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use prost::Message as _;
use prost_reflect::DescriptorPool;
use prost_reflect::DynamicMessage;

use crate::proto::AudioBlock;
use crate::proto::CachePointBlock;
use crate::proto::CacheWrite;
use crate::proto::Citation;
use crate::proto::CitationLocation;
use crate::proto::CitationsConfig;
use crate::proto::CitedContentBlock;
use crate::proto::CitedSourceContent;
use crate::proto::CitedText;
use crate::proto::ContentBlock;
use crate::proto::ContentBlockDeltaEvent;
use crate::proto::ContentBlockError;
use crate::proto::DocumentBlock;
use crate::proto::DocumentRange;
use crate::proto::FILE_DESCRIPTOR_SET;
use crate::proto::GuardContentBlock;
use crate::proto::GuardText;
use crate::proto::ImageBlock;
use crate::proto::ImageBlockDelta;
use crate::proto::LatencyMode;
use crate::proto::Message;
use crate::proto::ReasoningBlock;
use crate::proto::ReasoningBlockDelta;
use crate::proto::ReasoningText;
use crate::proto::Role;
use crate::proto::S3Location;
use crate::proto::SearchResultBlock;
use crate::proto::SearchResultContentBlock;
use crate::proto::ServiceTier;
use crate::proto::StopReason;
use crate::proto::ToolAdditionBlock;
use crate::proto::ToolReference;
use crate::proto::ToolRemovalBlock;
use crate::proto::ToolResultBlock;
use crate::proto::ToolResultBlockDelta;
use crate::proto::ToolResultContentBlock;
use crate::proto::ToolResultDeltaItem;
use crate::proto::ToolUseBlock;
use crate::proto::ToolUseBlockDelta;
use crate::proto::Usage;
use crate::proto::VideoBlock;
use crate::proto::WebLocation;
use crate::proto::audio_block;
use crate::proto::citation_location::Location;
use crate::proto::cited_source_content;
use crate::proto::cited_text;
use crate::proto::content_block::Block;
use crate::proto::content_block_delta_event::Delta;
use crate::proto::document_block;
use crate::proto::guard_content_block;
use crate::proto::image_block;
use crate::proto::image_block_delta;
use crate::proto::reasoning_block;
use crate::proto::reasoning_block_delta;
use crate::proto::tool_result_content_block;
use crate::proto::tool_result_delta_item;
use crate::proto::video_block;
use crate::provider::Completion;
use crate::provider::Event;
use crate::provider::Reply;

/// A made-up message; shows its content where a test fails.
pub(super) struct Made(pub(super) Reply);

impl fmt::Debug for Made {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pool = DescriptorPool::decode(FILE_DESCRIPTOR_SET).unwrap();
        let kind = pool.get_message_by_name("bedrock.gateway.v1.Message");
        let encoded = self.0.message.encode_to_vec();
        let message = DynamicMessage::decode(kind.unwrap(), &*encoded).unwrap();
        f.write_str(&serde_json::to_string(&message).unwrap())
    }
}

/// Any finished message, one without content included.
pub(super) fn replies() -> impl Strategy<Value = Made> {
    (
        vec(blocks(), 0..6),
        select(vec![
            StopReason::EndTurn,
            StopReason::ToolUse,
            StopReason::MaxTokens,
            StopReason::GuardrailIntervened,
            StopReason::Other,
        ]),
        text(),
        option::of(response_fields()),
        usages(),
    )
        .prop_map(|(blocks, stop_reason, raw_stop_reason, fields, usage)| {
            let blocks = blocks.into_iter();
            Made(Reply {
                message: Message {
                    role: Role::Assistant.into(),
                    content: blocks
                        .map(|block| ContentBlock { block: Some(block) })
                        .collect(),
                },
                stop_reason,
                raw_stop_reason,
                additional_model_response_fields: fields,
                request_id: "upstream-1".to_owned(),
                completion: Completion {
                    usage: Some(usage),
                    latency: Some(Duration::from_millis(7)),
                    latency_mode: LatencyMode::Optimized,
                    service_tier: ServiceTier::Flex,
                    prompt_router_model_id: "routed".to_owned(),
                    omitted_members: vec!["content[1].hologram".to_owned()],
                    ..Completion::default()
                },
            })
        })
}

/// Any block, of each of the kinds.
pub(super) fn blocks() -> impl Strategy<Value = Block> {
    prop_oneof![
        filled_text().prop_map(Block::Text),
        images().prop_map(Block::Image),
        documents().prop_map(Block::Document),
        (mime(), s3_location()).prop_map(|(mime_type, location)| Block::Video(VideoBlock {
            mime_type,
            source: Some(video_block::Source::S3Location(location)),
        })),
        (mime(), data(), option::of(problem())).prop_map(|(mime_type, data, error)| {
            Block::Audio(AudioBlock {
                mime_type,
                source: Some(audio_block::Source::Data(data.into())),
                error,
            })
        }),
        (text(), text(), json(), 0..2).prop_map(|(tool_use_id, name, input_json, r#type)| {
            Block::ToolUse(ToolUseBlock {
                tool_use_id,
                name,
                input_json,
                r#type,
            })
        }),
        (text(), vec(tool_result_items(), 0..4), 0..3, text()).prop_map(
            |(tool_use_id, content, status, r#type)| {
                Block::ToolResult(ToolResultBlock {
                    tool_use_id,
                    content,
                    status,
                    r#type,
                })
            }
        ),
        (text(), option::of(reasoning()))
            .prop_map(|(model, content)| { Block::Reasoning(ReasoningBlock { content, model }) }),
        (vec(text(), 0..3), vec(citations(), 0..3)).prop_map(|(texts, citations)| {
            let piece = |text| CitedText {
                content: Some(cited_text::Content::Text(text)),
            };
            Block::CitedContent(CitedContentBlock {
                content: texts.into_iter().map(piece).collect(),
                citations,
            })
        }),
        search_results().prop_map(Block::SearchResult),
        text().prop_map(|text| {
            let qualifiers = vec![1];
            let text = GuardText { text, qualifiers };
            Block::GuardContent(GuardContentBlock {
                content: Some(guard_content_block::Content::Text(text)),
            })
        }),
        (0..2).prop_map(|r#type| Block::CachePoint(CachePointBlock { r#type, ttl: None })),
        tools().prop_map(|tool| Block::ToolAddition(ToolAdditionBlock { tool: Some(tool) })),
        tools().prop_map(|tool| Block::ToolRemoval(ToolRemovalBlock { tool: Some(tool) })),
    ]
}

/// The same events with texts and data cut elsewhere and the blocks interleaved: `choices` says
/// where, and any choices give a legal order.
pub(super) fn recut(events: Vec<Event>, choices: &[usize]) -> Vec<Event> {
    let mut choices = choices.iter().copied().cycle();
    let mut choose = move |below: usize| choices.next().unwrap_or(0) % below;
    let mut blocks: VecDeque<VecDeque<Event>> = VecDeque::new();
    let mut before = Vec::new();
    let mut after = Vec::new();
    for event in events {
        match event {
            Event::MessageStart => before.push(event),
            Event::BlockStart(_) => blocks.push_back([event].into()),
            Event::BlockDelta(delta) => {
                let pieces = cut_delta(delta, &mut choose).into_iter();
                let block = blocks.back_mut().unwrap();
                block.extend(pieces.map(Event::BlockDelta));
            }
            Event::BlockStop(_) => blocks.back_mut().unwrap().push_back(event),
            Event::MessageStop(_) | Event::Completion(_) => after.push(event),
        }
    }
    let mut open: Vec<VecDeque<Event>> = Vec::new();
    while !(blocks.is_empty() && open.is_empty()) {
        let which = choose(open.len() + usize::from(!blocks.is_empty()));
        if which == open.len() {
            open.extend(blocks.pop_front());
        }
        before.extend(open[which].pop_front());
        open.retain(|block| !block.is_empty());
    }
    before.extend(after);
    before
}

fn cut_delta(
    event: ContentBlockDeltaEvent,
    choose: &mut impl FnMut(usize) -> usize,
) -> Vec<ContentBlockDeltaEvent> {
    let mut cut_text = |text: String| -> Vec<String> {
        let at = text.floor_char_boundary(choose(text.len() + 1));
        let (head, tail) = text.split_at(at);
        vec![head.to_owned(), tail.to_owned()]
    };
    let deltas: Vec<Delta> = match event.delta.unwrap() {
        Delta::Text(text) => cut_text(text).into_iter().map(Delta::Text).collect(),
        Delta::ToolUse(call) => cut_text(call.input_json)
            .into_iter()
            .map(|input_json| Delta::ToolUse(ToolUseBlockDelta { input_json }))
            .collect(),
        Delta::ToolResult(result) => result
            .items
            .into_iter()
            .flat_map(|item| match item.item.unwrap() {
                tool_result_delta_item::Item::Text(text) => cut_text(text)
                    .into_iter()
                    .map(tool_result_delta_item::Item::Text)
                    .collect(),
                json @ tool_result_delta_item::Item::Json(_) => vec![json],
            })
            .map(|item| {
                let items = vec![ToolResultDeltaItem { item: Some(item) }];
                Delta::ToolResult(ToolResultBlockDelta { items })
            })
            .collect(),
        Delta::Reasoning(part) => {
            use reasoning_block_delta::Delta as Part;
            let parts = match part.delta.unwrap() {
                Part::Text(text) => cut_text(text).into_iter().map(Part::Text).collect(),
                Part::RedactedContent(mut data) => {
                    let head = data.split_to(choose(data.len() + 1));
                    vec![Part::RedactedContent(head), Part::RedactedContent(data)]
                }
                signature @ Part::Signature(_) => vec![signature],
            };
            let delta = |part| Delta::Reasoning(ReasoningBlockDelta { delta: Some(part) });
            parts.into_iter().map(delta).collect()
        }
        Delta::Image(ImageBlockDelta {
            source: Some(image_block_delta::Source::Data(mut data)),
            error,
        }) => {
            let head = data.split_to(choose(data.len() + 1));
            let delta = |data, error| {
                let source = Some(image_block_delta::Source::Data(data));
                Delta::Image(ImageBlockDelta { source, error })
            };
            vec![delta(head, error), delta(data, None)]
        }
        other @ (Delta::Citation(_) | Delta::Image(_)) => vec![other],
    };
    deltas
        .into_iter()
        .map(|delta| ContentBlockDeltaEvent {
            content_block_index: event.content_block_index,
            delta: Some(delta),
        })
        .collect()
}

fn text() -> impl Strategy<Value = String> {
    "\\PC{0,12}"
}

fn filled_text() -> impl Strategy<Value = String> {
    "\\PC{1,24}"
}

/// Numbers that no double holds, and spellings that a parser would change.
fn json() -> impl Strategy<Value = String> {
    r#"\{("[a-z]{1,3}": ?-?[1-9][0-9]{0,30}(\.[0-9]{1,20})?(E[+-]?[0-9]{1,3})?)?\}"#
}

fn data() -> impl Strategy<Value = Vec<u8>> {
    vec(any::<u8>(), 0..40)
}

fn mime() -> impl Strategy<Value = String> {
    "[a-z]{1,5}/[a-z0-9]{1,5}"
}

fn problem() -> impl Strategy<Value = ContentBlockError> {
    text().prop_map(|message| ContentBlockError { message })
}

fn s3_location() -> impl Strategy<Value = S3Location> {
    (text(), text()).prop_map(|(uri, bucket_owner)| S3Location { uri, bucket_owner })
}

fn images() -> impl Strategy<Value = ImageBlock> {
    let sources = prop_oneof![
        data().prop_map(|data| image_block::Source::Data(data.into())),
        s3_location().prop_map(image_block::Source::S3Location),
    ];
    (mime(), option::of(sources), option::of(problem())).prop_map(|(mime_type, source, error)| {
        ImageBlock {
            mime_type,
            source,
            error,
        }
    })
}

fn documents() -> impl Strategy<Value = DocumentBlock> {
    (mime(), text(), data(), any::<bool>()).prop_map(|(mime_type, name, data, enabled)| {
        DocumentBlock {
            mime_type,
            name,
            source: Some(document_block::Source::Data(data.into())),
            citations_config: Some(CitationsConfig { enabled }),
            ..DocumentBlock::default()
        }
    })
}

fn search_results() -> impl Strategy<Value = SearchResultBlock> {
    (text(), text(), vec(text(), 0..3)).prop_map(|(source, title, texts)| SearchResultBlock {
        source,
        title,
        content: texts
            .into_iter()
            .map(|text| SearchResultContentBlock { text })
            .collect(),
        citations_config: None,
    })
}

fn tool_result_items() -> impl Strategy<Value = ToolResultContentBlock> {
    use tool_result_content_block::Block as Item;
    prop_oneof![
        4 => text().prop_map(Item::Text),
        4 => json().prop_map(Item::Json),
        1 => images().prop_map(Item::Image),
        1 => documents().prop_map(Item::Document),
        1 => search_results().prop_map(Item::SearchResult),
    ]
    .prop_map(|item| ToolResultContentBlock { block: Some(item) })
}

fn reasoning() -> impl Strategy<Value = reasoning_block::Content> {
    prop_oneof![
        (text(), text()).prop_map(|(text, signature)| {
            reasoning_block::Content::ReasoningText(ReasoningText { text, signature })
        }),
        data().prop_map(|data| reasoning_block::Content::RedactedContent(data.into())),
    ]
}

fn citations() -> impl Strategy<Value = Citation> {
    let locations = prop_oneof![
        (text(), text()).prop_map(|(url, domain)| Location::Web(WebLocation { url, domain })),
        (0..9, 0..9, 0..9).prop_map(|(document_index, start, end)| {
            Location::DocumentPages(DocumentRange {
                document_index,
                start,
                end,
            })
        }),
    ];
    (text(), text(), vec(text(), 0..3), option::of(locations)).prop_map(
        |(title, source, words, location)| {
            let words = words.into_iter().map(|text| CitedSourceContent {
                content: Some(cited_source_content::Content::Text(text)),
            });
            Citation {
                title,
                source,
                source_content: words.collect(),
                location: location.map(|location| CitationLocation {
                    location: Some(location),
                }),
            }
        },
    )
}

fn tools() -> impl Strategy<Value = ToolReference> {
    (text(), text(), text()).prop_map(|(r#type, name, server_name)| ToolReference {
        r#type,
        name,
        server_name,
    })
}

fn response_fields() -> impl Strategy<Value = prost_types::Struct> {
    vec((text(), -1e9..1e9), 0..3).prop_map(|fields| prost_types::Struct {
        fields: fields
            .into_iter()
            .map(|(name, number)| {
                let kind = Some(prost_types::value::Kind::NumberValue(number));
                (name, prost_types::Value { kind })
            })
            .collect(),
    })
}

fn usages() -> impl Strategy<Value = Usage> {
    vec(0..=i32::MAX, 6).prop_map(|tokens| Usage {
        input_tokens: tokens[0],
        output_tokens: tokens[1],
        total_tokens: tokens[2],
        cache_read_input_tokens: tokens[3],
        cache_write_input_tokens: tokens[4],
        cache_writes: vec![CacheWrite {
            ttl: None,
            input_tokens: tokens[5],
        }],
    })
}
