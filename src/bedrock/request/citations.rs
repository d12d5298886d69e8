//! Text with its sources, as input.

use aws_sdk_bedrockruntime::types as sdk;

use super::refused::Refused;
use super::refused::non_empty;
use super::refused::required;
use crate::proto::Citation;
use crate::proto::CitationLocation;
use crate::proto::CitedContentBlock;
use crate::proto::citation_location::Location;
use crate::proto::cited_source_content;
use crate::proto::cited_text;

pub(super) fn cited_content(
    block: &CitedContentBlock,
) -> Result<sdk::CitationsContentBlock, Refused> {
    let mut content = Vec::with_capacity(block.content.len());
    for piece in &block.content {
        let cited_text::Content::Text(text) = required(piece.content.as_ref(), "content")?;
        content.push(sdk::CitationGeneratedContent::Text(text.clone()));
    }
    let mut citations = Vec::with_capacity(block.citations.len());
    for (position, one) in block.citations.iter().enumerate() {
        let one =
            citation(one).map_err(|refused| refused.within(format!("citations[{position}]")))?;
        citations.push(one);
    }
    Ok(sdk::CitationsContentBlock::builder()
        .set_content(Some(content))
        .set_citations(Some(citations))
        .build())
}

fn citation(citation: &Citation) -> Result<sdk::Citation, Refused> {
    let mut words = Vec::with_capacity(citation.source_content.len());
    for piece in &citation.source_content {
        let cited_source_content::Content::Text(text) =
            required(piece.content.as_ref(), "source_content")?;
        words.push(sdk::CitationSourceContent::Text(text.clone()));
    }
    let location = citation.location.as_ref().map(location).transpose()?;
    Ok(sdk::Citation::builder()
        .set_title(non_empty(&citation.title))
        .set_source(non_empty(&citation.source))
        .set_source_content((!words.is_empty()).then_some(words))
        .set_location(location)
        .build())
}

fn location(location: &CitationLocation) -> Result<sdk::CitationLocation, Refused> {
    use sdk::CitationLocation as Converted;
    Ok(match required(location.location.as_ref(), "location")? {
        Location::Web(web) => Converted::Web(
            sdk::WebLocation::builder()
                .set_url(non_empty(&web.url))
                .set_domain(non_empty(&web.domain))
                .build(),
        ),
        Location::DocumentCharacters(range) => Converted::DocumentChar(
            sdk::DocumentCharLocation::builder()
                .document_index(range.document_index)
                .start(range.start)
                .end(range.end)
                .build(),
        ),
        Location::DocumentPages(range) => Converted::DocumentPage(
            sdk::DocumentPageLocation::builder()
                .document_index(range.document_index)
                .start(range.start)
                .end(range.end)
                .build(),
        ),
        Location::DocumentChunks(range) => Converted::DocumentChunk(
            sdk::DocumentChunkLocation::builder()
                .document_index(range.document_index)
                .start(range.start)
                .end(range.end)
                .build(),
        ),
        Location::SearchResult(range) => Converted::SearchResultLocation(
            sdk::SearchResultLocation::builder()
                .search_result_index(range.search_result_index)
                .start(range.start)
                .end(range.end)
                .build(),
        ),
    })
}
