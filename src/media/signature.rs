//! What the first bytes of a medium exclude, whatever it is called: long signatures only, which no
//! text and no other format begins with.

use std::fmt;

use crate::media::detect;

/// A signature, what has it, and the media types that may be said of such bytes.
struct Signature {
    is_of: fn(&[u8]) -> bool,
    name: &'static str,
    types: &'static [&'static str],
}

const WORD: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
const SHEET: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// The first that fits counts.
const SIGNATURES: &[Signature] = &[
    Signature {
        is_of: |bytes| bytes.starts_with(b"\x89PNG\r\n\x1a\n"),
        name: "image/png",
        types: &["image/png"],
    },
    Signature {
        is_of: |bytes| bytes.starts_with(b"\xff\xd8\xff"),
        name: "image/jpeg",
        types: &["image/jpeg"],
    },
    Signature {
        is_of: |bytes| bytes.starts_with(b"GIF87a") || bytes.starts_with(b"GIF89a"),
        name: "image/gif",
        types: &["image/gif"],
    },
    Signature {
        is_of: |bytes| is_riff(bytes, b"WEBP"),
        name: "image/webp",
        types: &["image/webp"],
    },
    Signature {
        is_of: |bytes| bytes.starts_with(b"%PDF-"),
        name: "application/pdf",
        types: &["application/pdf"],
    },
    Signature {
        is_of: |bytes| detect::is_zip(bytes) && detect::office(bytes) == Some(WORD),
        name: "a Word document",
        types: &[WORD],
    },
    Signature {
        is_of: |bytes| detect::is_zip(bytes) && detect::office(bytes) == Some(SHEET),
        name: "an Excel workbook",
        types: &[SHEET],
    },
    Signature {
        is_of: detect::is_zip,
        name: "a ZIP archive",
        types: &[WORD, SHEET],
    },
    Signature {
        is_of: detect::is_compound_file,
        name: "an Office file of before 2007",
        types: &["application/msword", "application/vnd.ms-excel"],
    },
    Signature {
        is_of: is_iso_media,
        name: "MP4 or a relative",
        types: &[
            "video/mp4",
            "video/quicktime",
            "video/3gpp",
            "audio/mp4",
            "audio/x-m4a",
            "audio/aac",
            "audio/x-aac",
        ],
    },
    Signature {
        is_of: |bytes| bytes.starts_with(b"\x1a\x45\xdf\xa3"),
        name: "Matroska or WebM",
        types: &[
            "video/x-matroska",
            "video/webm",
            "audio/x-matroska",
            "audio/webm",
        ],
    },
    Signature {
        is_of: |bytes| bytes.starts_with(b"FLV\x01"),
        name: "video/x-flv",
        types: &["video/x-flv"],
    },
    Signature {
        is_of: |bytes| bytes.starts_with(b"\x30\x26\xb2\x75\x8e\x66\xcf\x11"),
        name: "video/x-ms-wmv",
        types: &["video/x-ms-wmv"],
    },
    Signature {
        is_of: |bytes| is_riff(bytes, b"WAVE"),
        name: "audio/wav",
        types: &["audio/wav", "audio/pcm"],
    },
    Signature {
        is_of: |bytes| bytes.starts_with(b"OggS\0"),
        name: "audio/ogg",
        types: &["audio/ogg", "audio/opus"],
    },
];

/// Types of which every file has a signature.
const ALWAYS_SIGNED: &[&str] = &[
    "image/png",
    "image/jpeg",
    "image/gif",
    "image/webp",
    WORD,
    SHEET,
    "video/x-matroska",
    "video/webm",
    "video/x-flv",
    "video/x-ms-wmv",
    "audio/x-matroska",
    "audio/webm",
];

/// How far into a file the signature of PDF may stand, in bytes: readers allow what mail and web
/// servers put before it.
const PDF_START: usize = 1024;

/// Why bytes cannot be of a media type. Shows as words that follow "the bytes".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Contradiction {
    /// They are something else.
    Are(&'static str),
    /// They do not begin as every file of the type does.
    LackSignature,
}

impl fmt::Display for Contradiction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Are(other) => write!(f, "are {other}"),
            Self::LackSignature => f.write_str("do not begin as such a file does"),
        }
    }
}

/// Why these bytes cannot be of this media type, if that is beyond doubt.
pub fn contradiction(mime_type: &str, bytes: &[u8]) -> Option<Contradiction> {
    if let Some(signature) = SIGNATURES.iter().find(|known| (known.is_of)(bytes)) {
        let is_right = signature.types.contains(&mime_type);
        return (!is_right).then_some(Contradiction::Are(signature.name));
    }
    let is_signed = if mime_type == "application/pdf" {
        let start = bytes.get(..PDF_START).unwrap_or(bytes);
        memchr::memmem::find(start, b"%PDF-").is_some()
    } else {
        !ALWAYS_SIGNED.contains(&mime_type)
    };
    (!is_signed).then_some(Contradiction::LackSignature)
}

fn is_riff(bytes: &[u8], form: &[u8; 4]) -> bool {
    bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(form)
}

/// The first box has a name, and a size below 64 KiB: no text begins with zeros.
fn is_iso_media(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\0\0") && bytes.get(4..8) == Some(b"ftyp")
}

#[cfg(test)]
#[path = "signature_tests.rs"]
mod tests;
