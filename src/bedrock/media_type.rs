//! Media types to Bedrock's format tokens and back, without loss, and what bytes look like.
//!
//! Does not check sizes or whether the bytes are what they claim to be.

use super::request::refused::Refused;

/// A kind of media: its formats, and how to recognise them.
pub(super) struct Family {
    name: &'static str,
    /// Bedrock's token and the media type.
    formats: &'static [(&'static str, &'static str)],
    /// File name extensions that are not tokens themselves.
    extensions: &'static [(&'static str, &'static str)],
    /// The token for these leading bytes.
    detect: fn(&[u8]) -> Option<&'static str>,
}

pub(super) const IMAGE: Family = Family {
    name: "image",
    formats: &[
        ("png", "image/png"),
        ("jpeg", "image/jpeg"),
        ("gif", "image/gif"),
        ("webp", "image/webp"),
    ],
    extensions: &[("jpg", "jpeg")],
    detect: detect_image,
};

pub(super) const DOCUMENT: Family = Family {
    name: "document",
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
    extensions: &[("htm", "html"), ("markdown", "md"), ("text", "txt")],
    detect: detect_document,
};

pub(super) const VIDEO: Family = Family {
    name: "video",
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
    extensions: &[("3gp", "three_gp"), ("m4v", "mp4"), ("qt", "mov")],
    detect: detect_video,
};

pub(super) const AUDIO: Family = Family {
    name: "audio",
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
    extensions: &[("oga", "ogg")],
    detect: detect_audio,
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
        if mime_type.is_empty() {
            return (self.detect)(leading)
                .or_else(|| self.token_of_extension(key))
                .ok_or_else(|| {
                    let problem = format!("is empty, and the {} does not tell", self.name);
                    Refused::invalid("mime_type", problem)
                });
        }
        // Parameters such as a charset have no place in Bedrock, and change nothing for it.
        let essence = mime_type.split(';').next().unwrap_or_default().trim();
        self.formats
            .iter()
            .find(|(_, known)| essence.eq_ignore_ascii_case(known))
            .map(|(token, _)| *token)
            .ok_or_else(|| {
                let problem = format!("is not a type of {} Bedrock takes", self.name);
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
                || format!("{}/{token}", self.name),
                |(_, mime_type)| (*mime_type).to_owned(),
            )
    }

    fn token_of_extension(&self, key: &str) -> Option<&'static str> {
        let (_, extension) = key.rsplit_once('.')?;
        self.formats
            .iter()
            .map(|(token, _)| (*token, *token))
            .chain(self.extensions.iter().copied())
            .find(|(known, _)| extension.eq_ignore_ascii_case(known))
            .map(|(_, token)| token)
    }
}

fn detect_image(bytes: &[u8]) -> Option<&'static str> {
    if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        Some("png")
    } else if bytes.starts_with(b"\xff\xd8\xff") {
        Some("jpeg")
    } else if bytes.starts_with(b"GIF8") {
        Some("gif")
    } else if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
        Some("webp")
    } else {
        None
    }
}

fn detect_document(bytes: &[u8]) -> Option<&'static str> {
    if bytes.is_empty() {
        return None;
    }
    if bytes.starts_with(b"%PDF-") {
        return Some("pdf");
    }
    if bytes.starts_with(b"PK\x03\x04") {
        // Office files are archives whose members stand in a folder named after the kind.
        let contains = |name: &[u8]| memchr::memmem::find(bytes, name).is_some();
        return match (contains(b"word/document.xml"), contains(b"xl/workbook.xml")) {
            (true, false) => Some("docx"),
            (false, true) => Some("xlsx"),
            _ => None,
        };
    }
    let text = str::from_utf8(bytes).ok()?;
    if text.contains('\0') {
        return None;
    }
    let start = text.trim_start_matches('\u{feff}').trim_start();
    let is_html = ["<!doctype html", "<html"].iter().any(|tag| {
        start
            .get(..tag.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(tag))
    });
    Some(if is_html { "html" } else { "txt" })
}

fn detect_video(bytes: &[u8]) -> Option<&'static str> {
    if bytes.get(4..8) == Some(b"ftyp") {
        return Some(match bytes.get(8..11) {
            Some(b"qt ") => "mov",
            Some(b"3gp") => "three_gp",
            _ => "mp4",
        });
    }
    if bytes.starts_with(b"FLV\x01") {
        Some("flv")
    } else if bytes.starts_with(b"\x30\x26\xb2\x75\x8e\x66\xcf\x11") {
        Some("wmv")
    } else if bytes.starts_with(b"\x00\x00\x01\xba") || bytes.starts_with(b"\x00\x00\x01\xb3") {
        Some("mpeg")
    } else {
        detect_matroska(bytes, "mkv")
    }
}

fn detect_audio(bytes: &[u8]) -> Option<&'static str> {
    if bytes.get(4..8) == Some(b"ftyp") {
        return Some(match bytes.get(8..11) {
            Some(b"M4A") => "m4a",
            _ => "mp4",
        });
    }
    if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WAVE") {
        Some("wav")
    } else if bytes.starts_with(b"fLaC") {
        Some("flac")
    } else if bytes.starts_with(b"OggS") {
        Some("ogg")
    } else if bytes.starts_with(b"ID3") {
        Some("mp3")
    } else {
        match bytes {
            // ADTS has layer 0, MPEG audio has layer 3.
            [0xff, 0xf0 | 0xf1 | 0xf8 | 0xf9, ..] => Some("aac"),
            [0xff, 0xfa | 0xfb | 0xf2 | 0xf3 | 0xe2 | 0xe3, ..] => Some("mp3"),
            _ => detect_matroska(bytes, "mka"),
        }
    }
}

/// Matroska and WebM share a signature; the document type follows within the header.
fn detect_matroska(bytes: &[u8], matroska: &'static str) -> Option<&'static str> {
    if !bytes.starts_with(b"\x1a\x45\xdf\xa3") {
        return None;
    }
    let header = bytes.get(..64).unwrap_or(bytes);
    let is_webm = memchr::memmem::find(header, b"webm").is_some();
    Some(if is_webm { "webm" } else { matroska })
}

#[cfg(test)]
#[path = "media_type_tests.rs"]
mod tests;
