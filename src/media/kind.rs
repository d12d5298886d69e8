//! Kinds of media, and the types of each.

use crate::media::detect;

/// A kind of media: its types, and how to recognise them.
#[derive(Debug)]
pub struct Kind {
    /// The kind in a word.
    pub name: &'static str,
    types: &'static [Type],
    detect: fn(&[u8]) -> Option<&'static str>,
}

#[derive(Debug)]
struct Type {
    mime_type: &'static str,
    extensions: &'static [&'static str],
}

/// Pictures.
pub static IMAGE: Kind = Kind {
    name: "image",
    types: &[
        one("image/png", &["png"]),
        one("image/jpeg", &["jpeg", "jpg"]),
        one("image/gif", &["gif"]),
        one("image/webp", &["webp"]),
    ],
    detect: detect::image,
};

/// Files to read.
pub static DOCUMENT: Kind = Kind {
    name: "document",
    types: &[
        one("application/pdf", &["pdf"]),
        one("text/csv", &["csv"]),
        one("text/html", &["html", "htm"]),
        one("text/plain", &["txt", "text"]),
        one("text/markdown", &["md", "markdown"]),
        one("application/msword", &["doc"]),
        one("application/vnd.ms-excel", &["xls"]),
        one(
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            &["docx"],
        ),
        one(
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            &["xlsx"],
        ),
    ],
    detect: detect::document,
};

/// Moving pictures.
pub static VIDEO: Kind = Kind {
    name: "video",
    types: &[
        one("video/mp4", &["mp4", "m4v"]),
        one("video/quicktime", &["mov", "qt"]),
        one("video/x-matroska", &["mkv"]),
        one("video/webm", &["webm"]),
        one("video/x-flv", &["flv"]),
        one("video/mpeg", &["mpeg"]),
        one("video/mpg", &["mpg"]),
        one("video/x-ms-wmv", &["wmv"]),
        one("video/3gpp", &["3gp", "three_gp"]),
    ],
    detect: detect::video,
};

/// Sound.
pub static AUDIO: Kind = Kind {
    name: "audio",
    types: &[
        one("audio/mpeg", &["mp3"]),
        one("audio/x-mpeg", &["mpeg"]),
        one("audio/mpga", &["mpga"]),
        one("audio/aac", &["aac"]),
        one("audio/x-aac", &["x-aac"]),
        one("audio/mp4", &["mp4"]),
        one("audio/x-m4a", &["m4a"]),
        one("audio/opus", &["opus"]),
        one("audio/ogg", &["ogg", "oga"]),
        one("audio/flac", &["flac"]),
        one("audio/wav", &["wav"]),
        one("audio/pcm", &["pcm"]),
        one("audio/webm", &["webm"]),
        one("audio/x-matroska", &["mka"]),
        one("video/x-matroska", &["mkv"]),
    ],
    detect: detect::audio,
};

const fn one(mime_type: &'static str, extensions: &'static [&'static str]) -> Type {
    Type {
        mime_type,
        extensions,
    }
}

impl Kind {
    /// Whether this is one of the types, spelled the same.
    pub fn has(&self, mime_type: &str) -> bool {
        self.mime_types().any(|known| known == mime_type)
    }

    /// The types.
    pub fn mime_types(&self) -> impl Iterator<Item = &'static str> {
        self.types.iter().map(|known| known.mime_type)
    }

    /// The type that the first bytes of a medium tell.
    pub fn of_bytes(&self, bytes: &[u8]) -> Option<&'static str> {
        (self.detect)(bytes)
    }

    /// The type that the extension of a file name or an object's key tells.
    pub fn of_name(&self, name: &str) -> Option<&'static str> {
        let (_, extension) = name.rsplit_once('.')?;
        let is_meant = |known: &&Type| {
            (known.extensions.iter()).any(|one| one.eq_ignore_ascii_case(extension))
        };
        self.types
            .iter()
            .find(is_meant)
            .map(|known| known.mime_type)
    }
}

#[cfg(test)]
#[path = "kind_tests.rs"]
mod tests;
