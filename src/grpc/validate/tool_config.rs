//! Rules for the tools a request declares.

use std::collections::HashSet;

use crate::grpc::validate::content;
use crate::grpc::validate::content::Check;
use crate::grpc::validate::json;
use crate::grpc::validate::path::Path;
use crate::grpc::validate::scalar;
use crate::grpc::validate::scalar::{Shown, TOOL_NAME};
use crate::grpc::validate::violation::Reason;
use crate::grpc::validate::violation::Violations;
use crate::proto::ToolChoice;
use crate::proto::ToolConfig;
use crate::proto::ToolSpec;
use crate::proto::tool::Tool;
use crate::proto::tool_choice::Choice;
use crate::proto::tool_spec::InputSchemaForm;

/// Most tools of a request. No rule of Bedrock's: no model can choose among more, and it keeps a
/// request from being millions of empty tools.
const MAX_TOOLS: usize = 1000;

pub(super) fn tool_config<'r>(check: &mut Check<'r>, path: &Path<'_>, config: &'r ToolConfig) {
    let tools = path.field("tools");
    let count = config.tools.len();
    scalar::max_count(&mut check.found, &tools, count, MAX_TOOLS, "tools");
    let mut names = HashSet::new();
    for (index, tool) in config.tools.iter().take(MAX_TOOLS).enumerate() {
        let path = tools.index(index);
        match &tool.tool {
            None => {
                let text = format_args!("is required: tool_spec, system_tool or cache_point");
                check.found.add(&path, Reason::Required, text);
            }
            Some(Tool::ToolSpec(spec)) => {
                let path = path.field("tool_spec");
                tool_spec(&mut check.found, &path, spec);
                unique_name(&mut check.found, &path, &mut names, &spec.name);
            }
            Some(Tool::SystemTool(tool)) => {
                let path = path.field("system_tool");
                scalar::name(
                    &mut check.found,
                    &path.field("name"),
                    &tool.name,
                    &TOOL_NAME,
                );
                unique_name(&mut check.found, &path, &mut names, &tool.name);
            }
            Some(Tool::CachePoint(point)) => {
                content::cache_point(check, &path.field("cache_point"), point);
            }
        }
    }
    let holds_tool = config
        .tools
        .iter()
        .any(|tool| !matches!(tool.tool, Some(Tool::CachePoint(_))));
    if !holds_tool {
        let text = format_args!("is required: at least one tool");
        check.found.add(&tools, Reason::Required, text);
    }
    if let Some(choice) = &config.tool_choice {
        let path = path.field("tool_choice");
        tool_choice(&mut check.found, &path, choice, &names);
    }
}

fn tool_spec(found: &mut Violations, path: &Path<'_>, spec: &ToolSpec) {
    scalar::name(found, &path.field("name"), &spec.name, &TOOL_NAME);
    match &spec.input_schema_form {
        None => {
            let text = format_args!("has no schema: set input_schema or input_schema_json");
            found.add(path, Reason::Required, text);
        }
        Some(InputSchemaForm::InputSchema(schema)) => {
            json::object_schema_struct(found, &path.field("input_schema"), schema);
        }
        Some(InputSchemaForm::InputSchemaJson(text)) => {
            json::object_schema(found, &path.field("input_schema_json"), text);
        }
    }
}

fn unique_name<'r>(
    found: &mut Violations,
    path: &Path<'_>,
    names: &mut HashSet<&'r str>,
    name: &'r str,
) {
    if !name.is_empty() && !names.insert(name) {
        let name = Shown(&TOOL_NAME, name);
        let text = format_args!("repeats {name}; each tool needs a name of its own");
        found.add(&path.field("name"), Reason::Duplicate, text);
    }
}

fn tool_choice(
    found: &mut Violations,
    path: &Path<'_>,
    choice: &ToolChoice,
    names: &HashSet<&str>,
) {
    match &choice.choice {
        None => {
            let text = format_args!("is empty; set auto, any or tool");
            found.add(path, Reason::Required, text);
        }
        Some(Choice::Auto(_) | Choice::Any(_)) => {}
        Some(Choice::Tool(tool)) => {
            let path = path.field("tool");
            let path = path.field("name");
            scalar::name(found, &path, &tool.name, &TOOL_NAME);
            if TOOL_NAME.is_kept_by(&tool.name) && !names.contains(tool.name.as_str()) {
                let name = Shown(&TOOL_NAME, &tool.name);
                let text = format_args!("is {name}, which tool_config.tools does not declare");
                found.add(&path, Reason::UnknownReference, text);
            }
        }
    }
}
