//! Images, documents, video, audio and search results, as input.

use aws_sdk_bedrockruntime::types as sdk;
use aws_smithy_types::Blob;
use bytes::Bytes;

use super::refused::Refused;
use super::refused::non_empty;
use super::refused::required;
use crate::bedrock::media_type;
use crate::proto::AudioBlock;
use crate::proto::CitationsConfig;
use crate::proto::DocumentBlock;
use crate::proto::GuardImage;
use crate::proto::ImageBlock;
use crate::proto::S3Location;
use crate::proto::SearchResultBlock;
use crate::proto::VideoBlock;
use crate::proto::audio_block;
use crate::proto::document_block;
use crate::proto::document_chunk;
use crate::proto::image_block;
use crate::proto::video_block;

/// The token that Bedrock wants for a document whose format plays no part.
const FORMAT_OF_TEXT: &str = "txt";

/// What the answer said about it stays behind: `error` is output only.
pub(super) fn image(block: &ImageBlock) -> Result<sdk::ImageBlock, Refused> {
    let (data, key, source) = match required(block.source.as_ref(), "source")? {
        image_block::Source::Data(data) => (data.as_ref(), "", sdk::ImageSource::Bytes(blob(data))),
        image_block::Source::S3Location(location) => (
            &[][..],
            location.uri.as_str(),
            sdk::ImageSource::S3Location(s3_location(location)?),
        ),
    };
    let token = media_type::IMAGE.token(&block.mime_type, data, key)?;
    Ok(sdk::ImageBlock::builder()
        .format(token.into())
        .source(source)
        .build()?)
}

pub(super) fn document(block: &DocumentBlock) -> Result<sdk::DocumentBlock, Refused> {
    let family = &media_type::DOCUMENT;
    let (token, source) = match required(block.source.as_ref(), "source")? {
        document_block::Source::Data(data) => (
            family.token(&block.mime_type, data, "")?,
            sdk::DocumentSource::Bytes(blob(data)),
        ),
        document_block::Source::S3Location(location) => (
            family.token(&block.mime_type, &[], &location.uri)?,
            sdk::DocumentSource::S3Location(s3_location(location)?),
        ),
        document_block::Source::Text(text) => {
            (FORMAT_OF_TEXT, sdk::DocumentSource::Text(text.clone()))
        }
        document_block::Source::Chunks(chunks) => {
            let mut content = Vec::with_capacity(chunks.chunks.len());
            for (position, chunk) in chunks.chunks.iter().enumerate() {
                let path = format!("chunks.chunks[{position}].content");
                let document_chunk::Content::Text(text) = required(chunk.content.as_ref(), &path)?;
                content.push(sdk::DocumentContentBlock::Text(text.clone()));
            }
            (FORMAT_OF_TEXT, sdk::DocumentSource::Content(content))
        }
    };
    Ok(sdk::DocumentBlock::builder()
        .format(token.into())
        .name(block.name.clone())
        .source(source)
        .set_context(non_empty(&block.context))
        .set_citations(citations(block.citations_config.as_ref())?)
        .build()?)
}

pub(super) fn video(block: &VideoBlock) -> Result<sdk::VideoBlock, Refused> {
    let (data, key, source) = match required(block.source.as_ref(), "source")? {
        video_block::Source::Data(data) => (data.as_ref(), "", sdk::VideoSource::Bytes(blob(data))),
        video_block::Source::S3Location(location) => (
            &[][..],
            location.uri.as_str(),
            sdk::VideoSource::S3Location(s3_location(location)?),
        ),
    };
    let token = media_type::VIDEO.token(&block.mime_type, data, key)?;
    Ok(sdk::VideoBlock::builder()
        .format(token.into())
        .source(source)
        .build()?)
}

pub(super) fn audio(block: &AudioBlock) -> Result<sdk::AudioBlock, Refused> {
    let (data, key, source) = match required(block.source.as_ref(), "source")? {
        audio_block::Source::Data(data) => (data.as_ref(), "", sdk::AudioSource::Bytes(blob(data))),
        audio_block::Source::S3Location(location) => (
            &[][..],
            location.uri.as_str(),
            sdk::AudioSource::S3Location(s3_location(location)?),
        ),
    };
    let token = media_type::AUDIO.token(&block.mime_type, data, key)?;
    Ok(sdk::AudioBlock::builder()
        .format(token.into())
        .source(source)
        .build()?)
}

pub(super) fn search_result(block: &SearchResultBlock) -> Result<sdk::SearchResultBlock, Refused> {
    let mut content = Vec::with_capacity(block.content.len());
    for piece in &block.content {
        content.push(
            sdk::SearchResultContentBlock::builder()
                .text(piece.text.clone())
                .build()?,
        );
    }
    Ok(sdk::SearchResultBlock::builder()
        .source(block.source.clone())
        .title(block.title.clone())
        .set_content(Some(content))
        .set_citations(citations(block.citations_config.as_ref())?)
        .build()?)
}

pub(super) fn guard_image(image: &GuardImage) -> Result<sdk::GuardrailConverseImageBlock, Refused> {
    let token = media_type::IMAGE.token(&image.mime_type, &image.data, "")?;
    if !matches!(token, "png" | "jpeg") {
        return Err(Refused::invalid(
            "mime_type",
            "is neither image/png nor image/jpeg",
        ));
    }
    Ok(sdk::GuardrailConverseImageBlock::builder()
        .format(token.into())
        .source(sdk::GuardrailConverseImageSource::Bytes(blob(&image.data)))
        .build()?)
}

fn citations(config: Option<&CitationsConfig>) -> Result<Option<sdk::CitationsConfig>, Refused> {
    config
        .map(|config| {
            sdk::CitationsConfig::builder()
                .enabled(config.enabled)
                .build()
        })
        .transpose()
        .map_err(Refused::from)
}

fn s3_location(location: &S3Location) -> Result<sdk::S3Location, Refused> {
    Ok(sdk::S3Location::builder()
        .uri(location.uri.clone())
        .set_bucket_owner(non_empty(&location.bucket_owner))
        .build()?)
}

/// Shares the bytes of the request instead of copying them.
fn blob(data: &Bytes) -> Blob {
    Blob::from_maybe_shared(data.clone())
}
