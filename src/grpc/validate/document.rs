//! Rules for files to read.

use crate::grpc::validate::content::Check;
use crate::grpc::validate::media;
use crate::grpc::validate::path::Path;
use crate::grpc::validate::scalar;
use crate::grpc::validate::violation::Reason;
use crate::grpc::validate::violation::Violations;
use crate::media::DOCUMENT;
use crate::proto::DocumentBlock;
use crate::proto::DocumentChunks;
use crate::proto::document_block;
use crate::proto::document_chunk;

const MAX_DOCUMENT_NAME: usize = 200;

/// Most chunks of a document. No rule of Bedrock's: it keeps a request from naming millions of
/// empty ones.
const MAX_CHUNKS: usize = 10_000;

const LISTED: &str =
    "one of those listed at DocumentBlock.mime_type, in lower case and without parameters";

pub(super) fn document<'r>(check: &mut Check<'r>, path: &Path<'_>, block: &'r DocumentBlock) {
    document_name(check, &path.field("name"), &block.name);
    let found = &mut check.found;
    let source = match &block.source {
        None => media::missing_source(found, path, "data, s3_location, text or chunks"),
        Some(document_block::Source::Data(bytes)) => media::data(found, path, bytes),
        Some(document_block::Source::S3Location(location)) => {
            media::s3_location(found, path, location)
        }
        Some(document_block::Source::Text(text)) => {
            scalar::not_blank(found, &path.field("text"), text);
            return;
        }
        Some(document_block::Source::Chunks(list)) => {
            chunks(found, path, list);
            return;
        }
    };
    media::mime_type(found, path, &block.mime_type, &DOCUMENT, LISTED, source);
}

fn document_name<'r>(check: &mut Check<'r>, path: &Path<'_>, name: &'r str) {
    let found = &mut check.found;
    scalar::not_blank(found, path, name);
    scalar::max_characters_of(found, path, name, MAX_DOCUMENT_NAME);
    let has_allowed_bytes = name.bytes().all(|byte| {
        byte.is_ascii_alphanumeric() || matches!(byte, b' ' | b'-' | b'(' | b')' | b'[' | b']')
    });
    if !has_allowed_bytes || name.contains("  ") {
        let text = format_args!(
            "has characters other than letters, digits, single spaces, hyphens, parentheses and \
             square brackets, as file names often do"
        );
        found.add(path, Reason::BadFormat, text);
    }
    if !name.is_empty() && !check.document_names.insert(name) {
        let text = format_args!("is the name of an earlier document; names must differ");
        check.found.add(path, Reason::Duplicate, text);
    }
}

fn chunks(found: &mut Violations, path: &Path<'_>, list: &DocumentChunks) {
    let path = path.field("chunks");
    let path = path.field("chunks");
    if list.chunks.is_empty() {
        let text = format_args!("is required: at least one chunk");
        found.add(&path, Reason::Required, text);
    }
    scalar::max_count(found, &path, list.chunks.len(), MAX_CHUNKS, "chunks");
    for (index, chunk) in list.chunks.iter().take(MAX_CHUNKS).enumerate() {
        let path = path.index(index);
        match &chunk.content {
            None => found.add(&path, Reason::Required, format_args!("is empty; set text")),
            Some(document_chunk::Content::Text(text)) => {
                scalar::not_blank(found, &path.field("text"), text);
            }
        }
    }
}
