use super::*;

#[test]
fn only_known_facts_of_an_origin_are_told_under_the_upstreams_names() {
    let nothing = Origin::default();
    let all = Origin {
        status: Some(404),
        resource: "endpoint-1".to_owned(),
        message: "no such endpoint".to_owned(),
    };

    assert_eq!(nothing.facts().count(), 0);
    assert_eq!(
        all.facts().collect::<Vec<_>>(),
        [
            ("originalStatusCode", "404".to_owned()),
            ("resourceName", "endpoint-1".to_owned()),
            ("originalMessage", "no such endpoint".to_owned()),
        ]
    );
}

#[test]
fn error_shows_its_message_alone_and_leads_to_its_source() {
    let error = ProviderError {
        source: Some("connection refused".into()),
        ..ProviderError::new(ErrorKind::Unreachable, "Bedrock cannot be reached")
    };

    assert_eq!(error.to_string(), "Bedrock cannot be reached");
    let source = error.source().map(ToString::to_string);
    assert_eq!(source.as_deref(), Some("connection refused"));
    assert!(
        ProviderError::new(ErrorKind::Internal, "")
            .source()
            .is_none()
    );
}

#[test]
fn debug_output_names_the_kind_and_keeps_words_and_sources_to_itself() {
    let error = ProviderError {
        upstream_error: "InternalServerException".into(),
        source: Some("the source".into()),
        ..ProviderError::new(ErrorKind::Internal, "the words")
    };

    let shown = format!("{error:?}");

    assert!(
        shown.contains("Internal") && shown.contains("InternalServerException"),
        "{shown}"
    );
    assert!(
        !shown.contains("the words") && !shown.contains("the source"),
        "{shown}"
    );
}
