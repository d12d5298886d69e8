//! Rules about pictures, documents and recordings: which models take them, how many, how large, and
//! whether they are what they are said to be.

use serde_json::Value;

use crate::emulator::catalog::Model;
use crate::emulator::errors::Refusal;
use crate::emulator::validate::blocks;
use crate::emulator::validate::blocks::Block;

/// How images of each format begin.
const IMAGE_SIGNATURES: [(&str, &[u8]); 4] = [
    ("png", b"\x89PNG"),
    ("jpeg", b"\xff\xd8\xff"),
    ("gif", b"GIF8"),
    ("webp", b"RIFF"),
];
/// Formats of documents that are no text.
const BINARY_DOCUMENTS: [&str; 5] = ["pdf", "doc", "docx", "xls", "xlsx"];
/// Characters of base64 that tell what a file is.
const HEAD_CHARACTERS: usize = 64;

pub(super) fn check(body: &Value, model: &Model) -> Result<(), Refusal> {
    for block in blocks::all(body) {
        support(&block, model)?;
        for inner in block.inside() {
            if inner.kind == "image" && !model.features.tool_result_images {
                return Err(Refusal::unsupported_field("toolResult.content.image"));
            }
            support(&inner, model)?;
        }
    }
    count(body, model)?;
    for block in blocks::all_and_inside(body) {
        size(&block, model)?;
        format(&block)?;
    }
    Ok(())
}

fn support(block: &Block<'_>, model: &Model) -> Result<(), Refusal> {
    let features = &model.features;
    let is_supported = match block.kind {
        "image" => features.images,
        "document" => features.documents,
        "video" => features.video,
        "audio" => features.audio,
        "searchResult" => features.citations,
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

fn count(body: &Value, model: &Model) -> Result<(), Refusal> {
    let limits = [
        ("image", model.media.max_images),
        ("document", model.media.max_documents),
    ];
    for (kind, limit) in limits {
        let found = blocks::all_and_inside(body).filter(|block| block.kind == kind);
        if found.count() as u64 > limit {
            return Err(Refusal::validation(format!(
                "You can't include more than {limit} {kind}s in a request."
            )));
        }
    }
    Ok(())
}

fn size(block: &Block<'_>, model: &Model) -> Result<(), Refusal> {
    let limit = match block.kind {
        "image" => model.media.max_image_bytes,
        "document" => model.media.max_document_bytes,
        "video" | "audio" => model.media.max_inline_bytes,
        _ => return Ok(()),
    };
    let encoded = encoded(block);
    let padding = encoded
        .bytes()
        .rev()
        .take_while(|byte| *byte == b'=')
        .count();
    let bytes = (encoded.len() / 4 * 3).saturating_sub(padding);
    if bytes as u64 > limit {
        return Err(Refusal::validation(format!(
            "The {} at {} is too large: {bytes} bytes, at most {limit} are supported.",
            block.kind,
            block.place()
        )));
    }
    Ok(())
}

/// What can be recognised must be of the format it is said to be.
fn format(block: &Block<'_>) -> Result<(), Refusal> {
    let encoded = encoded(block);
    let head = encoded.get(..HEAD_CHARACTERS).unwrap_or(encoded);
    let Ok(head) = aws_smithy_types::base64::decode(head) else {
        return Ok(());
    };
    let said = block.text("format").unwrap_or_default();
    match block.kind {
        "image" => {
            let signature = IMAGE_SIGNATURES
                .iter()
                .find(|(_, signature)| head.starts_with(signature));
            match signature {
                Some((found, _)) if *found != said => Err(Refusal::from_model(format!(
                    "{}.image.source.base64: The image was specified using the image/{said} media \
                     type, but the image appears to be a image/{found} image",
                    block.place()
                ))),
                _ => Ok(()),
            }
        }
        "document" => {
            let is_text = |byte: &u8| byte.is_ascii_graphic() || byte.is_ascii_whitespace();
            let (found, fits) = if head.starts_with(b"%PDF") {
                ("PDF", said == "pdf")
            } else if head.iter().all(is_text) {
                ("PLAIN_TEXT", !BINARY_DOCUMENTS.contains(&said))
            } else {
                return Ok(());
            };
            if fits || said.is_empty() || head.is_empty() {
                return Ok(());
            }
            Err(Refusal::validation(format!(
                "The detected filetype is {found}, but the provided filetype was {}.",
                said.to_uppercase()
            )))
        }
        _ => Ok(()),
    }
}

fn encoded<'a>(block: &Block<'a>) -> &'a str {
    let bytes = block.value.pointer("/source/bytes");
    bytes.and_then(Value::as_str).unwrap_or_default()
}
