use super::*;

fn json_of(number: f64) -> Option<String> {
    let value = Value {
        kind: Some(Kind::NumberValue(number)),
    };
    let fields = Struct {
        fields: [("n".to_owned(), value)].into(),
    };
    struct_to_json(&fields).ok()
}

#[test]
fn integral_numbers_are_written_as_integers() {
    assert_eq!(json_of(1024.0).unwrap(), r#"{"n":1024}"#);
    assert_eq!(json_of(-0.0).unwrap(), r#"{"n":0}"#);
    assert_eq!(
        json_of(9_007_199_254_740_992.0).unwrap(),
        r#"{"n":9007199254740992}"#
    );
    assert_eq!(json_of(0.1).unwrap(), r#"{"n":0.1}"#);
    assert_eq!(json_of(1e300).unwrap(), r#"{"n":1e+300}"#);
}

#[test]
fn numbers_json_cannot_hold_are_refused() {
    assert_eq!(json_of(f64::NAN), None);
    assert_eq!(json_of(f64::INFINITY), None);
}

#[test]
fn a_refusal_names_the_member() {
    let inner = Value { kind: None };
    let list = Value {
        kind: Some(Kind::ListValue(ListValue {
            values: vec![inner],
        })),
    };
    let fields = Struct {
        fields: [("a".to_owned(), list)].into(),
    };

    let refused = crate::provider::ProviderError::from(struct_to_json(&fields).err().unwrap());

    assert_eq!(refused.message, "a[0]: has no value");
}

#[test]
fn a_struct_survives_the_way_through_a_document() {
    let document = Document::Object([("x".to_owned(), Document::from(5_i32))].into());

    let converted = document_to_struct(document);

    assert_eq!(struct_to_json(&converted).ok().unwrap(), r#"{"x":5}"#);
}
