//! What a request asks of a model, read off the request in one pass.

use std::cell::OnceCell;

use crate::proto::CachePointBlock;
use crate::proto::Capability;
use crate::proto::CitationsConfig;
use crate::proto::ContentBlock;
use crate::proto::GuardContentBlock;
use crate::proto::InvokeRequest;
use crate::proto::LatencyMode;
use crate::proto::Message;
use crate::proto::Role;
use crate::proto::ToolResultBlock;
use crate::proto::ToolResultStatus;
use crate::proto::content_block::Block;
use crate::proto::guard_content_block;
use crate::proto::system_content_block;
use crate::proto::tool;
use crate::proto::tool_result_content_block;
use crate::provider::is_blank_answer;
use crate::routing::estimate;
use crate::routing::media::Media;
use crate::routing::media::Place;

/// What a request asks of a model.
#[derive(Clone, Debug, Default)]
pub(super) struct Needs {
    /// What the request itself implies.
    implied: u32,
    /// What the caller requires beyond that.
    required: u32,
    /// Whether the caller asks for a stream.
    pub(super) wants_stream: bool,
    /// Whether the caller asks for the latency-optimized variant.
    pub(super) wants_optimized_latency: bool,
    /// Whether the conversation holds blank text of the assistant's.
    pub(super) has_blank_answers: bool,
    /// Whether the conversation holds reasoning blocks.
    pub(super) has_reasoning_blocks: bool,
    /// Whether anything in the request is marked for the prompt cache.
    pub(super) has_cache_points: bool,
    /// Whether the tools are marked for the prompt cache.
    pub(super) has_tool_cache_points: bool,
    /// Whether a cache point says how long it lives.
    pub(super) has_cache_ttl: bool,
    /// Whether a tool's result says whether the tool succeeded.
    pub(super) has_tool_result_status: bool,
    /// Whether a tool's result holds an image.
    pub(super) has_tool_result_images: bool,
    /// Whether instructions stand between the messages.
    pub(super) has_system_messages: bool,
    /// Whether the last message is the beginning of the model's answer.
    pub(super) has_prefill: bool,
    /// What stands beside the results of tools.
    pub(super) beside_tool_results: Beside,
    /// Where the assistant began the turn whose tool calls the last message answers.
    pub(super) open_tool_turn: Option<usize>,
    /// How many media there are, and how large.
    pub(super) media: Media,
    /// Bytes of all text and JSON that the model reads.
    text_bytes: usize,
    least_input_tokens: OnceCell<u64>,
}

/// What stands beside the results of tools in the same turn of the user.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Beside {
    /// Nothing.
    #[default]
    Nothing,
    /// Text, images or sound.
    Content,
    /// Documents or video.
    Files,
}

/// Neighbouring messages of one side, which Bedrock joins.
#[derive(Default)]
struct Turn {
    is_begun: bool,
    has_results: bool,
    beside: Beside,
}

impl Needs {
    /// Reads the needs of a request.
    pub(super) fn of(request: &InvokeRequest, wants_stream: bool) -> Self {
        let mut needs = Self {
            wants_stream,
            text_bytes: request.prompt.len(),
            ..Self::default()
        };
        for block in &request.system {
            match &block.block {
                Some(system_content_block::Block::CachePoint(point)) => needs.cache_point(point),
                Some(system_content_block::Block::Text(text)) => {
                    needs.imply(Capability::SystemPrompt);
                    needs.text_bytes += text.len();
                }
                Some(system_content_block::Block::GuardContent(guarded)) => {
                    needs.imply(Capability::SystemPrompt);
                    needs.guard_content(guarded, Place::default());
                }
                None => {}
            }
        }
        needs.read_messages(request);
        needs.read_tools(request);
        needs.read_parameters(request);
        needs
    }

    /// Whether the request itself needs this capability.
    pub(super) fn implies(&self, capability: Capability) -> bool {
        self.implied & bit(capability) != 0
    }

    /// The needed capabilities, in the order of their numbers.
    pub(super) fn capabilities(&self) -> impl Iterator<Item = Capability> {
        let needed = self.implied | self.required;
        (0..i32::BITS)
            .filter(move |number| needed >> number & 1 == 1)
            .filter_map(|number| Capability::try_from(i32::try_from(number).ok()?).ok())
    }

    /// The least number of input tokens of this request if that is above `limit`; `None` if the
    /// request may have fewer. The text is looked at only if it is long enough to matter.
    pub(super) fn input_tokens_above(&self, request: &InvokeRequest, limit: u64) -> Option<u64> {
        if estimate::most_least_tokens(self.text_bytes) <= limit {
            return None;
        }
        let count = || estimate::least_input_tokens(request);
        let least = *self.least_input_tokens.get_or_init(count);
        (least > limit).then_some(least)
    }

    fn imply(&mut self, capability: Capability) {
        self.implied |= bit(capability);
    }

    fn read_messages(&mut self, request: &InvokeRequest) {
        let mut turn = Turn::default();
        let mut begun = None;
        for (index, message) in request.messages.iter().enumerate() {
            let role = message.role();
            let blank = message
                .content
                .iter()
                .filter(|block| is_blank_answer(role, block));
            let blank = blank.count();
            self.has_blank_answers |= blank > 0;
            // Of such a message nothing is sent.
            if blank > 0 && blank == message.content.len() {
                continue;
            }
            match role {
                Role::System => self.has_system_messages = true,
                Role::Assistant => {
                    if turn.is_begun && !turn.has_results {
                        begun = None;
                    }
                    self.end_turn(&turn);
                    turn = Turn::default();
                    begun = begun.or(Some(index));
                    self.has_prefill = true;
                }
                Role::User | Role::Unspecified => {
                    turn.is_begun = true;
                    self.has_prefill = false;
                }
            }
            self.read_message(index, message, &mut turn);
        }
        if !request.prompt.is_empty() {
            turn.add(Beside::Content);
            self.has_prefill = false;
        }
        self.end_turn(&turn);
        self.open_tool_turn = begun.filter(|_| turn.has_results);
    }

    fn end_turn(&mut self, turn: &Turn) {
        if turn.has_results {
            self.beside_tool_results = self.beside_tool_results.max(turn.beside);
        }
    }

    fn read_message(&mut self, index: usize, message: &Message, turn: &mut Turn) {
        for (block_index, content) in message.content.iter().enumerate() {
            let place = Place {
                message: index,
                block: block_index,
                item: None,
            };
            self.read_block(message.role(), content, place, turn);
        }
    }

    fn read_block(&mut self, role: Role, content: &ContentBlock, place: Place, turn: &mut Turn) {
        let Some(block) = &content.block else {
            return;
        };
        let is_user = role == Role::User;
        if is_user {
            turn.read(block);
        }
        match block {
            Block::Text(text) => self.text_bytes += text.len(),
            Block::Image(image) => {
                self.imply(if is_user {
                    Capability::ImageInput
                } else {
                    Capability::ImageOutput
                });
                self.media.add_image(image, place);
            }
            Block::Document(document) => {
                self.imply(Capability::DocumentInput);
                self.citations(document.citations_config.as_ref());
                self.text_bytes += self.media.add_document(document, place);
            }
            Block::Video(video) => {
                self.imply(Capability::VideoInput);
                self.media.add_video(video, place);
            }
            Block::Audio(audio) => {
                self.imply(Capability::AudioInput);
                self.media.add_audio(audio, place);
            }
            Block::ToolUse(call) => {
                self.imply(Capability::ToolUse);
                self.text_bytes += call.input_json.len();
            }
            Block::ToolAddition(_) | Block::ToolRemoval(_) => self.imply(Capability::ToolUse),
            Block::ToolResult(result) => self.read_tool_result(result, place),
            Block::Reasoning(_) => self.has_reasoning_blocks = true,
            Block::CitedContent(cited) => {
                self.imply(Capability::Citations);
                self.text_bytes += estimate::cited_bytes(cited);
            }
            Block::SearchResult(result) => {
                self.imply(Capability::Citations);
                self.text_bytes += estimate::search_result_bytes(result);
            }
            Block::GuardContent(guarded) => self.guard_content(guarded, place),
            Block::CachePoint(point) => self.cache_point(point),
        }
    }

    fn read_tool_result(&mut self, result: &ToolResultBlock, place: Place) {
        use tool_result_content_block::Block as Item;
        self.imply(Capability::ToolUse);
        self.has_tool_result_status |= result.status() != ToolResultStatus::Unspecified;
        for (index, item) in result.content.iter().enumerate() {
            let place = Place {
                item: Some(index),
                ..place
            };
            match &item.block {
                Some(Item::Text(text) | Item::Json(text)) => self.text_bytes += text.len(),
                Some(Item::Image(image)) => {
                    self.imply(Capability::ImageInput);
                    self.has_tool_result_images = true;
                    self.media.add_image(image, place);
                }
                Some(Item::Document(document)) => {
                    self.imply(Capability::DocumentInput);
                    self.citations(document.citations_config.as_ref());
                    self.text_bytes += self.media.add_document(document, place);
                }
                Some(Item::Video(video)) => {
                    self.imply(Capability::VideoInput);
                    self.media.add_video(video, place);
                }
                Some(Item::SearchResult(result)) => {
                    self.imply(Capability::Citations);
                    self.text_bytes += estimate::search_result_bytes(result);
                }
                None => {}
            }
        }
    }

    fn read_tools(&mut self, request: &InvokeRequest) {
        let Some(config) = &request.tool_config else {
            return;
        };
        self.imply(Capability::ToolUse);
        for tool in &config.tools {
            match &tool.tool {
                Some(tool::Tool::CachePoint(point)) => {
                    self.cache_point(point);
                    self.has_tool_cache_points = true;
                }
                Some(tool::Tool::ToolSpec(spec)) => {
                    if spec.strict {
                        self.imply(Capability::StructuredOutput);
                    }
                    self.text_bytes += spec.description.len();
                }
                Some(tool::Tool::SystemTool(_)) | None => {}
            }
        }
    }

    fn read_parameters(&mut self, request: &InvokeRequest) {
        let output = request.output_config.as_ref();
        if output.is_some_and(|output| output.text_format.is_some()) {
            self.imply(Capability::StructuredOutput);
        }
        if request.guardrail_config.is_some() {
            self.imply(Capability::Guardrails);
        }
        self.wants_optimized_latency = request.latency_mode() == LatencyMode::Optimized;
        if let Some(routing) = &request.routing_config {
            for capability in routing.required_capabilities() {
                self.required |= bit(capability);
            }
        }
    }

    fn cache_point(&mut self, point: &CachePointBlock) {
        self.has_cache_points = true;
        self.has_cache_ttl |= point.ttl.is_some();
    }

    fn citations(&mut self, config: Option<&CitationsConfig>) {
        if config.is_some_and(|config| config.enabled) {
            self.imply(Capability::Citations);
        }
    }

    fn guard_content(&mut self, guarded: &GuardContentBlock, place: Place) {
        match &guarded.content {
            Some(guard_content_block::Content::Text(text)) => self.text_bytes += text.text.len(),
            Some(guard_content_block::Content::Image(image)) => {
                self.imply(Capability::ImageInput);
                self.media.add_guard_image(image, place);
            }
            None => {}
        }
    }
}

impl Turn {
    fn add(&mut self, beside: Beside) {
        self.beside = self.beside.max(beside);
    }

    fn read(&mut self, block: &Block) {
        match block {
            Block::ToolResult(_) => self.has_results = true,
            Block::Document(_) | Block::Video(_) => self.add(Beside::Files),
            Block::CachePoint(_) => {}
            Block::Text(_)
            | Block::Image(_)
            | Block::Audio(_)
            | Block::ToolUse(_)
            | Block::Reasoning(_)
            | Block::CitedContent(_)
            | Block::SearchResult(_)
            | Block::GuardContent(_)
            | Block::ToolAddition(_)
            | Block::ToolRemoval(_) => self.add(Beside::Content),
        }
    }
}

fn bit(capability: Capability) -> u32 {
    1_u32.checked_shl(capability as u32).unwrap_or(0)
}
