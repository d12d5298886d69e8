use super::*;

const FAMILIES: [&Family; 4] = [&IMAGE, &DOCUMENT, &VIDEO, &AUDIO];

#[test]
fn every_format_survives_the_round_trip() {
    for family in FAMILIES {
        for (token, mime_type) in family.formats {
            let found = family.token(mime_type, &[], "").ok();

            assert_eq!(found, Some(*token));
            assert_eq!(family.mime_type(token), *mime_type);
        }
    }
}

#[test]
fn case_and_parameters_of_a_media_type_do_not_matter() {
    assert_eq!(
        DOCUMENT.token("Text/Plain; charset=utf-8", &[], "").ok(),
        Some("txt")
    );
}

#[test]
fn a_foreign_media_type_is_refused() {
    assert!(IMAGE.token("image/tiff", b"\x89PNG\r\n\x1a\n", "").is_err());
    assert!(IMAGE.token("application/pdf", &[], "").is_err());
}

#[test]
fn leading_bytes_tell_the_format() {
    let cases: &[(&Family, &[u8], &str)] = &[
        (&IMAGE, b"\x89PNG\r\n\x1a\nrest", "png"),
        (&IMAGE, b"\xff\xd8\xff\xe0", "jpeg"),
        (&IMAGE, b"GIF89a", "gif"),
        (&IMAGE, b"RIFF\x00\x00\x00\x00WEBPVP8 ", "webp"),
        (&DOCUMENT, b"%PDF-1.7", "pdf"),
        (&DOCUMENT, b"PK\x03\x04....word/document.xml", "docx"),
        (&DOCUMENT, b"PK\x03\x04....xl/workbook.xml", "xlsx"),
        (&DOCUMENT, b"\xef\xbb\xbf <!DOCTYPE HTML>", "html"),
        (&DOCUMENT, "Grüße".as_bytes(), "txt"),
        (&VIDEO, b"\x00\x00\x00\x18ftypisom", "mp4"),
        (&VIDEO, b"\x00\x00\x00\x18ftypqt  ", "mov"),
        (&VIDEO, b"\x00\x00\x00\x18ftyp3gp5", "three_gp"),
        (&VIDEO, b"\x1a\x45\xdf\xa3....webm", "webm"),
        (&VIDEO, b"\x1a\x45\xdf\xa3....matroska", "mkv"),
        (&AUDIO, b"ID3\x04", "mp3"),
        (&AUDIO, b"\xff\xfb\x90", "mp3"),
        (&AUDIO, b"\xff\xf1\x50", "aac"),
        (&AUDIO, b"fLaC", "flac"),
        (&AUDIO, b"OggS", "ogg"),
        (&AUDIO, b"RIFF\x00\x00\x00\x00WAVEfmt ", "wav"),
        (&AUDIO, b"\x00\x00\x00\x18ftypM4A ", "m4a"),
    ];

    for (family, bytes, token) in cases {
        assert_eq!(family.token("", bytes, "").ok(), Some(*token));
    }
}

#[test]
fn the_object_key_tells_the_format() {
    assert_eq!(IMAGE.token("", &[], "s3://b/a.JPG").ok(), Some("jpeg"));
    assert_eq!(VIDEO.token("", &[], "s3://b/a.3gp").ok(), Some("three_gp"));
    assert_eq!(
        DOCUMENT.token("", &[], "s3://b/a.markdown").ok(),
        Some("md")
    );
    assert!(IMAGE.token("", &[], "s3://b/a").is_err());
    assert!(IMAGE.token("", b"\x00\x01", "").is_err());
    assert!(DOCUMENT.token("", b"\x00\x01", "").is_err());
}
