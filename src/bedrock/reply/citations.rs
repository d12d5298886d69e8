//! Text with its sources.

use aws_sdk_bedrockruntime::types as sdk;

use crate::bedrock::reading::Place;
use crate::proto::Citation;
use crate::proto::CitationLocation;
use crate::proto::CitedContentBlock;
use crate::proto::CitedSourceContent;
use crate::proto::CitedText;
use crate::proto::DocumentRange;
use crate::proto::SearchResultRange;
use crate::proto::WebLocation;
use crate::proto::citation_location::Location;
use crate::proto::cited_source_content;
use crate::proto::cited_text;

/// Text and the sources that support it.
pub(super) fn cited_content(
    cited: sdk::CitationsContentBlock,
    at: &Place<'_>,
) -> CitedContentBlock {
    let pieces = at.member("content");
    let sources = at.member("citations");
    let text = |(position, piece)| match piece {
        sdk::CitationGeneratedContent::Text(text) => Some(CitedText {
            content: Some(cited_text::Content::Text(text)),
        }),
        _ => {
            pieces.item(position).leave_out_member();
            None
        }
    };
    CitedContentBlock {
        content: cited
            .content
            .into_iter()
            .flatten()
            .enumerate()
            .filter_map(text)
            .collect(),
        citations: cited
            .citations
            .into_iter()
            .flatten()
            .enumerate()
            .map(|(position, source)| citation(source, &sources.item(position)))
            .collect(),
    }
}

fn citation(citation: sdk::Citation, at: &Place<'_>) -> Citation {
    let pieces = at.member("sourceContent");
    let words = |(position, piece)| match piece {
        sdk::CitationSourceContent::Text(text) => Some(CitedSourceContent {
            content: Some(cited_source_content::Content::Text(text)),
        }),
        _ => {
            pieces.item(position).leave_out_member();
            None
        }
    };
    Citation {
        title: citation.title.unwrap_or_default(),
        source: citation.source.unwrap_or_default(),
        source_content: citation
            .source_content
            .into_iter()
            .flatten()
            .enumerate()
            .filter_map(words)
            .collect(),
        location: citation
            .location
            .and_then(|location| citation_location(location, &at.member("location"))),
    }
}

fn citation_location(location: sdk::CitationLocation, at: &Place<'_>) -> Option<CitationLocation> {
    let range = |document_index: Option<i32>, start: Option<i32>, end: Option<i32>| DocumentRange {
        document_index: document_index.unwrap_or_default(),
        start: start.unwrap_or_default(),
        end: end.unwrap_or_default(),
    };
    let location = match location {
        sdk::CitationLocation::Web(web) => Location::Web(WebLocation {
            url: web.url.unwrap_or_default(),
            domain: web.domain.unwrap_or_default(),
        }),
        sdk::CitationLocation::DocumentChar(place) => {
            Location::DocumentCharacters(range(place.document_index, place.start, place.end))
        }
        sdk::CitationLocation::DocumentPage(place) => {
            Location::DocumentPages(range(place.document_index, place.start, place.end))
        }
        sdk::CitationLocation::DocumentChunk(place) => {
            Location::DocumentChunks(range(place.document_index, place.start, place.end))
        }
        sdk::CitationLocation::SearchResultLocation(place) => {
            Location::SearchResult(SearchResultRange {
                search_result_index: place.search_result_index.unwrap_or_default(),
                start: place.start.unwrap_or_default(),
                end: place.end.unwrap_or_default(),
            })
        }
        _ => {
            at.leave_out_member();
            return None;
        }
    };
    Some(CitationLocation {
        location: Some(location),
    })
}

/// One more source for the text of a streamed block.
pub(in crate::bedrock) fn citation_delta(delta: sdk::CitationsDelta, at: &Place<'_>) -> Citation {
    Citation {
        title: delta.title.unwrap_or_default(),
        source: delta.source.unwrap_or_default(),
        source_content: delta
            .source_content
            .into_iter()
            .flatten()
            .filter_map(|piece| piece.text)
            .map(|text| CitedSourceContent {
                content: Some(cited_source_content::Content::Text(text)),
            })
            .collect(),
        location: delta
            .location
            .and_then(|location| citation_location(location, &at.member("location"))),
    }
}
