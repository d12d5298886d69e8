//! Requests as proto JSON, one file per mistake in `tests/fixtures/requests/refused`, with the
//! violations it must be answered with; and requests without one in `accepted`.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use prost::Message;
use prost_reflect::{DescriptorPool, DynamicMessage};
use serde_json::{Value, json};

use crate::grpc::validate::{
    Reason, Violations, count_tokens, get_model, invoke, invoke_stream, list_models,
};
use crate::proto::FILE_DESCRIPTOR_SET;
use crate::proto::InvokeRequest;

const REASONS: &[Reason] = &[
    Reason::Required,
    Reason::OutOfRange,
    Reason::TooLong,
    Reason::TooMany,
    Reason::BadFormat,
    Reason::BadJson,
    Reason::Conflict,
    Reason::UnknownEnum,
    Reason::Duplicate,
    Reason::UnknownReference,
    Reason::Unanswered,
    Reason::Misplaced,
];

fn fixtures(folder: &str) -> Vec<(PathBuf, Value)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures/requests")
        .join(folder);
    let mut paths: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    assert!(!paths.is_empty());
    let read = |path: PathBuf| {
        let text = fs::read_to_string(&path).unwrap();
        let fixture =
            serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        (path, fixture)
    };
    paths.into_iter().map(read).collect()
}

fn decode<T: Message + Default>(pool: &DescriptorPool, rpc: &str, request: &Value) -> T {
    let name = format!("bedrock.gateway.v1.{rpc}Request");
    let descriptor = pool.get_message_by_name(&name).unwrap();
    DynamicMessage::deserialize(descriptor, request.clone())
        .unwrap_or_else(|e| panic!("{rpc} {request}: {e}"))
        .transcode_to()
        .unwrap()
}

fn validate(pool: &DescriptorPool, fixture: &Value) -> Result<(), Violations> {
    let rpc = fixture["rpc"].as_str().unwrap_or("Invoke");
    let request = &fixture["request"];
    match rpc {
        "Invoke" => invoke(decode(pool, rpc, request)).map(drop),
        "InvokeStream" => invoke_stream(decode(pool, rpc, request)).map(drop),
        "CountTokens" => count_tokens(decode(pool, rpc, request)).map(drop),
        "ListModels" => list_models(decode(pool, rpc, request)).map(drop),
        "GetModel" => get_model(decode(pool, rpc, request)).map(drop),
        other => panic!("no such rpc: {other}"),
    }
}

fn as_json(violations: &Violations) -> Value {
    violations
        .kept()
        .iter()
        .map(|violation| {
            json!([
                violation.field,
                violation.reason.as_str(),
                violation.description
            ])
        })
        .collect()
}

#[test]
fn each_mistake_is_answered_with_its_violations() {
    let pool = DescriptorPool::decode(FILE_DESCRIPTOR_SET).unwrap();
    let mut wrong = String::new();

    for (path, fixture) in fixtures("refused") {
        let found = validate(&pool, &fixture).err().unwrap_or_default();

        let actual = as_json(&found);
        if actual != fixture["violations"]
            || found.omitted() as u64 != fixture["omitted"].as_u64().unwrap_or(0)
        {
            let name = path.file_name().unwrap().display();
            wrong += &format!("\n@@{name}@@{}@@{actual}", found.omitted());
        }
    }

    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn request_without_a_mistake_passes() {
    let pool = DescriptorPool::decode(FILE_DESCRIPTOR_SET).unwrap();

    for (path, fixture) in fixtures("accepted") {
        let found = validate(&pool, &fixture).err().unwrap_or_default();

        assert_eq!(as_json(&found), json!([]), "{}", path.display());
    }
}

#[test]
fn each_reason_has_a_fixture() {
    let seen: BTreeSet<String> = fixtures("refused")
        .iter()
        .flat_map(|(_, fixture)| fixture["violations"].as_array().unwrap().clone())
        .map(|violation| violation[1].as_str().unwrap().to_owned())
        .collect();

    for reason in REASONS {
        assert!(seen.contains(reason.as_str()), "{reason:?}");
    }
}

#[test]
fn description_holds_nothing_of_the_callers_text() {
    let secrets = fixtures("refused")
        .into_iter()
        .filter(|(_, fixture)| fixture["request"].to_string().contains("SECRET"));
    let mut count = 0;

    for (path, fixture) in secrets {
        count += 1;
        let shown = fixture["violations"].to_string();

        assert!(!shown.contains("SECRET"), "{}: {shown}", path.display());
    }

    assert!(count >= 10, "only {count} fixtures hold a secret");
}

/// Encoded requests of the fixtures, and where to damage them.
fn damaged_request() -> impl Strategy<Value = Vec<u8>> {
    let pool = DescriptorPool::decode(FILE_DESCRIPTOR_SET).unwrap();
    let encoded: Vec<Vec<u8>> = ["accepted", "refused"]
        .iter()
        .flat_map(|folder| fixtures(folder))
        .filter(|(_, fixture)| fixture["rpc"].is_null())
        .map(|(_, fixture)| {
            decode::<InvokeRequest>(&pool, "Invoke", &fixture["request"]).encode_to_vec()
        })
        .collect();
    let damage = prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..8);
    (prop::sample::select(encoded), damage).prop_map(|(mut bytes, damage)| {
        for (place, byte) in damage {
            if !bytes.is_empty() {
                let place = place.index(bytes.len());
                bytes[place] = byte;
            }
        }
        bytes
    })
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..512)) {
        if let Ok(request) = InvokeRequest::decode(bytes.as_slice()) {
            let _ = invoke(request);
        }
    }

    #[test]
    fn damaged_requests_never_panic(bytes in damaged_request()) {
        if let Ok(request) = InvokeRequest::decode(bytes.as_slice()) {
            let bounded = invoke(request).err().is_none_or(|found| found.kept().len() <= 20);
            prop_assert!(bounded);
        }
    }
}
