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
fn every_type_of_a_kind_has_a_token_and_no_other_has() {
    for family in FAMILIES {
        let known: Vec<&str> = family.kind.mime_types().collect();
        let with_token: Vec<&str> = family.formats.iter().map(|(_, known)| *known).collect();

        assert_eq!(with_token, known);
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
fn bytes_or_key_tell_the_format_where_nothing_is_said() {
    assert_eq!(
        VIDEO.token("", b"\x00\x00\x00\x18ftyp3gp5", "").ok(),
        Some("three_gp")
    );
    assert_eq!(
        AUDIO.token("", b"\xff\xfb\x90", "s3://b/a.wav").ok(),
        Some("mp3")
    );
    assert_eq!(IMAGE.token("", &[], "s3://b/a.JPG").ok(), Some("jpeg"));
    assert!(IMAGE.token("", &[], "s3://b/a").is_err());
    assert!(IMAGE.token("", b"\x00\x01", "").is_err());
}
