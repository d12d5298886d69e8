//! Rules for sampling, reasoning, the form of the answer, guardrails and labels.

use std::collections::HashMap;

use crate::grpc::validate::json;
use crate::grpc::validate::path::Path;
use crate::grpc::validate::scalar;
use crate::grpc::validate::violation::Reason;
use crate::grpc::validate::violation::Violations;
use crate::proto::GuardrailConfig;
use crate::proto::InferenceConfig;
use crate::proto::OutputConfig;
use crate::proto::ReasoningConfig;
use crate::proto::guardrail_config::TraceMode;
use crate::proto::json_schema_format::SchemaForm;
use crate::proto::output_config::TextFormat;
use crate::proto::reasoning_config::{Effort, Mode};

const MAX_STOP_SEQUENCES: usize = 2500;
const MAX_GUARDRAIL_IDENTIFIER: usize = 2048;
const MAX_METADATA_ENTRIES: usize = 16;
const MAX_METADATA_CHARACTERS: usize = 256;
const MAX_RESPONSE_PATHS: usize = 10;
const MAX_RESPONSE_PATH: usize = 256;

pub(super) fn inference_config(found: &mut Violations, path: &Path<'_>, config: &InferenceConfig) {
    scalar::at_least_one(found, &path.field("max_tokens"), config.max_tokens);
    scalar::unit_interval(found, &path.field("temperature"), config.temperature);
    scalar::unit_interval(found, &path.field("top_p"), config.top_p);
    scalar::at_least_one(found, &path.field("top_k"), config.top_k);
    let path = path.field("stop_sequences");
    let count = config.stop_sequences.len();
    scalar::max_count(found, &path, count, MAX_STOP_SEQUENCES, "entries");
    for (index, sequence) in config.stop_sequences.iter().enumerate() {
        if sequence.is_empty() {
            found.add(
                &path.index(index),
                Reason::Required,
                format_args!("is empty"),
            );
        }
    }
}

/// `max_tokens` is the limit on the whole answer, if the request sets one.
pub(super) fn reasoning_config(
    found: &mut Violations,
    path: &Path<'_>,
    config: &ReasoningConfig,
    max_tokens: Option<i32>,
) {
    scalar::known::<Mode>(found, &path.field("mode"), config.mode);
    scalar::known::<Effort>(found, &path.field("effort"), config.effort);
    let Some(budget) = config.budget_tokens else {
        return;
    };
    let path = path.field("budget_tokens");
    scalar::at_least_one(found, &path, Some(budget));
    if config.mode != i32::from(Mode::Enabled) {
        let text = format_args!("is set, but mode is not MODE_ENABLED");
        found.add(&path, Reason::Conflict, text);
    }
    if let Some(max_tokens) = max_tokens
        && budget >= max_tokens
    {
        let text = format_args!(
            "is {budget}; it must be less than inference_config.max_tokens, which is {max_tokens}"
        );
        found.add(&path, Reason::OutOfRange, text);
    }
}

pub(super) fn output_config(found: &mut Violations, path: &Path<'_>, config: &OutputConfig) {
    let Some(TextFormat::JsonSchema(format)) = &config.text_format else {
        return;
    };
    let path = path.field("json_schema");
    match &format.schema_form {
        None => {
            let text = format_args!("has no schema: set schema or schema_json");
            found.add(&path, Reason::Required, text);
        }
        Some(SchemaForm::Schema(schema)) => {
            json::json_struct(found, &path.field("schema"), schema);
        }
        Some(SchemaForm::SchemaJson(text)) => {
            json::object(found, &path.field("schema_json"), text, json::AN_OBJECT);
        }
    }
}

pub(super) fn guardrail_config(found: &mut Violations, path: &Path<'_>, config: &GuardrailConfig) {
    let identifier = path.field("guardrail_identifier");
    let is_printable = |byte: u8| byte.is_ascii_graphic();
    scalar::not_blank(found, &identifier, &config.guardrail_identifier);
    scalar::max_characters_of(
        found,
        &identifier,
        &config.guardrail_identifier,
        MAX_GUARDRAIL_IDENTIFIER,
    );
    if !scalar::is_blank(&config.guardrail_identifier)
        && !config.guardrail_identifier.bytes().all(is_printable)
    {
        let text = format_args!("has white space or characters beyond ASCII");
        found.add(&identifier, Reason::BadFormat, text);
    }

    let version = path.field("guardrail_version");
    if config.guardrail_version.is_empty() {
        let text = format_args!("is required: a version number or \"DRAFT\"");
        found.add(&version, Reason::Required, text);
    } else if !is_guardrail_version(&config.guardrail_version) {
        let text = format_args!("is not a version number of 1 to 8 digits or \"DRAFT\"");
        found.add(&version, Reason::BadFormat, text);
    }
    scalar::known::<TraceMode>(found, &path.field("trace_mode"), config.trace_mode);
}

fn is_guardrail_version(version: &str) -> bool {
    let is_number = version.len() <= 8
        && !version.starts_with('0')
        && version.bytes().all(|byte| byte.is_ascii_digit());
    version == "DRAFT" || is_number
}

pub(super) fn request_metadata(
    found: &mut Violations,
    path: &Path<'_>,
    labels: &HashMap<String, String>,
) {
    scalar::max_count(found, path, labels.len(), MAX_METADATA_ENTRIES, "entries");
    let is_right = |(key, value): (&String, &String)| {
        !key.is_empty() && is_metadata(key) && is_metadata(value)
    };
    if labels.iter().all(is_right) {
        return;
    }
    // A map has no order; the report shall be the same each time.
    let mut sorted: Vec<_> = labels.iter().filter(|entry| !is_right(*entry)).collect();
    sorted.sort_unstable();
    for (key, value) in sorted {
        let path = path.member(key);
        if key.is_empty() {
            let text = format_args!("has an empty key");
            found.add(&path, Reason::Required, text);
        }
        metadata_text(found, &path, "key", key);
        metadata_text(found, &path, "value", value);
    }
}

fn metadata_text(found: &mut Violations, path: &Path<'_>, part: &str, text: &str) {
    let count = text.chars().count();
    if count > MAX_METADATA_CHARACTERS {
        let text = format_args!(
            "has a {part} of {count} characters; at most {MAX_METADATA_CHARACTERS} are allowed"
        );
        found.add(path, Reason::TooLong, text);
    }
    if !text.bytes().all(is_metadata_byte) {
        let text =
            format_args!("has a {part} with characters other than [a-zA-Z0-9\\s:_@$#=/+,.-]");
        found.add(path, Reason::BadFormat, text);
    }
}

fn is_metadata(text: &str) -> bool {
    text.len() <= MAX_METADATA_CHARACTERS && text.bytes().all(is_metadata_byte)
}

const fn is_metadata_byte(byte: u8) -> bool {
    // `\s` of the pattern: these six, and nothing beyond ASCII.
    byte.is_ascii_alphanumeric()
        || matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0B | 0x0C)
        || matches!(byte, b':' | b'_' | b'@' | b'$' | b'#' | b'=')
        || matches!(byte, b'/' | b'+' | b',' | b'.' | b'-')
}

pub(super) fn response_field_paths(found: &mut Violations, path: &Path<'_>, pointers: &[String]) {
    scalar::max_count(found, path, pointers.len(), MAX_RESPONSE_PATHS, "entries");
    for (index, pointer) in pointers.iter().enumerate() {
        let path = path.index(index);
        if pointer.is_empty() {
            let text = format_args!("is empty; 1 to {MAX_RESPONSE_PATH} characters are allowed");
            found.add(&path, Reason::Required, text);
        } else if !is_json_pointer(pointer) {
            let text = format_args!(
                "is not a JSON Pointer: it must start with \"/\", and \"~\" needs a 0 or 1 after it"
            );
            found.add(&path, Reason::BadFormat, text);
        }
        scalar::max_characters_of(found, &path, pointer, MAX_RESPONSE_PATH);
    }
}

fn is_json_pointer(pointer: &str) -> bool {
    pointer.starts_with('/')
        && pointer
            .split('~')
            .skip(1)
            .all(|rest| rest.starts_with(['0', '1']))
}
