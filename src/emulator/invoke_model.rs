//! InvokeModel: raw bodies in the dialect of the model's family, Anthropic Messages or a plain prompt.
//!
//! Only text is answered here; tools, thinking and schemas are played on Converse.

use serde_json::Value;
use serde_json::json;

use crate::emulator::answer::Answer;
use crate::emulator::catalog::Model;
use crate::emulator::deltas;
use crate::emulator::errors::Refusal;
use crate::emulator::frames;
use crate::emulator::request;
use crate::emulator::request::Asked;
use crate::emulator::stream::Event;

/// Reads a raw body, or refuses it as the family's API does.
pub(super) fn asked(body: &Value, model: &Model) -> Result<Asked, Refusal> {
    let stop_member = if model.is_claude() {
        require(body, &["anthropic_version", "max_tokens", "messages"])?;
        "stop_sequences"
    } else if model.is_deepseek() {
        require(body, &["prompt"])?;
        "stop"
    } else {
        return Err(Refusal::validation(
            "The emulator invokes only models of Anthropic and DeepSeek; use Converse.",
        ));
    };
    let max_tokens = body.get("max_tokens").and_then(Value::as_u64);
    if let Some(asked) = max_tokens.filter(|asked| *asked > model.max_output_tokens) {
        let limit = model.max_output_tokens;
        return Err(Refusal::validation(format!(
            "max_tokens: {asked} > {limit}, which is the maximum allowed number of output tokens"
        )));
    }
    Ok(Asked {
        max_tokens: max_tokens.unwrap_or(model.max_output_tokens),
        stop_sequences: request::strings(body.get(stop_member)),
        ..Asked::plain(body, model)
    })
}

fn require(body: &Value, members: &[&str]) -> Result<(), Refusal> {
    match members.iter().find(|name| body.get(**name).is_none()) {
        Some(missing) => Err(Refusal::validation(format!(
            "Malformed input request: #: required key [{missing}] not found, please reformat your \
             input and try again."
        ))),
        None => Ok(()),
    }
}

/// The raw reply.
pub(super) fn body(answer: &Answer, asked: &Asked, model: &Model) -> Value {
    let text = answer.text();
    if !model.is_claude() {
        return json!({"choices": [{"text": text, "stop_reason": deepseek_stop_reason(answer)}]});
    }
    json!({
        "id": message_id(asked),
        "type": "message",
        "role": "assistant",
        "model": model.base_id,
        "content": [{"type": "text", "text": text}],
        "stop_reason": answer.stop_reason,
        "stop_sequence": answer.stop_sequence,
        "usage": {"input_tokens": answer.input_tokens, "output_tokens": answer.output_tokens}
    })
}

/// The raw reply in chunks; the last one carries the invocation metrics.
pub(super) fn events(answer: &Answer, asked: &Asked, model: &Model) -> Vec<Event> {
    let mut seed = asked.seed.clone();
    let parts = deltas::split(&answer.text(), &mut seed);
    let mut chunks = if model.is_claude() {
        claude_chunks(answer, asked, model, &parts)
    } else {
        let mut chunks: Vec<Value> = parts
            .iter()
            .map(|part| json!({"choices": [{"text": part, "stop_reason": null}]}))
            .collect();
        let reason = deepseek_stop_reason(answer);
        chunks.push(json!({"choices": [{"text": "", "stop_reason": reason}]}));
        chunks
    };
    if let Some(last) = chunks.last_mut().and_then(Value::as_object_mut) {
        let metrics = json!({
            "inputTokenCount": answer.input_tokens,
            "outputTokenCount": answer.output_tokens,
            "invocationLatency": 1,
            "firstByteLatency": 1
        });
        last.insert("amazon-bedrock-invocationMetrics".to_owned(), metrics);
    }
    let last = chunks.len().saturating_sub(1);
    chunks
        .iter()
        .enumerate()
        .map(|(position, chunk)| {
            let bytes = aws_smithy_types::base64::encode(chunk.to_string());
            let payload = json!({"bytes": bytes, "p": frames::padding(&mut seed)});
            Event {
                is_stop: position == last,
                ..Event::content(frames::event("chunk", payload.to_string()))
            }
        })
        .collect()
}

fn claude_chunks(answer: &Answer, asked: &Asked, model: &Model, parts: &[String]) -> Vec<Value> {
    let mut chunks = vec![
        json!({"type": "message_start", "message": {
            "id": message_id(asked),
            "type": "message",
            "role": "assistant",
            "model": model.base_id,
            "content": [],
            "stop_reason": null,
            "stop_sequence": null,
            "usage": {"input_tokens": answer.input_tokens, "output_tokens": 1}
        }}),
        json!({"type": "content_block_start", "index": 0,
            "content_block": {"type": "text", "text": ""}}),
    ];
    chunks.extend(parts.iter().map(|part| {
        json!({"type": "content_block_delta", "index": 0,
            "delta": {"type": "text_delta", "text": part}})
    }));
    chunks.push(json!({"type": "content_block_stop", "index": 0}));
    chunks.push(json!({"type": "message_delta",
        "delta": {"stop_reason": answer.stop_reason, "stop_sequence": answer.stop_sequence},
        "usage": {"output_tokens": answer.output_tokens}}));
    chunks.push(json!({"type": "message_stop"}));
    chunks
}

fn message_id(asked: &Asked) -> String {
    format!("msg_bdrk_{}", asked.seed.clone().identifier(24))
}

fn deepseek_stop_reason(answer: &Answer) -> &'static str {
    if answer.stop_reason == "max_tokens" {
        "length"
    } else {
        "stop"
    }
}
