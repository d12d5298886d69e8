//! Rules of the API that its linter does not know.

use bedrock_gateway::proto::FILE_DESCRIPTOR_SET;
use prost_reflect::DescriptorPool;
use prost_reflect::EnumDescriptor;
use prost_reflect::FieldDescriptor;
use prost_reflect::Kind;
use prost_reflect::MessageDescriptor;

/// Numbers from here on belong to the stream-only fields of `InvokeStreamRequest`.
const FIRST_STREAM_ONLY_NUMBER: u32 = 40;

const GRPC_CODES: &[&str] = &[
    "CANCELLED",
    "UNKNOWN",
    "INVALID_ARGUMENT",
    "DEADLINE_EXCEEDED",
    "NOT_FOUND",
    "ALREADY_EXISTS",
    "PERMISSION_DENIED",
    "RESOURCE_EXHAUSTED",
    "FAILED_PRECONDITION",
    "ABORTED",
    "OUT_OF_RANGE",
    "UNIMPLEMENTED",
    "INTERNAL",
    "UNAVAILABLE",
    "DATA_LOSS",
    "UNAUTHENTICATED",
];

#[test]
fn invoke_request_and_invoke_stream_request_stay_in_step() {
    let unary = shapes(&message("InvokeRequest"));
    let stream = shapes(&message("InvokeStreamRequest"));
    let (shared, stream_only): (Vec<_>, Vec<_>) = stream
        .into_iter()
        .partition(|shape| shape.number < FIRST_STREAM_ONLY_NUMBER);

    assert_eq!(
        unary, shared,
        "give both requests the same fields below {FIRST_STREAM_ONLY_NUMBER}"
    );
    assert!(!stream_only.is_empty());
}

#[test]
fn count_tokens_request_repeats_fields_of_invoke_request() {
    let all = shapes(&message("InvokeRequest"));

    for shape in shapes(&message("CountTokensRequest")) {
        assert!(
            all.contains(&shape),
            "CountTokensRequest.{} differs from InvokeRequest: {shape:?}",
            shape.name
        );
    }
}

#[test]
fn every_error_reason_names_its_code_first() {
    let reasons = pool()
        .get_enum_by_name("bedrock.gateway.v1.ErrorReason")
        .unwrap();

    for (name, comment) in comments(&reasons) {
        if name == "ERROR_REASON_UNSPECIFIED" {
            continue;
        }
        let first = comment
            .split(|letter: char| !(letter.is_ascii_uppercase() || letter == '_'))
            .next();
        assert!(
            first.is_some_and(|word| GRPC_CODES.contains(&word)),
            "{name}: begin its comment with the gRPC code, for example `UNAVAILABLE. …`"
        );
    }
}

/// What must not differ between two fields that stand for the same thing.
#[derive(Debug, PartialEq)]
struct Shape {
    number: u32,
    name: String,
    json_name: String,
    kind: String,
    label: String,
    oneof: Option<String>,
}

fn shapes(message: &MessageDescriptor) -> Vec<Shape> {
    message.fields().map(|field| shape(&field)).collect()
}

fn shape(field: &FieldDescriptor) -> Shape {
    Shape {
        number: field.number(),
        name: field.name().to_owned(),
        json_name: field.json_name().to_owned(),
        kind: kind(field),
        label: format!(
            "{:?}, {}",
            field.cardinality(),
            if field.supports_presence() {
                "knows unset"
            } else {
                "unset is zero"
            }
        ),
        oneof: field
            .containing_oneof()
            .map(|oneof| oneof.name().to_owned()),
    }
}

fn kind(field: &FieldDescriptor) -> String {
    match field.kind() {
        // Each message has entry types of its own for its maps.
        Kind::Message(entry) if field.is_map() => format!(
            "map of {:?} to {:?}",
            entry.map_entry_key_field().kind(),
            entry.map_entry_value_field().kind()
        ),
        other => format!("{other:?}"),
    }
}

/// The leading comment of every value.
pub(crate) fn comments(enumeration: &EnumDescriptor) -> Vec<(String, String)> {
    let file = enumeration.parent_file();
    let info = file
        .file_descriptor_proto()
        .source_code_info
        .as_ref()
        .expect("build.rs keeps the comments");
    enumeration
        .values()
        .map(|value| {
            let comment = info
                .location
                .iter()
                .find(|location| location.path == value.path())
                .map(|location| location.leading_comments().trim().to_owned());
            (value.name().to_owned(), comment.unwrap_or_default())
        })
        .collect()
}

fn message(name: &str) -> MessageDescriptor {
    pool()
        .get_message_by_name(&format!("bedrock.gateway.v1.{name}"))
        .unwrap()
}

fn pool() -> DescriptorPool {
    DescriptorPool::decode(FILE_DESCRIPTOR_SET).unwrap()
}
