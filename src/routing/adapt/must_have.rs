//! What a request holds that no model may miss: content, tools, the form of the answer, guardrails.

use crate::proto::Capability;
use crate::registry::BesideToolResults;
use crate::routing::adapt::fit::Fitting;
use crate::routing::needs::Beside;

impl Fitting<'_> {
    /// Notes everything that the model cannot take.
    pub(super) fn must_have(&mut self) {
        self.capabilities();
        self.tool_choice();
        self.messages();
        let media = &self.model.limits.media;
        let problems = self.needs.media.problems(media, &self.model.name);
        self.problems.extend(problems);
        if !self.request.prompt_variables.is_empty() && !self.model.target.is_prompt {
            self.lacks("prompt_variables: the model is no stored prompt");
        }
    }

    fn capabilities(&mut self) {
        let missing: Vec<&str> = self
            .needs
            .capabilities()
            .filter(|capability| !self.abilities.can(*capability))
            .map(capability_name)
            .collect();
        if !missing.is_empty() {
            let missing = missing.join(", ");
            self.problems.push(format!("the model lacks {missing}"));
        }
    }

    /// Leaving the choice to the model is what it does unasked; another choice is never weakened.
    fn tool_choice(&mut self) {
        use crate::proto::tool_choice::Choice;
        let tools = self.request.tool_config.as_ref();
        let choice = tools.and_then(|tools| tools.tool_choice.as_ref());
        let Some(choice) = choice.and_then(|choice| choice.choice.as_ref()) else {
            return;
        };
        if self.abilities.takes_choice(choice) {
            return;
        }
        match choice {
            Choice::Auto(_) => {
                self.fit.adaptation.omit_tool_choice = true;
                let reason = "left out: the model decides unasked, and takes no word for it";
                self.adjust("tool_config.tool_choice", reason);
            }
            Choice::Any(_) => {
                self.lacks("tool_config.tool_choice.any: the model cannot be made to call a tool");
            }
            Choice::Tool(_) => {
                self.lacks("tool_config.tool_choice.tool: the model cannot be made to call a tool");
            }
        }
    }

    fn messages(&mut self) {
        let capabilities = &self.model.capabilities;
        if self.needs.has_tool_result_images && !capabilities.tool_result_images {
            self.lacks("the model takes no images in the results of tools");
        }
        match (
            capabilities.beside_tool_results,
            self.needs.beside_tool_results,
        ) {
            (BesideToolResults::Nothing, Beside::Content | Beside::Files) => {
                self.lacks("the model takes nothing beside the results of tools in a message");
            }
            (BesideToolResults::NoFiles, Beside::Files) => {
                self.lacks("the model takes no documents or video beside the results of tools");
            }
            (BesideToolResults::Anything, _)
            | (BesideToolResults::NoFiles, Beside::Nothing | Beside::Content)
            | (BesideToolResults::Nothing, Beside::Nothing) => {}
        }
        if self.needs.has_system_messages && !capabilities.system_messages {
            self.lacks("the model takes no messages with ROLE_SYSTEM");
        }
        if self.needs.has_prefill && !self.abilities.takes_prefill() {
            self.lacks("the model wants the last message to be the user's");
        }
    }

    fn lacks(&mut self, problem: &str) {
        self.problems.push(problem.to_owned());
    }
}

/// A capability as callers write it, without its prefix.
fn capability_name(capability: Capability) -> &'static str {
    let name = capability.as_str_name();
    name.strip_prefix("CAPABILITY_").unwrap_or(name)
}

#[cfg(test)]
#[path = "must_have_tests.rs"]
mod tests;
