use super::*;

fn body_with(placeholders: &[&Document]) -> String {
    let strings: Vec<_> = placeholders
        .iter()
        .map(|placeholder| match placeholder {
            Document::String(text) => format!("\"{text}\""),
            _ => panic!("not a string"),
        })
        .collect();
    format!("{{\"list\":[{}]}}", strings.join(","))
}

#[test]
fn texts_are_put_in_place_in_any_order() {
    let mut json = RawJson::default();
    let first = json.placeholder("{\"b\":1.0}".to_owned());
    let second = json.placeholder("[]".to_owned());

    let spliced = json
        .splice(body_with(&[&second, &first]).as_bytes())
        .unwrap();

    assert_eq!(spliced, br#"{"list":[[],{"b":1.0}]}"#);
}

#[test]
fn a_body_that_lacks_a_placeholder_is_refused() {
    let mut json = RawJson::default();
    let first = json.placeholder("1".to_owned());
    json.placeholder("2".to_owned());

    let result = json.splice(body_with(&[&first]).as_bytes());

    assert!(result.is_err());
}

#[test]
fn a_leading_member_fits_an_empty_body() {
    let mut json = RawJson::default();
    json.leading_member("a", "1");

    assert_eq!(json.splice(b"{}").unwrap(), br#"{"a":1}"#);
    assert_eq!(json.splice(br#"{"b":2}"#).unwrap(), br#"{"a":1,"b":2}"#);
}

#[test]
fn placeholders_differ_from_call_to_call() {
    let placeholders: Vec<_> = (0..2)
        .map(|_| RawJson::default().placeholder(String::new()))
        .collect();

    assert_ne!(placeholders[0], placeholders[1]);
}

#[test]
fn json_is_checked_and_trimmed() {
    let deep = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));

    assert_eq!(checked(" {\"a\" : 1} \n"), Ok("{\"a\" : 1}"));
    assert_eq!(checked("\"[[\\\"[\""), Ok("\"[[\\\"[\""));
    assert!(checked("").is_err());
    assert!(checked("{} {}").is_err());
    assert!(checked("{'a':1}").is_err());
    assert!(checked("01").is_err());
    assert!(checked(&deep(100)).is_ok());
    assert!(checked(&deep(101)).is_err());
    assert!(checked(&deep(1_000_000)).is_err());
}
