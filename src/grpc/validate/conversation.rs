//! Rules for a conversation as a whole: what must be there, who says what, and in which order.

use crate::grpc::validate::cache_points::cache_points;
use crate::grpc::validate::content;
use crate::grpc::validate::content::{Check, MAX_ITEMS};
use crate::grpc::validate::path::Path;
use crate::grpc::validate::scalar;
use crate::grpc::validate::tool_config;
use crate::grpc::validate::tool_pairs;
use crate::grpc::validate::violation::Reason;
use crate::grpc::validate::violation::Violations;
use crate::proto::Message;
use crate::proto::Role;
use crate::proto::SystemContentBlock;
use crate::proto::ToolConfig;
use crate::proto::content_block::Block;
use crate::proto::guard_content_block;
use crate::provider::is_blank_answer;

/// Most messages of a request. No rule of Bedrock's: it is beyond any context window, and keeps a
/// request from being millions of empty messages.
pub(super) const MAX_MESSAGES: usize = 10_000;

/// What a model reads, as far as the edge looks at it as a whole.
pub(super) struct Conversation<'r> {
    pub(super) prompt: &'r str,
    pub(super) messages: &'r [Message],
    pub(super) system: &'r [SystemContentBlock],
    pub(super) tool_config: Option<&'r ToolConfig>,
    /// Whether the request is for a stored prompt, which may be the whole conversation.
    pub(super) is_for_prompt: bool,
}

pub(super) fn conversation(found: &mut Violations, conversation: &Conversation<'_>) {
    let mut check = Check {
        found: std::mem::take(found),
        ..Check::default()
    };
    prompt(&mut check.found, conversation);
    messages(&mut check, conversation);
    system(&mut check, conversation.system);
    if let Some(tools) = conversation.tool_config {
        tool_config::tool_config(&mut check, &Path::Root.field("tool_config"), tools);
    } else if let Some((message, block)) = tool_pairs::first_tool_block(conversation.messages) {
        let text = format_args!(
            "is required, because messages[{message}].content[{block}] is a tool call or result"
        );
        let path = Path::Root.field("tool_config");
        check.found.add(&path, Reason::Required, text);
    }
    if check.cache_points > 1 {
        cache_points(&mut check.found, conversation);
    }
    *found = check.found;
}

fn prompt(found: &mut Violations, conversation: &Conversation<'_>) {
    let path = Path::Root.field("prompt");
    if conversation.prompt.is_empty() {
        if conversation.messages.is_empty() && !conversation.is_for_prompt {
            let text = format_args!("is required: set prompt or messages");
            found.add(&path, Reason::Required, text);
        }
    } else {
        scalar::not_blank(found, &path, conversation.prompt);
    }
}

fn messages<'r>(check: &mut Check<'r>, conversation: &Conversation<'r>) {
    let path = Path::Root.field("messages");
    let all = conversation.messages;
    scalar::max_count(&mut check.found, &path, all.len(), MAX_MESSAGES, "messages");
    first_speaker(&mut check.found, &path, conversation);
    let last = all.len().saturating_sub(1);
    for (index, said) in all.iter().take(MAX_MESSAGES).enumerate() {
        let is_joined_by_prompt =
            index == last && said.role() == Role::User && !conversation.prompt.is_empty();
        message(check, &path.index(index), said, is_joined_by_prompt);
    }
    tool_pairs::tool_pairs(&mut check.found, &path, all);
}

/// The first message that is not ROLE_SYSTEM is the user's.
fn first_speaker(found: &mut Violations, path: &Path<'_>, conversation: &Conversation<'_>) {
    let first = conversation
        .messages
        .iter()
        .enumerate()
        .find(|(_, message)| message.role != i32::from(Role::System));
    match first {
        Some((index, message)) if message.role() == Role::Assistant => {
            let text = format_args!(
                "is ROLE_ASSISTANT; the first message that is not ROLE_SYSTEM must be ROLE_USER"
            );
            let path = path.index(index);
            found.add(&path.field("role"), Reason::Misplaced, text);
        }
        None if conversation.prompt.is_empty()
            && !conversation.messages.is_empty()
            && !conversation.is_for_prompt =>
        {
            let text = format_args!("has no ROLE_USER message, and prompt is not set");
            found.add(path, Reason::Required, text);
        }
        Some(_) | None => {}
    }
}

fn message<'r>(check: &mut Check<'r>, path: &Path<'_>, message: &'r Message, has_prompt: bool) {
    let found = &mut check.found;
    scalar::specified::<Role>(found, &path.field("role"), message.role);
    let path = path.field("content");
    let blocks = &message.content;
    if blocks.is_empty() {
        let text = format_args!("is required: at least one block");
        found.add(&path, Reason::Required, text);
    }
    scalar::max_count(found, &path, blocks.len(), MAX_ITEMS, "blocks");

    let mut document = None;
    let mut has_text = has_prompt;
    for (index, block) in blocks.iter().take(MAX_ITEMS).enumerate() {
        let path = path.index(index);
        if let Some(block) = &block.block {
            placement(&mut check.found, &path, message.role(), block);
            has_text |= is_text(block);
            if matches!(block, Block::Document(_)) {
                document = document.or(Some(index));
            }
        }
        // A caller may repeat an answer as it came.
        if !is_blank_answer(message.role(), block) {
            content::block(check, &path, block);
        }
    }
    if let Some(document) = document
        && !has_text
    {
        let text = format_args!(
            "has a document, content[{document}], but no text block beside it; add one"
        );
        check.found.add(&path, Reason::Required, text);
    }
}

fn is_text(block: &Block) -> bool {
    match block {
        Block::Text(_) => true,
        Block::GuardContent(guarded) => {
            matches!(guarded.content, Some(guard_content_block::Content::Text(_)))
        }
        _ => false,
    }
}

/// A block of this kind may stand in a message of this role.
fn placement(found: &mut Violations, path: &Path<'_>, role: Role, block: &Block) {
    let allowed = match block {
        Block::Text(_) => return,
        Block::Document(_) | Block::Video(_) | Block::Audio(_) | Block::SearchResult(_) => {
            [Role::User].as_slice()
        }
        Block::ToolUse(_) | Block::Reasoning(_) | Block::CitedContent(_) => &[Role::Assistant],
        Block::Image(_) | Block::ToolResult(_) | Block::GuardContent(_) | Block::CachePoint(_) => {
            &[Role::User, Role::Assistant]
        }
        Block::ToolAddition(_) | Block::ToolRemoval(_) => &[Role::System],
    };
    if role == Role::Unspecified || allowed.contains(&role) {
        return;
    }
    let path = path.field(content::kind(block));
    let is = role.as_str_name();
    let text = match allowed {
        [one] => format!("is in a {is} message; allowed in {}", one.as_str_name()),
        _ => format!("is in a {is} message; allowed in ROLE_USER and ROLE_ASSISTANT"),
    };
    found.add(&path, Reason::Misplaced, format_args!("{text}"));
}

fn system(check: &mut Check<'_>, blocks: &[SystemContentBlock]) {
    let path = Path::Root.field("system");
    scalar::max_count(&mut check.found, &path, blocks.len(), MAX_ITEMS, "blocks");
    for (index, block) in blocks.iter().take(MAX_ITEMS).enumerate() {
        content::system_block(check, &path.index(index), block);
    }
}
