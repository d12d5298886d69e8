//! Images, documents, video, audio and search results in an answer.

use aws_sdk_bedrockruntime::types as sdk;

use crate::bedrock::media_type;
use crate::bedrock::reading::Place;
use crate::bedrock::reading::spelling;
use crate::proto::AudioBlock;
use crate::proto::CitationsConfig;
use crate::proto::ContentBlockError;
use crate::proto::DocumentBlock;
use crate::proto::DocumentChunk;
use crate::proto::DocumentChunks;
use crate::proto::ImageBlock;
use crate::proto::S3Location;
use crate::proto::SearchResultBlock;
use crate::proto::SearchResultContentBlock;
use crate::proto::VideoBlock;
use crate::proto::audio_block;
use crate::proto::document_block;
use crate::proto::document_chunk;
use crate::proto::image_block;
use crate::proto::video_block;

pub(super) fn image(image: sdk::ImageBlock, at: &Place<'_>) -> ImageBlock {
    ImageBlock {
        mime_type: media_type::IMAGE.mime_type(spelling(image.format.as_str())),
        source: image.source.and_then(|source| match source {
            sdk::ImageSource::Bytes(data) => Some(image_block::Source::Data(data.into_bytes())),
            sdk::ImageSource::S3Location(location) => {
                Some(image_block::Source::S3Location(s3_location(location)))
            }
            _ => left_out(&at.member("source")),
        }),
        error: image.error.map(error_block),
    }
}

pub(super) fn audio(audio: sdk::AudioBlock, at: &Place<'_>) -> AudioBlock {
    AudioBlock {
        mime_type: media_type::AUDIO.mime_type(spelling(audio.format.as_str())),
        source: audio.source.and_then(|source| match source {
            sdk::AudioSource::Bytes(data) => Some(audio_block::Source::Data(data.into_bytes())),
            sdk::AudioSource::S3Location(location) => {
                Some(audio_block::Source::S3Location(s3_location(location)))
            }
            _ => left_out(&at.member("source")),
        }),
        error: audio.error.map(error_block),
    }
}

pub(super) fn video(video: sdk::VideoBlock, at: &Place<'_>) -> VideoBlock {
    VideoBlock {
        mime_type: media_type::VIDEO.mime_type(spelling(video.format.as_str())),
        source: video.source.and_then(|source| match source {
            sdk::VideoSource::Bytes(data) => Some(video_block::Source::Data(data.into_bytes())),
            sdk::VideoSource::S3Location(location) => {
                Some(video_block::Source::S3Location(s3_location(location)))
            }
            _ => left_out(&at.member("source")),
        }),
    }
}

pub(super) fn document(document: sdk::DocumentBlock, at: &Place<'_>) -> DocumentBlock {
    let source = document.source.and_then(|source| match source {
        sdk::DocumentSource::Bytes(data) => Some(document_block::Source::Data(data.into_bytes())),
        sdk::DocumentSource::S3Location(location) => {
            Some(document_block::Source::S3Location(s3_location(location)))
        }
        sdk::DocumentSource::Text(text) => Some(document_block::Source::Text(text)),
        sdk::DocumentSource::Content(chunks) => {
            let at = at.member("source");
            let at = at.member("content");
            let chunks = chunks.into_iter().enumerate();
            let chunks = chunks.filter_map(|(position, chunk)| match chunk {
                sdk::DocumentContentBlock::Text(text) => Some(DocumentChunk {
                    content: Some(document_chunk::Content::Text(text)),
                }),
                _ => left_out(&at.item(position)),
            });
            let chunks = chunks.collect();
            Some(document_block::Source::Chunks(DocumentChunks { chunks }))
        }
        _ => left_out(&at.member("source")),
    });
    DocumentBlock {
        mime_type: media_type::DOCUMENT.mime_type(spelling(document.format.as_str())),
        name: document.name,
        source,
        context: document.context.unwrap_or_default(),
        citations_config: citations_config(document.citations),
    }
}

pub(super) fn search_result(result: sdk::SearchResultBlock) -> SearchResultBlock {
    SearchResultBlock {
        source: result.source,
        title: result.title,
        content: result
            .content
            .into_iter()
            .map(|piece| SearchResultContentBlock { text: piece.text })
            .collect(),
        citations_config: citations_config(result.citations),
    }
}

fn left_out<T>(at: &Place<'_>) -> Option<T> {
    at.leave_out_member();
    None
}

fn citations_config(config: Option<sdk::CitationsConfig>) -> Option<CitationsConfig> {
    config.map(|config| CitationsConfig {
        enabled: config.enabled,
    })
}

/// Why a block could not be processed.
pub(in crate::bedrock) fn error_block(error: sdk::ErrorBlock) -> ContentBlockError {
    ContentBlockError {
        message: error.message.unwrap_or_default(),
    }
}

/// An object in S3.
pub(in crate::bedrock) fn s3_location(location: sdk::S3Location) -> S3Location {
    S3Location {
        uri: location.uri,
        bucket_owner: location.bucket_owner.unwrap_or_default(),
    }
}
