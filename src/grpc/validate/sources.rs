//! Rules for text with sources: search results, and the citations that point at sources.

use crate::grpc::validate::content;
use crate::grpc::validate::content::MAX_ITEMS;
use crate::grpc::validate::path::Path;
use crate::grpc::validate::scalar;
use crate::grpc::validate::violation::Reason;
use crate::grpc::validate::violation::Violations;
use crate::proto::Citation;
use crate::proto::CitationLocation;
use crate::proto::CitedContentBlock;
use crate::proto::DocumentRange;
use crate::proto::SearchResultBlock;
use crate::proto::citation_location::Location;

pub(super) fn cited_content(found: &mut Violations, path: &Path<'_>, block: &CitedContentBlock) {
    let content = path.field("content");
    scalar::max_count(found, &content, block.content.len(), MAX_ITEMS, "texts");
    for (index, text) in block.content.iter().take(MAX_ITEMS).enumerate() {
        if text.content.is_none() {
            let text = format_args!("is empty; set text");
            found.add(&content.index(index), Reason::Required, text);
        }
    }
    let citations = path.field("citations");
    let count = block.citations.len();
    scalar::max_count(found, &citations, count, MAX_ITEMS, "citations");
    for (index, source) in block.citations.iter().take(MAX_ITEMS).enumerate() {
        citation(found, &citations.index(index), source);
    }
}

fn citation(found: &mut Violations, path: &Path<'_>, citation: &Citation) {
    let content = path.field("source_content");
    let count = citation.source_content.len();
    scalar::max_count(found, &content, count, MAX_ITEMS, "texts");
    for (index, text) in citation.source_content.iter().take(MAX_ITEMS).enumerate() {
        if text.content.is_none() {
            let text = format_args!("is empty; set text");
            found.add(&content.index(index), Reason::Required, text);
        }
    }
    if let Some(location) = &citation.location {
        citation_location(found, &path.field("location"), location);
    }
}

fn citation_location(found: &mut Violations, path: &Path<'_>, location: &CitationLocation) {
    match &location.location {
        None => content::no_kind(found, path),
        Some(Location::Web(_)) => {}
        Some(Location::DocumentCharacters(range)) => {
            document_range(found, &path.field("document_characters"), range);
        }
        Some(Location::DocumentPages(range)) => {
            document_range(found, &path.field("document_pages"), range);
        }
        Some(Location::DocumentChunks(range)) => {
            document_range(found, &path.field("document_chunks"), range);
        }
        Some(Location::SearchResult(range)) => {
            let path = path.field("search_result");
            let index = path.field("search_result_index");
            scalar::not_negative(found, &index, range.search_result_index);
            scalar::not_negative(found, &path.field("start"), range.start);
            scalar::not_negative(found, &path.field("end"), range.end);
        }
    }
}

fn document_range(found: &mut Violations, path: &Path<'_>, range: &DocumentRange) {
    scalar::not_negative(found, &path.field("document_index"), range.document_index);
    scalar::not_negative(found, &path.field("start"), range.start);
    scalar::not_negative(found, &path.field("end"), range.end);
}

pub(super) fn search_result(found: &mut Violations, path: &Path<'_>, result: &SearchResultBlock) {
    scalar::not_blank(found, &path.field("source"), &result.source);
    scalar::not_blank(found, &path.field("title"), &result.title);
    let path = path.field("content");
    if result.content.is_empty() {
        let text = format_args!("is required: at least one block");
        found.add(&path, Reason::Required, text);
    }
    scalar::max_count(found, &path, result.content.len(), MAX_ITEMS, "blocks");
    for (index, block) in result.content.iter().take(MAX_ITEMS).enumerate() {
        scalar::not_blank(found, &path.index(index).field("text"), &block.text);
    }
}
