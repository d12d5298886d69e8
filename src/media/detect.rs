//! What the first bytes of a medium look like, given its kind: a good guess where the type is not
//! said.

pub(super) fn image(bytes: &[u8]) -> Option<&'static str> {
    if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        Some("image/png")
    } else if bytes.starts_with(b"\xff\xd8\xff") {
        Some("image/jpeg")
    } else if bytes.starts_with(b"GIF8") {
        Some("image/gif")
    } else if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
        Some("image/webp")
    } else {
        None
    }
}

pub(super) fn document(bytes: &[u8]) -> Option<&'static str> {
    if bytes.is_empty() {
        return None;
    }
    if bytes.starts_with(b"%PDF-") {
        return Some("application/pdf");
    }
    if is_zip(bytes) {
        return office(bytes);
    }
    if is_compound_file(bytes) {
        return old_office(bytes);
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
    Some(if is_html { "text/html" } else { "text/plain" })
}

pub(super) fn is_zip(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04")
}

/// Office files are archives whose members stand in a folder named after the kind.
pub(super) fn office(bytes: &[u8]) -> Option<&'static str> {
    let contains = |name: &[u8]| memchr::memmem::find(bytes, name).is_some();
    match (contains(b"word/document.xml"), contains(b"xl/workbook.xml")) {
        (true, false) => {
            Some("application/vnd.openxmlformats-officedocument.wordprocessingml.document")
        }
        (false, true) => Some("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        _ => None,
    }
}

/// Office files of before 2007 are file systems of their own.
pub(super) fn is_compound_file(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
}

/// Their directories name, in UTF-16, a stream after the kind.
fn old_office(bytes: &[u8]) -> Option<&'static str> {
    let contains = |name: &[u8]| memchr::memmem::find(bytes, name).is_some();
    let is_word = contains(b"W\0o\0r\0d\0D\0o\0c\0u\0m\0e\0n\0t\0");
    let is_excel = contains(b"W\0o\0r\0k\0b\0o\0o\0k\0");
    match (is_word, is_excel) {
        (true, false) => Some("application/msword"),
        (false, true) => Some("application/vnd.ms-excel"),
        _ => None,
    }
}

pub(super) fn video(bytes: &[u8]) -> Option<&'static str> {
    if bytes.get(4..8) == Some(b"ftyp") {
        return Some(match bytes.get(8..11) {
            Some(b"qt ") => "video/quicktime",
            Some(b"3gp") => "video/3gpp",
            _ => "video/mp4",
        });
    }
    // QuickTime wrote files without a type before MP4 made it a rule.
    if let Some(b"moov" | b"mdat" | b"wide") = bytes.get(4..8) {
        Some("video/quicktime")
    } else if bytes.starts_with(b"FLV\x01") {
        Some("video/x-flv")
    } else if bytes.starts_with(b"\x30\x26\xb2\x75\x8e\x66\xcf\x11") {
        Some("video/x-ms-wmv")
    } else if bytes.starts_with(b"\x00\x00\x01\xba") || bytes.starts_with(b"\x00\x00\x01\xb3") {
        Some("video/mpeg")
    } else {
        matroska(bytes, "video/webm", "video/x-matroska")
    }
}

pub(super) fn audio(bytes: &[u8]) -> Option<&'static str> {
    if bytes.get(4..8) == Some(b"ftyp") {
        return Some(match bytes.get(8..11) {
            Some(b"M4A") => "audio/x-m4a",
            _ => "audio/mp4",
        });
    }
    if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WAVE") {
        Some("audio/wav")
    } else if bytes.starts_with(b"fLaC") {
        Some("audio/flac")
    } else if bytes.starts_with(b"OggS") {
        // The first page holds the codec's own header.
        let is_opus = bytes.get(28..36) == Some(b"OpusHead");
        Some(if is_opus { "audio/opus" } else { "audio/ogg" })
    } else if bytes.starts_with(b"ADIF") {
        Some("audio/aac")
    } else if bytes.starts_with(b"ID3") {
        Some("audio/mpeg")
    } else {
        match bytes {
            // ADTS has layer 0, MPEG audio has layer 3.
            [0xff, 0xf0 | 0xf1 | 0xf8 | 0xf9, ..] => Some("audio/aac"),
            [0xff, 0xfa | 0xfb | 0xf2 | 0xf3 | 0xe2 | 0xe3, ..] => Some("audio/mpeg"),
            _ => matroska(bytes, "audio/webm", "audio/x-matroska"),
        }
    }
}

/// Matroska and WebM share a signature; the document type follows within the header.
fn matroska(bytes: &[u8], webm: &'static str, other: &'static str) -> Option<&'static str> {
    if !bytes.starts_with(b"\x1a\x45\xdf\xa3") {
        return None;
    }
    let header = bytes.get(..64).unwrap_or(bytes);
    let is_webm = memchr::memmem::find(header, b"webm").is_some();
    Some(if is_webm { webm } else { other })
}
