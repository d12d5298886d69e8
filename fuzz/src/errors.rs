//! An answer that is no success: what kind of failure it is, and what of it is told to whom.
//!
//! The input is an answer as text: a line with the status, lines with headers, an empty line, the
//! body.

use std::sync::LazyLock;

use bedrock_gateway::bedrock::Answer;
use bedrock_gateway::proto::InvokeRequest;
use bedrock_gateway::provider::Adaptation;
use bedrock_gateway::provider::ErrorKind;
use bedrock_gateway::provider::Provider;
use bedrock_gateway::provider::ProviderError;
use bytes::Bytes;

use crate::fixture;
use crate::fixture::Fixture;
use crate::text;

/// What a body may hold of a prompt.
const SECRET: &str = "SECRET";

static FIXTURE: LazyLock<Fixture> = Fixture::lazy();

/// Gives the input as an answer to each operation.
pub fn check(input: &[u8]) {
    let Some(answer) = answer(input) else {
        return;
    };
    let name_is_secret = answer
        .headers
        .iter()
        .any(|(_, value)| value.contains(SECRET));
    let is_success = answer.status < 300;
    let fixture = &*FIXTURE;
    fixture.upstream.answer(answer);
    let model = fixture.model();
    let request = InvokeRequest {
        prompt: "Hi".to_owned(),
        ..InvokeRequest::default()
    };
    let adaptation = Adaptation::default();
    let call = fixture::call(model, &request, &adaptation);

    let (whole, streamed, counted) = fixture.runtime.block_on(async {
        (
            fixture.bedrock.invoke(call).await.err(),
            fixture.bedrock.invoke_stream(call).await.err(),
            fixture.bedrock.count_tokens(call).await.err(),
        )
    });

    let sent = fixture.upstream.take_sent();
    assert_eq!(sent.len(), 3, "one call is one request");
    for error in [&whole, &streamed, &counted].into_iter().flatten() {
        text::check_error(error);
        // A name is told and logged, in a header or in the body.
        if !name_is_secret && !error.upstream_error.contains(SECRET) {
            check_privacy(error);
        }
    }
    if !is_success {
        assert!(counted.is_some());
        assert_eq!(kind(&whole), kind(&streamed), "Invoke and InvokeStream");
    }
}

fn kind(error: &Option<ProviderError>) -> Option<ErrorKind> {
    error.as_ref().map(|error| error.kind)
}

/// Upstream words that may quote the request go to the caller and not to the log, or to neither.
fn check_privacy(error: &ProviderError) {
    let told = error.message.contains(SECRET);
    let logged = error.source.as_ref().map(ToString::to_string);
    let logged = logged.is_some_and(|logged| logged.contains(SECRET));
    let is_about_the_request = matches!(
        error.kind,
        ErrorKind::ModelRejected
            | ErrorKind::ContextTooLong
            | ErrorKind::FieldRefused
            | ErrorKind::Validation
    );
    let may_quote = is_about_the_request
        || matches!(
            error.kind,
            ErrorKind::Credentials
                | ErrorKind::ModelError
                | ErrorKind::UnknownClient
                | ErrorKind::UnknownServer
                | ErrorKind::BadAnswer
        );
    // What the model's own server said is about the request, too.
    let is_about_the_request = is_about_the_request || error.origin.is_some();
    assert!(!told || is_about_the_request, "told: {:?}", error.kind);
    assert!(!logged || !may_quote, "logged: {:?}", error.kind);
}

/// The input as an answer; `None` if it is none that HTTP could carry.
fn answer(input: &[u8]) -> Option<Answer> {
    let (head, body) = match input.windows(2).position(|pair| pair == b"\n\n") {
        Some(end) => (&input[..end], &input[end + 2..]),
        None => (input, &[][..]),
    };
    let mut lines = str::from_utf8(head).ok()?.lines();
    let status = lines.next()?.parse().ok()?;
    let headers = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    // Anything else is an answer on the way, or one that HTTP does not know.
    (200..600).contains(&status).then(|| Answer {
        status,
        headers,
        body: vec![Bytes::copy_from_slice(body)],
    })
}
