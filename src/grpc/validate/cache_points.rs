//! The rule for cache points together: what lives longer stands before what lives shorter, in the
//! order in which a model reads a request: tools, system instructions, messages.
//!
//! Source: Amazon Bedrock user guide, prompt caching, seen 2026-11-22.

use std::fmt;

use crate::grpc::validate::content::CACHE_SECONDS;
use crate::grpc::validate::content::MAX_ITEMS;
use crate::grpc::validate::conversation::Conversation;
use crate::grpc::validate::conversation::MAX_MESSAGES;
use crate::grpc::validate::path::Path;
use crate::grpc::validate::violation::Reason;
use crate::grpc::validate::violation::Violations;
use crate::proto::CachePointBlock;
use crate::proto::content_block::Block;
use crate::proto::system_content_block;
use crate::proto::tool::Tool;

/// How long an entry lives if its cache point does not say, in seconds.
const DEFAULT_SECONDS: i64 = 300;

/// Where a cache point stands.
#[derive(Clone, Copy)]
enum Place {
    Tool(usize),
    System(usize),
    Block(usize, usize),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tool(index) => write!(f, "tool_config.tools[{index}]"),
            Self::System(index) => write!(f, "system[{index}]"),
            Self::Block(message, block) => write!(f, "messages[{message}].content[{block}]"),
        }
    }
}

/// A cache point that lives longer than an earlier one is wrong.
pub(super) fn cache_points(found: &mut Violations, conversation: &Conversation<'_>) {
    let mut shortest: Option<(i64, Place)> = None;
    for (place, point) in points(conversation) {
        let seconds = (point.ttl.as_ref()).map_or(DEFAULT_SECONDS, |ttl| ttl.seconds);
        if !CACHE_SECONDS.contains(&seconds) {
            continue;
        }
        match shortest {
            Some((shorter, earlier)) if seconds > shorter => {
                let text = format_args!(
                    "is {seconds}s, but {earlier} before it lives {shorter}s; the longer ones come \
                     first, in the order tools, system, messages"
                );
                add(found, place, text);
            }
            Some((shorter, _)) if seconds == shorter => {}
            Some(_) | None => shortest = Some((seconds, place)),
        }
    }
}

/// All cache points in the order in which a model reads them.
fn points<'r>(
    conversation: &Conversation<'r>,
) -> impl Iterator<Item = (Place, &'r CachePointBlock)> {
    let tools = conversation
        .tool_config
        .map_or(&[][..], |config| config.tools.as_slice());
    let in_tools = tools.iter().enumerate().filter_map(|(index, tool)| {
        let Some(Tool::CachePoint(point)) = &tool.tool else {
            return None;
        };
        Some((Place::Tool(index), point))
    });
    let system = conversation.system.iter().take(MAX_ITEMS).enumerate();
    let in_system = system.filter_map(|(index, block)| {
        let Some(system_content_block::Block::CachePoint(point)) = &block.block else {
            return None;
        };
        Some((Place::System(index), point))
    });
    let messages = conversation.messages.iter().take(MAX_MESSAGES).enumerate();
    let in_messages = messages.flat_map(|(message, said)| {
        let blocks = said.content.iter().take(MAX_ITEMS).enumerate();
        blocks.filter_map(move |(index, block)| {
            let Some(Block::CachePoint(point)) = &block.block else {
                return None;
            };
            Some((Place::Block(message, index), point))
        })
    });
    in_tools.chain(in_system).chain(in_messages)
}

fn add(found: &mut Violations, place: Place, text: fmt::Arguments<'_>) {
    let root = Path::Root;
    let mut add = |item: Path<'_>| {
        let point = item.field("cache_point");
        found.add(&point.field("ttl"), Reason::Conflict, text);
    };
    match place {
        Place::Tool(index) => add(root.field("tool_config").field("tools").index(index)),
        Place::System(index) => add(root.field("system").index(index)),
        Place::Block(message, index) => {
            add(root
                .field("messages")
                .index(message)
                .field("content")
                .index(index));
        }
    }
}
