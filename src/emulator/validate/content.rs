//! Rules about what stands in content blocks: media, documents, citations, cache points, guardrails.

use serde_json::Value;

use crate::emulator::catalog::Model;
use crate::emulator::errors::Refusal;
use crate::emulator::validate::blocks;
use crate::emulator::validate::blocks::Block;

/// Cache points one request may have. Source: "Prompt caching" in the user guide, seen 2026-11-22.
const MAX_CACHE_POINTS: usize = 4;

pub(super) fn check(body: &Value, model: &Model) -> Result<(), Refusal> {
    for block in blocks::all(body) {
        media(&block, model)?;
        for inner in inside_tool_result(&block) {
            media(&inner, model)?;
        }
    }
    for (position, message) in blocks::messages(body).iter().enumerate() {
        documents(position, message, model)?;
    }
    cache_points(body, model)?;
    guardrails(body, model)
}

/// The blocks that a tool result carries, at the place of the result.
fn inside_tool_result<'a>(block: &Block<'a>) -> Vec<Block<'a>> {
    if block.kind != "toolResult" {
        return Vec::new();
    }
    blocks::list(block.value.get("content"))
        .iter()
        .filter_map(|content| content.as_object()?.iter().next())
        .map(|(kind, value)| Block {
            kind,
            value,
            ..*block
        })
        .collect()
}

fn media(block: &Block<'_>, model: &Model) -> Result<(), Refusal> {
    let features = &model.features;
    let is_supported = match block.kind {
        "image" => features.images,
        "document" => features.documents,
        "video" => features.video,
        "audio" => features.audio,
        _ => true,
    };
    if is_supported {
        return Ok(());
    }
    Err(Refusal::validation(format!(
        "This model doesn't support the {} content block that you provided. Update the content \
         block and try again.",
        block.kind
    )))
}

fn documents(position: usize, message: &Value, model: &Model) -> Result<(), Refusal> {
    let all: Vec<Block<'_>> = blocks::of_message(position, message).collect();
    let documents = || all.iter().filter(|block| block.kind == "document");
    if documents().next().is_some() && !all.iter().any(|block| block.kind == "text") {
        return Err(Refusal::validation(
            "A text block must be included when using documents. Add a text block and retry your request.",
        ));
    }
    for document in documents() {
        if !blocks::text(document.value, "name").is_some_and(is_document_name) {
            return Err(Refusal::validation(
                "The document file name can only contain alphanumeric characters, whitespace \
                 characters, hyphens, parentheses, and square brackets. The name can't contain \
                 more than one consecutive whitespace character.",
            ));
        }
        let wants_citations = document
            .value
            .pointer("/citations/enabled")
            .and_then(Value::as_bool)
            .unwrap_or(false);
        if wants_citations && !model.features.citations {
            return Err(Refusal::validation("This model doesn't support citations."));
        }
    }
    Ok(())
}

fn is_document_name(name: &str) -> bool {
    let is_allowed =
        |c: char| c.is_ascii_alphanumeric() || c.is_whitespace() || "-()[]".contains(c);
    let mut last_was_space = false;
    !name.is_empty()
        && name.chars().all(|character| {
            let is_second_space = last_was_space && character.is_whitespace();
            last_was_space = character.is_whitespace();
            is_allowed(character) && !is_second_space
        })
}

fn cache_points(body: &Value, model: &Model) -> Result<(), Refusal> {
    let beside = ["/system", "/toolConfig/tools"]
        .iter()
        .flat_map(|pointer| blocks::list(body.pointer(pointer)))
        .filter(|block| block.get("cachePoint").is_some())
        .count();
    let within = blocks::all(body)
        .filter(|block| block.kind == "cachePoint")
        .count();
    let found = beside + within;
    if found > 0 && !model.features.prompt_caching {
        return Err(Refusal::new(
            "AccessDeniedException",
            "You invoked an unsupported model or your request did not allow prompt caching. See \
             the documentation for more information.",
        ));
    }
    if found > MAX_CACHE_POINTS {
        return Err(Refusal::from_model(format!(
            "A maximum of {MAX_CACHE_POINTS} blocks with cache_control may be provided. Found {found}."
        )));
    }
    Ok(())
}

fn guardrails(body: &Value, model: &Model) -> Result<(), Refusal> {
    if body.get("guardrailConfig").is_some() && !model.features.guardrails {
        return Err(Refusal::unsupported_field("guardrailConfig"));
    }
    Ok(())
}
