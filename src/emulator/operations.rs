//! What each operation says to a request that nothing stands in the way of.

use bytes::Bytes;
use serde_json::Value;
use serde_json::json;
use tokio::time::Instant;

use crate::emulator::answer;
use crate::emulator::answer::Answer;
use crate::emulator::answer::Block;
use crate::emulator::catalog::Model;
use crate::emulator::converse::Exchange;
use crate::emulator::errors::Refusal;
use crate::emulator::invoke_model;
use crate::emulator::prompt_cache::PromptCache;
use crate::emulator::request::Asked;
use crate::emulator::scenario::Reply;
use crate::emulator::stream;
use crate::emulator::stream::Event;
use crate::emulator::tokens;
use crate::emulator::validate;

/// One call of a known model.
pub(super) struct Call<'a> {
    pub(super) body: &'a Value,
    pub(super) model: &'a Model,
    /// The model behind a prompt router.
    pub(super) routes_to: Option<String>,
    pub(super) reply: &'a Reply,
    pub(super) started: Instant,
}

/// What goes over the wire.
pub(super) enum Said {
    /// A JSON body, and the token counts that InvokeModel repeats in headers.
    Whole {
        body: Value,
        counted: Option<(u64, u64)>,
    },
    /// Events, and whether a header names the type of the model's own chunks in them.
    Streamed { events: Vec<Event>, is_raw: bool },
}

/// Converse and ConverseStream.
pub(super) fn converse(
    call: &Call<'_>,
    prompt_cache: &PromptCache,
    is_streamed: bool,
) -> Result<Said, Refusal> {
    let Call { body, model, .. } = call;
    validate::converse(body, model, is_streamed)?;
    let asked = Asked::of_converse(body, model);
    let stated = body
        .pointer("/inferenceConfig/maxTokens")
        .and_then(Value::as_u64);
    validate::tokens_fit(asked.input_tokens, stated, model)?;
    let can_cache = model.features.prompt_caching;
    let cached = can_cache.then(|| prompt_cache.look_up(model, body));
    let answer = answer::compose(&asked, model, call.reply, cached);
    let exchange = Exchange {
        request: body,
        asked: &asked,
        model,
        routes_to: call.routes_to.as_deref(),
        answer: &answer,
        elapsed: call.started.elapsed(),
    };
    let failure = malformed_call(&answer, model);
    if !is_streamed {
        return match failure {
            Some(failure) => Err(failure),
            None => Ok(Said::Whole {
                body: exchange.body(),
                counted: None,
            }),
        };
    }
    let events = match (&call.reply.events, failure) {
        (Some(written), _) => stream::exact(written, &asked),
        (None, Some(failure)) => stream::broken(&failure.message, &asked),
        (None, None) => stream::events(&exchange)?,
    };
    Ok(Said::Streamed {
        events,
        is_raw: false,
    })
}

/// Nova fails in the middle of a call of a tool that has a hyphen in its name.
fn malformed_call(answer: &Answer, model: &Model) -> Option<Refusal> {
    let has_hyphen = |block: &Block| match block {
        Block::ToolUse { name, .. } => name.contains('-'),
        Block::Reasoning { .. } | Block::Text(_) | Block::Exact(_) => false,
    };
    (model.is_nova() && answer.blocks.iter().any(has_hyphen)).then(|| {
        Refusal::new(
            "ModelErrorException",
            "Model produced invalid sequence as part of ToolUse. Please refer to the model tool use \
             troubleshooting guide.",
        )
    })
}

/// InvokeModel and InvokeModelWithResponseStream.
pub(super) fn invoke_model(call: &Call<'_>, is_streamed: bool) -> Result<Said, Refusal> {
    let Call { body, model, .. } = call;
    let asked = invoke_model::asked(body, model)?;
    validate::tokens_fit(asked.input_tokens, None, model)?;
    let answer = answer::compose(&asked, model, call.reply, None);
    Ok(if is_streamed {
        Said::Streamed {
            events: invoke_model::events(&answer, &asked, model),
            is_raw: true,
        }
    } else {
        Said::Whole {
            body: invoke_model::body(&answer, &asked, model),
            counted: Some((answer.input_tokens, answer.output_tokens)),
        }
    })
}

/// CountTokens, of a Converse request or of a raw body.
pub(super) fn count_tokens(call: &Call<'_>) -> Result<Said, Refusal> {
    let input = call.body.get("input");
    let counted = if let Some(converse) = input.and_then(|input| input.get("converse")) {
        validate::counted(converse, call.model)?;
        tokens::prompt(converse)
    } else {
        let raw = input
            .and_then(|input| input.pointer("/invokeModel/body"))
            .and_then(Value::as_str)
            .and_then(|encoded| aws_smithy_types::base64::decode(encoded).ok())
            .and_then(|bytes| serde_json::from_slice::<Value>(&Bytes::from(bytes)).ok());
        let Some(raw) = raw else {
            return Err(Refusal::validation(
                "The input of CountTokens must be a Converse request or a body of InvokeModel.",
            ));
        };
        tokens::prompt(&raw)
    };
    Ok(Said::Whole {
        body: json!({"inputTokens": counted}),
        counted: None,
    })
}
