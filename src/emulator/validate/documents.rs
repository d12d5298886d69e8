//! Rules about documents and sources: their names, the text beside them, and citations.

use std::collections::HashSet;

use serde_json::Value;

use crate::emulator::catalog::Model;
use crate::emulator::errors::Refusal;
use crate::emulator::validate::blocks;

pub(super) fn check(body: &Value, model: &Model) -> Result<(), Refusal> {
    let mut names = HashSet::new();
    for block in blocks::all_and_inside(body) {
        let wants_citations = match block.kind {
            "document" => {
                name(block.text("name").unwrap_or_default(), &mut names)?;
                blocks::is_true(block.value, "/citations/enabled")
            }
            "searchResult" => blocks::is_true(block.value, "/citations/enabled"),
            "citationsContent" => true,
            _ => false,
        };
        if wants_citations && !model.features.citations {
            return Err(Refusal::validation("This model doesn't support citations."));
        }
    }
    for (position, message) in blocks::messages(body).iter().enumerate() {
        let has =
            |kind: &str| blocks::of_message(position, message).any(|block| block.kind == kind);
        if has("document") && !has("text") {
            return Err(Refusal::validation(
                "A text block must be included when using documents. Add a text block and retry \
                 your request.",
            ));
        }
    }
    Ok(())
}

fn name<'a>(name: &'a str, names: &mut HashSet<&'a str>) -> Result<(), Refusal> {
    if !is_document_name(name) {
        return Err(Refusal::validation(
            "The document file name can only contain alphanumeric characters, whitespace \
             characters, hyphens, parentheses, and square brackets. The name can't contain \
             more than one consecutive whitespace character.",
        ));
    }
    if !names.insert(name) {
        return Err(Refusal::validation(
            "Messages can't contain duplicate document names. Rename the document and retry your \
             request.",
        ));
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
