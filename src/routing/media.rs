//! How many media a request holds, and how large the largest is of each kind.
//!
//! What lies in S3 counts, but its size is not known here.

use std::fmt;

use crate::proto::AudioBlock;
use crate::proto::DocumentBlock;
use crate::proto::GuardImage;
use crate::proto::ImageBlock;
use crate::proto::VideoBlock;
use crate::proto::audio_block;
use crate::proto::document_block;
use crate::proto::image_block;
use crate::proto::video_block;
use crate::registry::MediaLimits;
use crate::routing::estimate;

/// The media of a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Media {
    images: Measured,
    documents: Measured,
    recordings: Measured,
}

/// Media of one kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Measured {
    count: usize,
    largest_bytes: usize,
    largest_at: Place,
}

/// Where in a conversation something stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) message: usize,
    pub(super) block: usize,
    /// Within a tool's result.
    pub(super) item: Option<usize>,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "messages[{}].content[{}]", self.message, self.block)?;
        match self.item {
            Some(item) => write!(f, ".tool_result.content[{item}]"),
            None => Ok(()),
        }
    }
}

impl Media {
    pub(super) fn add_image(&mut self, image: &ImageBlock, place: Place) {
        let bytes = match &image.source {
            Some(image_block::Source::Data(data)) => data.len(),
            Some(image_block::Source::S3Location(_)) | None => 0,
        };
        self.images.add(bytes, place);
    }

    pub(super) fn add_guard_image(&mut self, image: &GuardImage, place: Place) {
        self.images.add(image.data.len(), place);
    }

    /// Returns the bytes of text in it.
    pub(super) fn add_document(&mut self, document: &DocumentBlock, place: Place) -> usize {
        let text_bytes = estimate::document_bytes(document);
        let bytes = match &document.source {
            Some(document_block::Source::Data(data)) => data.len(),
            Some(document_block::Source::S3Location(_)) | None => 0,
            Some(document_block::Source::Text(_) | document_block::Source::Chunks(_)) => text_bytes,
        };
        self.documents.add(bytes, place);
        text_bytes
    }

    pub(super) fn add_video(&mut self, video: &VideoBlock, place: Place) {
        let bytes = match &video.source {
            Some(video_block::Source::Data(data)) => data.len(),
            Some(video_block::Source::S3Location(_)) | None => 0,
        };
        self.recordings.add(bytes, place);
    }

    pub(super) fn add_audio(&mut self, audio: &AudioBlock, place: Place) {
        let bytes = match &audio.source {
            Some(audio_block::Source::Data(data)) => data.len(),
            Some(audio_block::Source::S3Location(_)) | None => 0,
        };
        self.recordings.add(bytes, place);
    }

    /// Which limits of the model this exceeds, by name, with what was found.
    pub(super) fn problems(&self, limits: &MediaLimits, model: &str) -> Vec<String> {
        let counts = [
            ("images", self.images, limits.max_images),
            ("documents", self.documents, limits.max_documents),
        ];
        let sizes = [
            ("an image", self.images, limits.max_image_bytes),
            ("a document", self.documents, limits.max_document_bytes),
            (
                "a recording that is not in S3",
                self.recordings,
                limits.max_inline_bytes,
            ),
        ];
        let mut problems = Vec::new();
        for (what, found, most) in counts {
            if exceeds(found.count, most) {
                problems.push(format!(
                    "the request holds {} {what}; {model} takes at most {most}",
                    found.count
                ));
            }
        }
        for (what, found, most) in sizes {
            if exceeds(found.largest_bytes, most) {
                problems.push(format!(
                    "{} is {what} of {} bytes; {model} takes at most {most}",
                    found.largest_at, found.largest_bytes
                ));
            }
        }
        problems
    }
}

impl Measured {
    fn add(&mut self, bytes: usize, place: Place) {
        self.count += 1;
        if bytes > self.largest_bytes {
            self.largest_bytes = bytes;
            self.largest_at = place;
        }
    }
}

fn exceeds(found: usize, most: u32) -> bool {
    u32::try_from(found).map_or(true, |found| found > most)
}
