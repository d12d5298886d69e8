//! Rules for the variables of a stored prompt. Whether the prompt has them is for Bedrock to say.

use std::collections::HashMap;

use crate::grpc::validate::path::Path;
use crate::grpc::validate::scalar;
use crate::grpc::validate::scalar::VARIABLE_NAME;
use crate::grpc::validate::violation::Reason;
use crate::grpc::validate::violation::Violations;
use crate::proto::PromptVariableValue;
use crate::proto::prompt_variable_value::Value;

/// Most variables of a stored prompt.
///
/// Source: botocore 1.44.5, `PromptInputVariablesList` of bedrock-agent, seen 2026-11-22.
const MAX_VARIABLES: usize = 20;

/// Most characters of a value. No rule of Bedrock's: it is beyond nearly any context window.
const MAX_VALUE: usize = 10_000_000;

pub(super) fn prompt_variables(
    found: &mut Violations,
    path: &Path<'_>,
    variables: &HashMap<String, PromptVariableValue>,
) {
    scalar::max_count(found, path, variables.len(), MAX_VARIABLES, "entries");
    let is_right = |(name, value): (&String, &PromptVariableValue)| {
        let Some(Value::Text(text)) = &value.value else {
            return false;
        };
        VARIABLE_NAME.is_kept_by(name) && text.len() <= MAX_VALUE
    };
    if variables.iter().all(is_right) {
        return;
    }
    // A map has no order; the report shall be the same each time.
    let mut wrong: Vec<_> = variables.iter().filter(|entry| !is_right(*entry)).collect();
    wrong.sort_unstable_by_key(|(name, _)| *name);
    for (name, value) in wrong {
        let path = path.member(name);
        if !VARIABLE_NAME.is_kept_by(name) {
            let text = format_args!("has a name that is not {VARIABLE_NAME}");
            found.add(&path, Reason::BadFormat, text);
        }
        match &value.value {
            None => found.add(&path, Reason::Required, format_args!("is empty; set text")),
            Some(Value::Text(text)) => {
                scalar::max_characters_of(found, &path.field("text"), text, MAX_VALUE);
            }
        }
    }
}
