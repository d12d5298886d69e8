//! Text with its sources.

use aws_sdk_bedrockruntime::types as sdk;

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
pub(super) fn cited_content(cited: sdk::CitationsContentBlock) -> CitedContentBlock {
    let text = |piece| match piece {
        sdk::CitationGeneratedContent::Text(text) => Some(CitedText {
            content: Some(cited_text::Content::Text(text)),
        }),
        _ => None,
    };
    CitedContentBlock {
        content: cited
            .content
            .into_iter()
            .flatten()
            .filter_map(text)
            .collect(),
        citations: cited
            .citations
            .into_iter()
            .flatten()
            .map(citation)
            .collect(),
    }
}

fn citation(citation: sdk::Citation) -> Citation {
    let words = |piece| match piece {
        sdk::CitationSourceContent::Text(text) => Some(CitedSourceContent {
            content: Some(cited_source_content::Content::Text(text)),
        }),
        _ => None,
    };
    Citation {
        title: citation.title.unwrap_or_default(),
        source: citation.source.unwrap_or_default(),
        source_content: citation
            .source_content
            .into_iter()
            .flatten()
            .filter_map(words)
            .collect(),
        location: citation.location.and_then(citation_location),
    }
}

fn citation_location(location: sdk::CitationLocation) -> Option<CitationLocation> {
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
            tracing::warn!("left out a citation's location of an unknown kind");
            return None;
        }
    };
    Some(CitationLocation {
        location: Some(location),
    })
}

/// One more source for the text of a streamed block.
pub(in crate::bedrock) fn citation_delta(delta: sdk::CitationsDelta) -> Citation {
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
        location: delta.location.and_then(citation_location),
    }
}
