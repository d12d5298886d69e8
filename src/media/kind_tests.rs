use super::*;

#[test]
fn first_bytes_tell_the_type() {
    const WORD: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
    const SHEET: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    let cases: &[(&Kind, &[u8], &str)] = &[
        (&IMAGE, b"\x89PNG\r\n\x1a\nrest", "image/png"),
        (&IMAGE, b"\xff\xd8\xff\xe0", "image/jpeg"),
        (&IMAGE, b"GIF89a", "image/gif"),
        (&IMAGE, b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp"),
        (&DOCUMENT, b"%PDF-1.7", "application/pdf"),
        (&DOCUMENT, b"PK\x03\x04....word/document.xml", WORD),
        (&DOCUMENT, b"PK\x03\x04....xl/workbook.xml", SHEET),
        (
            &DOCUMENT,
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1..W\0o\0r\0d\0D\0o\0c\0u\0m\0e\0n\0t\0",
            "application/msword",
        ),
        (
            &DOCUMENT,
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1..W\0o\0r\0k\0b\0o\0o\0k\0",
            "application/vnd.ms-excel",
        ),
        (&DOCUMENT, b"\xef\xbb\xbf <!DOCTYPE HTML>", "text/html"),
        (&DOCUMENT, "Grüße".as_bytes(), "text/plain"),
        (&VIDEO, b"\x00\x00\x00\x18ftypisom", "video/mp4"),
        (&VIDEO, b"\x00\x00\x00\x18ftypqt  ", "video/quicktime"),
        (&VIDEO, b"\x00\x00\x00\x18ftyp3gp5", "video/3gpp"),
        (&VIDEO, b"\x00\x00\x00\x08wide", "video/quicktime"),
        (&VIDEO, b"FLV\x01", "video/x-flv"),
        (
            &VIDEO,
            b"\x30\x26\xb2\x75\x8e\x66\xcf\x11",
            "video/x-ms-wmv",
        ),
        (&VIDEO, b"\x00\x00\x01\xba", "video/mpeg"),
        (&VIDEO, b"\x1a\x45\xdf\xa3....webm", "video/webm"),
        (&VIDEO, b"\x1a\x45\xdf\xa3....matroska", "video/x-matroska"),
        (&AUDIO, b"ID3\x04", "audio/mpeg"),
        (&AUDIO, b"\xff\xfb\x90", "audio/mpeg"),
        (&AUDIO, b"\xff\xf1\x50", "audio/aac"),
        (&AUDIO, b"fLaC", "audio/flac"),
        (&AUDIO, b"ADIF", "audio/aac"),
        (&AUDIO, b"OggS", "audio/ogg"),
        (
            &AUDIO,
            b"OggS\0.......................OpusHead.",
            "audio/opus",
        ),
        (&AUDIO, b"RIFF\x00\x00\x00\x00WAVEfmt ", "audio/wav"),
        (&AUDIO, b"\x00\x00\x00\x18ftypM4A ", "audio/x-m4a"),
        (&AUDIO, b"\x1a\x45\xdf\xa3....matroska", "audio/x-matroska"),
    ];

    for (kind, bytes, expected) in cases {
        assert_eq!(kind.of_bytes(bytes), Some(*expected));
        assert!(kind.has(expected), "{expected}");
    }
}

#[test]
fn some_bytes_tell_nothing() {
    for kind in [&IMAGE, &DOCUMENT, &VIDEO, &AUDIO] {
        assert_eq!(kind.of_bytes(b""), None, "{}", kind.name);
        assert_eq!(kind.of_bytes(b"\x00\x01"), None, "{}", kind.name);
    }
    assert_eq!(DOCUMENT.of_bytes(b"PK\x03\x04 something else"), None);
    let presentation = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1..P\0o\0w\0e\0r\0";
    assert_eq!(DOCUMENT.of_bytes(presentation), None);
}

#[test]
fn every_type_is_told_by_an_extension_of_its_own() {
    for kind in [&IMAGE, &DOCUMENT, &VIDEO, &AUDIO] {
        for known in kind.types {
            for extension in known.extensions {
                let name = format!("s3://b/a.{}", extension.to_uppercase());

                assert_eq!(kind.of_name(&name), Some(known.mime_type), "{name}");
            }
        }
    }
}

#[test]
fn the_extension_of_a_name_tells_the_type() {
    assert_eq!(IMAGE.of_name("s3://b/a.JPG"), Some("image/jpeg"));
    assert_eq!(VIDEO.of_name("s3://b/a.3gp"), Some("video/3gpp"));
    assert_eq!(DOCUMENT.of_name("a.b.markdown"), Some("text/markdown"));
    assert_eq!(AUDIO.of_name("s3://b/a.pcm"), Some("audio/pcm"));
    assert_eq!(IMAGE.of_name("s3://b/a"), None);
    assert_eq!(IMAGE.of_name("s3://b/a.pdf"), None);
}

#[test]
fn a_type_is_known_as_it_is_spelled() {
    assert!(IMAGE.has("image/png"));
    assert!(!IMAGE.has("Image/PNG"));
    assert!(!IMAGE.has("application/pdf"));
}
