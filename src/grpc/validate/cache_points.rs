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

/// A cache point that lives an hour is wrong after one that lives five minutes.
pub(super) fn cache_points(found: &mut Violations, conversation: &Conversation<'_>) {
    let [short, long] = CACHE_SECONDS;
    let mut first_short = None;
    for (place, point) in points(conversation) {
        // If a cache point does not say, its entry lives five minutes.
        let seconds = point.ttl.as_ref().map_or(short, |ttl| ttl.seconds);
        match first_short {
            None if seconds == short => first_short = Some(place),
            Some(earlier) if seconds == long => {
                let text = format_args!(
                    "is {long}s, but {earlier} before it lives {short}s; the longer ones come \
                     first, in the order tools, system, messages"
                );
                add(found, place, text);
            }
            None | Some(_) => {}
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
