//! Rules about prompts that are stored at Bedrock and called by their ARN.
//!
//! Source: documentation of Converse in botocore 1.44.8. The texts are not from traces. In one point
//! this is stricter: the service ignores variables where there is no prompt, but a client that sends
//! them has made a mistake.

use serde_json::Value;

use crate::emulator::catalog::Model;
use crate::emulator::errors::Refusal;

/// What a stored prompt brings itself.
const OWN: [&str; 4] = [
    "additionalModelRequestFields",
    "inferenceConfig",
    "system",
    "toolConfig",
];

pub(super) fn check(body: &Value, model: &Model) -> Result<(), Refusal> {
    let has = |name: &str| body.get(name).is_some_and(|value| !value.is_null());
    if !model.is_stored_prompt() {
        return match has("promptVariables") {
            true => Err(Refusal::validation(
                "The promptVariables field can only be used with a prompt. Remove the field and try \
                 again.",
            )),
            false => Ok(()),
        };
    }
    match OWN.into_iter().find(|name| has(name)) {
        Some(name) => Err(Refusal::validation(format!(
            "The {name} field can't be used with a prompt, which defines it. Remove the field and \
             try again."
        ))),
        None => Ok(()),
    }
}
