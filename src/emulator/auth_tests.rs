use http::Request;

use super::*;

const BODY: &[u8] = b"{}";
const NOW: &str = "20260401T120000Z";

fn authenticator() -> Authenticator {
    Authenticator::new(Credentials::default(), "us-east-1".to_owned())
}

fn now() -> Timestamp {
    NOW.parse().unwrap()
}

/// A request signed as a client of that region with these credentials signs it.
fn signed(credentials: &Credentials, region: &str) -> Parts {
    let identity: Identity = SigningCredentials::new(
        credentials.access_key_id.clone(),
        credentials.secret_access_key.clone(),
        credentials.session_token.clone(),
        None,
        "test",
    )
    .into();
    let parameters: SigningParams<'_> = v4::SigningParams::builder()
        .identity(&identity)
        .region(region)
        .name("bedrock")
        .time(now().into())
        .settings(SigningSettings::default())
        .build()
        .unwrap()
        .into();
    let mut request = Request::post("http://127.0.0.1:4000/model/a%3A0/converse")
        .header("host", "127.0.0.1:4000")
        .header("content-type", "application/json")
        .body(())
        .unwrap();
    let headers = [
        ("content-type", "application/json"),
        ("host", "127.0.0.1:4000"),
    ];
    let signable = SignableRequest::new(
        "POST",
        "http://127.0.0.1:4000/model/a%3A0/converse",
        headers.into_iter(),
        SignableBody::Bytes(BODY),
    )
    .unwrap();
    let (instructions, _) = sign(signable, &parameters).unwrap().into_parts();
    instructions.apply_to_request_http1x(&mut request);
    request.into_parts().0
}

fn refused(head: &Parts, now: Timestamp) -> (String, String) {
    let refusal = authenticator().check(head, BODY, now).unwrap_err();
    assert_eq!(refusal.status.as_u16() / 100, 4);
    (refusal.name, refusal.message)
}

#[test]
fn a_request_signed_with_the_right_key_is_let_in() {
    let head = signed(&Credentials::default(), "us-east-1");

    assert_eq!(authenticator().check(&head, BODY, now()), Ok(()));
}

#[test]
fn an_unknown_key_id_is_an_unrecognized_client() {
    let stranger = Credentials {
        access_key_id: "AKIASTRANGER".to_owned(),
        ..Credentials::default()
    };

    let (name, _) = refused(&signed(&stranger, "us-east-1"), now());

    assert_eq!(name, "UnrecognizedClientException");
}

#[test]
fn a_wrong_secret_or_a_changed_body_is_a_wrong_signature() {
    let guess = Credentials {
        secret_access_key: "guess".to_owned(),
        ..Credentials::default()
    };
    let honest = signed(&Credentials::default(), "us-east-1");

    let (name, _) = refused(&signed(&guess, "us-east-1"), now());
    let changed = authenticator()
        .check(&honest, b"{\"a\":1}", now())
        .unwrap_err();

    assert_eq!(name, "InvalidSignatureException");
    assert_eq!(changed.name, "InvalidSignatureException");
}

#[test]
fn a_credential_of_another_region_is_refused_by_its_scope() {
    let (name, message) = refused(&signed(&Credentials::default(), "eu-west-1"), now());

    assert_eq!(name, "InvalidSignatureException");
    assert!(message.starts_with("Credential should be scoped to a valid region"));
}

#[test]
fn clocks_more_than_five_minutes_apart_are_refused() {
    let head = signed(&Credentials::default(), "us-east-1");

    let (_, late) = refused(&head, now() + SignedDuration::from_secs(301));
    let (_, early) = refused(&head, now() - SignedDuration::from_secs(301));
    let still = authenticator().check(&head, BODY, now() + SignedDuration::from_secs(299));

    assert_eq!(
        late,
        "Signature expired: 20260401T120000Z is now earlier than 20260401T120001Z (20260401T120501Z - 5 min.)"
    );
    assert!(early.starts_with("Signature not yet current"));
    assert_eq!(still, Ok(()));
}

#[test]
fn no_authorization_is_a_missing_token() {
    let head = Request::post("/model/a/converse")
        .body(())
        .unwrap()
        .into_parts()
        .0;

    assert_eq!(
        refused(&head, now()).0,
        "MissingAuthenticationTokenException"
    );
}

#[test]
fn a_session_token_must_be_the_one_of_the_key() {
    let temporary = Credentials {
        session_token: Some("session".to_owned()),
        ..Credentials::default()
    };
    let head = signed(&temporary, "us-east-1");

    let with_token = Authenticator::new(temporary, "us-east-1".to_owned());

    assert_eq!(with_token.check(&head, BODY, now()), Ok(()));
    assert_eq!(refused(&head, now()).0, "UnrecognizedClientException");
}

#[test]
fn a_bearer_token_is_taken_only_where_one_is_configured() {
    let head = Request::post("/model/a/converse")
        .header("authorization", "Bearer key")
        .body(())
        .unwrap()
        .into_parts()
        .0;
    let credentials = Credentials {
        bearer_token: Some("key".to_owned()),
        ..Credentials::default()
    };

    let configured = Authenticator::new(credentials, "us-east-1".to_owned());

    assert_eq!(configured.check(&head, BODY, now()), Ok(()));
    assert_eq!(refused(&head, now()).0, "AccessDeniedException");
}

#[test]
fn a_scope_of_another_day_is_refused() {
    let mut head = signed(&Credentials::default(), "us-east-1");
    let authorization = head.headers[AUTHORIZATION].to_str().unwrap();
    let other_day = authorization
        .replace("20260401", "20260331")
        .parse()
        .unwrap();
    head.headers.insert(AUTHORIZATION, other_day);

    let (name, message) = refused(&head, now());

    assert_eq!(name, "InvalidSignatureException");
    assert!(message.contains("'20260331' != '20260401'"), "{message}");
}
