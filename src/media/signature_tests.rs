use super::*;
use crate::media::AUDIO;
use crate::media::DOCUMENT;
use crate::media::IMAGE;
use crate::media::Kind;
use crate::media::VIDEO;

const KINDS: [&Kind; 4] = [&IMAGE, &DOCUMENT, &VIDEO, &AUDIO];

#[test]
fn bytes_of_another_type_are_a_contradiction() {
    for (mime_type, bytes, expected) in [
        ("image/png", &b"\xff\xd8\xff\xe0"[..], "are image/jpeg"),
        ("image/webp", b"RIFF\0\0\0\0WAVE", "are audio/wav"),
        ("image/jpeg", b"\0\0\0\x18ftypheic", "are MP4 or a relative"),
        ("application/pdf", b"PK\x03\x04..", "are a ZIP archive"),
        ("text/plain", b"%PDF-1.7", "are application/pdf"),
        (
            "application/msword",
            b"PK\x03\x04....word/document.xml",
            "are a Word document",
        ),
        (
            SHEET,
            b"PK\x03\x04....word/document.xml",
            "are a Word document",
        ),
        (
            WORD,
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
            "are an Office file of before 2007",
        ),
        (
            "video/mp4",
            b"\x1a\x45\xdf\xa3....webm",
            "are Matroska or WebM",
        ),
        ("audio/mpeg", b"OggS\0\x02", "are audio/ogg"),
        ("image/png", b"\x00\x01", "do not begin as such a file does"),
        (
            "application/pdf",
            b"Dear Sir",
            "do not begin as such a file does",
        ),
        (WORD, b"Dear Sir", "do not begin as such a file does"),
    ] {
        let found = contradiction(mime_type, bytes).map(|found| found.to_string());

        assert_eq!(found.as_deref(), Some(expected), "{mime_type}");
    }
}

#[test]
fn bytes_that_may_be_of_the_type_are_none() {
    for (mime_type, bytes) in [
        ("image/png", &b"\x89PNG\r\n\x1a\n"[..]),
        ("application/pdf", b"%PDF-1.7"),
        ("application/pdf", b"Received: from mail\r\n\r\n%PDF-1.4"),
        (WORD, b"PK\x03\x04 its members come later"),
        ("application/msword", b"{\\rtf1 as Word reads it, too}"),
        ("text/plain", b"The ftyp box comes first"),
        ("text/markdown", b"OggS is a signature, %PDF- another"),
        ("text/csv", b"GIF8,1"),
        ("video/quicktime", b"\0\0\0\x08wide"),
        ("video/mpeg", b"\x47 a transport stream"),
        ("audio/aac", b"\0\0\0\x18ftypM4A "),
        ("audio/flac", b"ID3\x04 a tag before the music"),
        ("audio/pcm", b"\x12\x34"),
    ] {
        assert_eq!(contradiction(mime_type, bytes), None, "{mime_type}");
    }
}

#[test]
fn what_is_inferred_from_bytes_never_contradicts_them() {
    for (kind, bytes) in [
        (&IMAGE, &b"\x89PNG\r\n\x1a\n"[..]),
        (&IMAGE, b"\xff\xd8\xff\xe0"),
        (&IMAGE, b"GIF89a"),
        (&IMAGE, b"RIFF\0\0\0\0WEBP"),
        (&DOCUMENT, b"%PDF-1.7"),
        (&DOCUMENT, b"PK\x03\x04....word/document.xml"),
        (&DOCUMENT, b"PK\x03\x04....xl/workbook.xml"),
        (&DOCUMENT, b"plain text"),
        (&VIDEO, b"\0\0\0\x18ftypisom"),
        (&VIDEO, b"\0\0\0\x18ftypqt  "),
        (&VIDEO, b"\x1a\x45\xdf\xa3....webm"),
        (&VIDEO, b"FLV\x01"),
        (&AUDIO, b"\0\0\0\x18ftypM4A "),
        (&AUDIO, b"RIFF\0\0\0\0WAVE"),
        (&AUDIO, b"OggS\0"),
        (&AUDIO, b"OggS\0.......................OpusHead"),
        (&AUDIO, b"\x1a\x45\xdf\xa3....matroska"),
    ] {
        let inferred = kind.of_bytes(bytes).unwrap();

        assert_eq!(contradiction(inferred, bytes), None, "{inferred}");
    }
}

#[test]
fn every_type_in_the_tables_is_one_of_a_kind() {
    let types = SIGNATURES
        .iter()
        .flat_map(|signature| signature.types)
        .chain(ALWAYS_SIGNED);

    for mime_type in types {
        assert!(KINDS.iter().any(|kind| kind.has(mime_type)), "{mime_type}");
    }
}
