//! Media types to Bedrock's format tokens and back, without loss.
//!
//! Which types there are, and what bytes and keys tell of them, is known to `media`.

use super::request::refused::Refused;
use crate::media;
use crate::media::Kind;

/// A kind of media, and Bedrock's token for each of its types.
pub(super) struct Family {
    kind: &'static Kind,
    /// Token and media type.
    formats: &'static [(&'static str, &'static str)],
}

pub(super) const IMAGE: Family = Family {
    kind: &media::IMAGE,
    formats: &[
        ("png", "image/png"),
        ("jpeg", "image/jpeg"),
        ("gif", "image/gif"),
        ("webp", "image/webp"),
    ],
};

pub(super) const DOCUMENT: Family = Family {
    kind: &media::DOCUMENT,
    formats: &[
        ("pdf", "application/pdf"),
        ("csv", "text/csv"),
        ("html", "text/html"),
        ("txt", "text/plain"),
        ("md", "text/markdown"),
        ("doc", "application/msword"),
        ("xls", "application/vnd.ms-excel"),
        (
            "docx",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        ),
        (
            "xlsx",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ),
    ],
};

pub(super) const VIDEO: Family = Family {
    kind: &media::VIDEO,
    formats: &[
        ("mp4", "video/mp4"),
        ("mov", "video/quicktime"),
        ("mkv", "video/x-matroska"),
        ("webm", "video/webm"),
        ("flv", "video/x-flv"),
        ("mpeg", "video/mpeg"),
        ("mpg", "video/mpg"),
        ("wmv", "video/x-ms-wmv"),
        ("three_gp", "video/3gpp"),
    ],
};

pub(super) const AUDIO: Family = Family {
    kind: &media::AUDIO,
    formats: &[
        ("mp3", "audio/mpeg"),
        ("mpeg", "audio/x-mpeg"),
        ("mpga", "audio/mpga"),
        ("aac", "audio/aac"),
        ("x-aac", "audio/x-aac"),
        ("mp4", "audio/mp4"),
        ("m4a", "audio/x-m4a"),
        ("opus", "audio/opus"),
        ("ogg", "audio/ogg"),
        ("flac", "audio/flac"),
        ("wav", "audio/wav"),
        ("pcm", "audio/pcm"),
        ("webm", "audio/webm"),
        ("mka", "audio/x-matroska"),
        ("mkv", "video/x-matroska"),
    ],
};

impl Family {
    /// Bedrock's token for a media type, or for what the bytes or the object key look like if the
    /// type is empty.
    ///
    /// # Errors
    /// The type is not one of the family's, or nothing tells it.
    pub(super) fn token(
        &self,
        mime_type: &str,
        leading: &[u8],
        key: &str,
    ) -> Result<&'static str, Refused> {
        let mime_type = if mime_type.is_empty() {
            self.kind
                .of_bytes(leading)
                .or_else(|| self.kind.of_name(key))
                .ok_or_else(|| {
                    let problem = format!("is empty, and the {} does not tell", self.kind.name);
                    Refused::invalid("mime_type", problem)
                })?
        } else {
            // Parameters such as a charset have no place in Bedrock, and change nothing for it.
            mime_type.split(';').next().unwrap_or_default().trim()
        };
        self.formats
            .iter()
            .find(|(_, known)| mime_type.eq_ignore_ascii_case(known))
            .map(|(token, _)| *token)
            .ok_or_else(|| {
                let problem = format!("is not a type of {} Bedrock takes", self.kind.name);
                Refused::invalid("mime_type", problem)
            })
    }

    /// The media type for one of Bedrock's tokens; a new token keeps its name, and none gives none.
    pub(super) fn mime_type(&self, token: &str) -> String {
        if token.is_empty() {
            return String::new();
        }
        self.formats
            .iter()
            .find(|(known, _)| *known == token)
            .map_or_else(
                || format!("{}/{token}", self.kind.name),
                |(_, mime_type)| (*mime_type).to_owned(),
            )
    }
}

#[cfg(test)]
#[path = "media_type_tests.rs"]
mod tests;
