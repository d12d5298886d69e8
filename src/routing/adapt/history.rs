//! Parts of the conversation that only some models may see again: reasoning, marks for the prompt
//! cache, and whether a tool succeeded. They are left out for models that may not, which is safe.
//! Blank text in an answer is for none.

use crate::proto::Adjustment;
use crate::proto::CachePointBlock;
use crate::proto::Capability;
use crate::proto::ContentBlock;
use crate::proto::InvokeRequest;
use crate::proto::ReasoningBlock;
use crate::proto::ToolResultStatus;
use crate::proto::content_block::Block;
use crate::proto::system_content_block;
use crate::proto::tool;
use crate::provider::ReasoningBlocks;
use crate::provider::is_blank_answer;
use crate::routing::adapt::Fit;
use crate::routing::adapt::fit::Fitting;
use crate::routing::media::Place;
use crate::routing::needs::Needs;

impl Fitting<'_> {
    pub(super) fn history(&mut self) {
        if self.needs.has_blank_answers {
            self.report_blank_answers();
        }
        if self.needs.has_reasoning_blocks {
            self.reasoning_blocks();
        }
        if self.needs.has_cache_points {
            self.cache_points();
        }
        if self.needs.has_tool_result_status && !self.abilities.takes_tool_result_status() {
            self.fit.adaptation.omit_tool_result_status = true;
            self.report_tool_result_status();
        }
    }

    /// Whether the turn whose tool calls are being answered began with reasoning of this model, all
    /// of which it gets back. If it did not, Claude refuses to reason within a budget.
    pub(super) fn continues_own_reasoning(&self) -> bool {
        let Some(begun) = self.needs.open_tool_turn else {
            return true;
        };
        let keeps = |block: &ReasoningBlock| {
            let adaptation = &self.fit.adaptation;
            adaptation.keeps_reasoning(block, self.model)
        };
        let turn = || self.request.messages.iter().skip(begun);
        let first = turn().next().and_then(|message| {
            let mut blocks = message.content.iter();
            blocks.find(|block| !is_blank_answer(message.role(), block))
        });
        let begins = first.and_then(reasoning_of).is_some();
        let mut blocks = turn().flat_map(|message| &message.content);
        begins && blocks.all(|block| reasoning_of(block).is_none_or(keeps))
    }

    fn reasoning_blocks(&mut self) {
        let replay = self.abilities.reasoning_replay();
        self.fit.adaptation.reasoning_blocks = ReasoningBlocks::of(replay);
        let request = self.request;
        for (place, content) in blocks(request) {
            let Some(block) = reasoning_of(content) else {
                continue;
            };
            let adaptation = &self.fit.adaptation;
            if !adaptation.keeps_reasoning(block, self.model) {
                let why = match adaptation.reasoning_blocks {
                    ReasoningBlocks::None => "left out: the model takes no reasoning back",
                    ReasoningBlocks::All | ReasoningBlocks::Own => {
                        "left out: another model produced it, or it is not signed"
                    }
                };
                self.adjust(format!("{place}.reasoning"), why);
            }
        }
    }

    fn cache_points(&mut self) {
        let capabilities = &self.model.capabilities;
        if !self.abilities.can(Capability::PromptCaching) {
            let why = "left out: the model has no prompt cache";
            self.fit.omit_cache_points(self.request, why);
            return;
        }
        let omits_tools = self.needs.has_tool_cache_points && !capabilities.tool_cache_points;
        if omits_tools {
            self.fit.adaptation.omit_tool_cache_points = true;
            for (path, _) in tool_cache_points(self.request) {
                self.adjust(path, "left out: the model caches no tools");
            }
        }
        if self.needs.has_cache_ttl && !capabilities.one_hour_cache {
            // Such a model does not know the word at all. Five minutes are its default.
            self.fit.adaptation.omit_cache_ttl = true;
            let tools = tool_cache_points(self.request).filter(|_| !omits_tools);
            for (path, point) in cache_points(self.request).chain(tools) {
                if is_one_hour(point) {
                    let why = "left out: the model caches for five minutes, not for an hour";
                    self.adjust(format!("{path}.ttl"), why);
                }
            }
        }
    }

    fn report_blank_answers(&mut self) {
        let request = self.request;
        for (place, content) in blocks(request) {
            let message = request.messages.get(place.message);
            if message.is_some_and(|message| is_blank_answer(message.role(), content)) {
                self.adjust(format!("{place}.text"), "left out: it is blank");
            }
        }
    }

    fn report_tool_result_status(&mut self) {
        let request = self.request;
        for (place, content) in blocks(request) {
            if let Some(Block::ToolResult(result)) = &content.block
                && result.status() != ToolResultStatus::Unspecified
            {
                let why = "left out: the model does not take it";
                self.adjust(format!("{place}.tool_result.status"), why);
            }
        }
    }
}

impl Fit {
    /// Leaves the cache points out after all. `false` if there is nothing to leave out.
    pub(in crate::routing) fn leave_out_cache_points(
        &mut self,
        request: &InvokeRequest,
        needs: &Needs,
    ) -> bool {
        let has_any = needs.has_cache_points && !self.adaptation.omit_cache_points;
        if has_any {
            let why = "left out: the model refused to cache the prompt";
            self.omit_cache_points(request, why);
        }
        has_any
    }

    fn omit_cache_points(&mut self, request: &InvokeRequest, why: &str) {
        self.adaptation.omit_cache_points = true;
        for (path, _) in cache_points(request).chain(tool_cache_points(request)) {
            self.adjustments.push(Adjustment {
                field: path,
                description: why.to_owned(),
            });
        }
    }
}

/// Whether a cache point asks for an hour.
fn is_one_hour(point: &CachePointBlock) -> bool {
    let ttl = point.ttl.as_ref();
    ttl.is_some_and(|ttl| ttl.seconds == 3600)
}

fn reasoning_of(content: &ContentBlock) -> Option<&ReasoningBlock> {
    match &content.block {
        Some(Block::Reasoning(block)) => Some(block),
        _ => None,
    }
}

/// The blocks of the conversation with their places.
fn blocks(request: &InvokeRequest) -> impl Iterator<Item = (Place, &ContentBlock)> {
    let messages = request.messages.iter().enumerate();
    messages.flat_map(|(message, said)| {
        let blocks = said.content.iter().enumerate();
        blocks.map(move |(block, content)| {
            let item = None;
            (
                Place {
                    message,
                    block,
                    item,
                },
                content,
            )
        })
    })
}

/// The cache points of system instructions and messages with their paths.
fn cache_points(request: &InvokeRequest) -> impl Iterator<Item = (String, &CachePointBlock)> {
    let system = request.system.iter().enumerate();
    let system = system.filter_map(|(index, block)| match &block.block {
        Some(system_content_block::Block::CachePoint(point)) => {
            Some((format!("system[{index}].cache_point"), point))
        }
        _ => None,
    });
    let messages = blocks(request).filter_map(|(place, content)| match &content.block {
        Some(Block::CachePoint(point)) => Some((format!("{place}.cache_point"), point)),
        _ => None,
    });
    system.chain(messages)
}

/// The cache points among the tools with their paths.
fn tool_cache_points(request: &InvokeRequest) -> impl Iterator<Item = (String, &CachePointBlock)> {
    let tools = request.tool_config.iter().flat_map(|config| &config.tools);
    let tools = tools.enumerate();
    tools.filter_map(|(index, tool)| match &tool.tool {
        Some(tool::Tool::CachePoint(point)) => {
            Some((format!("tool_config.tools[{index}].cache_point"), point))
        }
        _ => None,
    })
}

#[cfg(test)]
#[path = "history_tests.rs"]
mod tests;
