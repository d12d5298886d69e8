//! What a request asks of a model, read off the request in one pass.

use crate::proto::Capability;
use crate::proto::ContentBlock;
use crate::proto::InvokeRequest;
use crate::proto::LatencyMode;
use crate::proto::Message;
use crate::proto::content_block::Block;
use crate::proto::reasoning_config::Mode;
use crate::proto::system_content_block;
use crate::proto::tool;
use crate::proto::tool_result_content_block;

/// What a request asks of a model.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Needs {
    capabilities: u32,
    /// Whether the caller asks for a stream.
    pub(super) wants_stream: bool,
    /// Whether the conversation holds reasoning blocks.
    pub(super) has_reasoning_blocks: bool,
    /// Whether anything in the request is marked for the prompt cache.
    pub(super) has_cache_points: bool,
    /// Whether the caller asks the model to reason.
    pub(super) wants_reasoning: bool,
    /// Whether the caller asks the model not to reason.
    pub(super) refuses_reasoning: bool,
    /// Whether the caller asks for the latency-optimized variant.
    pub(super) wants_optimized_latency: bool,
}

impl Needs {
    /// Reads the needs of a request.
    pub(super) fn of(request: &InvokeRequest, wants_stream: bool) -> Self {
        let mut needs = Self {
            wants_stream,
            ..Self::default()
        };
        for block in &request.system {
            match &block.block {
                Some(system_content_block::Block::CachePoint(_)) => needs.has_cache_points = true,
                Some(_) => needs.add(Capability::SystemPrompt),
                None => {}
            }
        }
        for message in &request.messages {
            needs.read_message(message);
        }
        needs.read_tools(request);
        needs.read_parameters(request);
        needs
    }

    /// Whether the request needs this capability.
    pub(super) fn includes(self, capability: Capability) -> bool {
        self.capabilities & bit(capability) != 0
    }

    /// The needed capabilities, in the order of their numbers.
    pub(super) fn capabilities(self) -> impl Iterator<Item = Capability> {
        (0..i32::try_from(u32::BITS).unwrap_or(0))
            .filter_map(|number| Capability::try_from(number).ok())
            .filter(move |capability| self.includes(*capability))
    }

    fn add(&mut self, capability: Capability) {
        self.capabilities |= bit(capability);
    }

    fn read_message(&mut self, message: &Message) {
        for content in &message.content {
            self.read_block(content);
        }
    }

    fn read_block(&mut self, content: &ContentBlock) {
        match &content.block {
            Some(Block::Image(_)) => self.add(Capability::ImageInput),
            Some(Block::Document(document)) => {
                self.add(Capability::DocumentInput);
                let citations = document.citations_config.as_ref();
                if citations.is_some_and(|citations| citations.enabled) {
                    self.add(Capability::Citations);
                }
            }
            Some(Block::Video(_)) => self.add(Capability::VideoInput),
            Some(Block::Audio(_)) => self.add(Capability::AudioInput),
            Some(Block::ToolUse(_) | Block::ToolAddition(_) | Block::ToolRemoval(_)) => {
                self.add(Capability::ToolUse);
            }
            Some(Block::ToolResult(result)) => {
                self.add(Capability::ToolUse);
                for item in &result.content {
                    self.read_tool_result(item.block.as_ref());
                }
            }
            Some(Block::Reasoning(_)) => self.has_reasoning_blocks = true,
            Some(Block::SearchResult(result)) => {
                let citations = result.citations_config.as_ref();
                if citations.is_some_and(|citations| citations.enabled) {
                    self.add(Capability::Citations);
                }
            }
            Some(Block::CachePoint(_)) => self.has_cache_points = true,
            Some(Block::Text(_) | Block::CitedContent(_) | Block::GuardContent(_)) | None => {}
        }
    }

    fn read_tool_result(&mut self, item: Option<&tool_result_content_block::Block>) {
        use tool_result_content_block::Block as Item;
        match item {
            Some(Item::Image(_)) => self.add(Capability::ImageInput),
            Some(Item::Document(_)) => self.add(Capability::DocumentInput),
            Some(Item::Video(_)) => self.add(Capability::VideoInput),
            Some(Item::Json(_) | Item::Text(_) | Item::SearchResult(_)) | None => {}
        }
    }

    fn read_tools(&mut self, request: &InvokeRequest) {
        let Some(config) = &request.tool_config else {
            return;
        };
        self.add(Capability::ToolUse);
        for tool in &config.tools {
            if matches!(tool.tool, Some(tool::Tool::CachePoint(_))) {
                self.has_cache_points = true;
            }
        }
    }

    fn read_parameters(&mut self, request: &InvokeRequest) {
        let output = request.output_config.as_ref();
        if output.is_some_and(|output| output.text_format.is_some()) {
            self.add(Capability::StructuredOutput);
        }
        if request.guardrail_config.is_some() {
            self.add(Capability::Guardrails);
        }
        if let Some(reasoning) = &request.reasoning_config {
            match reasoning.mode() {
                Mode::Disabled => self.refuses_reasoning = true,
                Mode::Unspecified => self.wants_reasoning = reasoning.effort != 0,
                Mode::Enabled | Mode::Adaptive => self.wants_reasoning = true,
            }
        }
        self.wants_optimized_latency = request.latency_mode() == LatencyMode::Optimized;
        if let Some(routing) = &request.routing_config {
            for capability in routing.required_capabilities() {
                self.add(capability);
            }
        }
    }
}

fn bit(capability: Capability) -> u32 {
    1_u32.checked_shl(capability as u32).unwrap_or(0)
}
