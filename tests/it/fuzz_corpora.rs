//! What fuzzing begins with: `fuzz/corpus`, one folder per target, small and readable by it.
//!
//! `UPDATE_GENERATED=1 cargo t generated` writes the golden cases there anew, as `golden_…`, and the
//! requests that are accepted, as `accepted_…`. All others are written by hand.

use std::fs;
use std::path::Path;
use std::path::PathBuf;

use bedrock_gateway::proto::InvokeRequest;
use prost::Message;
use serde_json::Value;
use serde_json::json;

use crate::support::golden;
use crate::support::proto_json;

/// Largest file, and largest folder, in bytes: fuzzing wants many small inputs.
const MAX_FILE: u64 = 8 * 1024;
const MAX_FOLDER: u64 = 128 * 1024;

fn corpus(target: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fuzz/corpus")
        .join(target)
}

fn write(target: &str, inputs: Vec<(String, Vec<u8>)>) {
    for (name, input) in inputs {
        fs::write(corpus(target).join(name), input).unwrap();
    }
}

fn files(target: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let mut paths: Vec<_> = fs::read_dir(corpus(target))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    paths
        .into_iter()
        .map(|path| (path.clone(), fs::read(path).unwrap()))
        .collect()
}

#[test]
fn generated_corpora_stay_small() {
    if std::env::var_os("UPDATE_GENERATED").is_some() {
        write("convert", requests());
        write("events", streams());
        write("errors", answers());
    }

    for target in ["convert", "events", "errors"] {
        let files = files(target);
        let sizes: Vec<u64> = files.iter().map(|(_, input)| input.len() as u64).collect();

        assert!(!files.is_empty(), "{target}");
        assert!(sizes.iter().all(|size| *size <= MAX_FILE), "{target}");
        assert!(sizes.iter().sum::<u64>() <= MAX_FOLDER, "{target}");
    }
}

#[test]
fn every_input_for_conversion_is_a_request() {
    for (path, input) in files("convert") {
        let request = InvokeRequest::decode(&input[1..]);

        assert!(request.is_ok(), "{}", path.display());
    }
}

/// A byte that picks a model, then the request. Those that are there are left out: maps are encoded
/// in another order each time.
fn requests() -> Vec<(String, Vec<u8>)> {
    let golden = golden::cases("requests", "body").into_iter();
    let golden =
        golden.map(|mut case| (format!("golden_{}", case.name), case.input["invoke"].take()));
    let all = golden.chain(accepted());
    all.filter(|(_, json)| json.is_object())
        .filter_map(|(name, json)| {
            let request: InvokeRequest = proto_json::read(&json).unwrap();
            let mut input = vec![name.bytes().fold(0, u8::wrapping_add)];
            let name = format!("{name}.bin");
            let there = fs::read(corpus("convert").join(&name)).unwrap_or_default();
            let there = there.get(1..).map(InvokeRequest::decode);
            let is_there = there.is_some_and(|there| there.is_ok_and(|there| there == request));
            request.encode(&mut input).unwrap();
            (!is_there).then_some((name, input))
        })
        .collect()
}

/// The fixtures of validation that are accepted.
fn accepted() -> impl Iterator<Item = (String, Value)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/requests/accepted");
    let mut paths: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    paths.into_iter().filter_map(|path| {
        let mut fixture: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        let name = path.file_stem().unwrap().to_string_lossy();
        let is_for_invoke = fixture["rpc"].is_null();
        is_for_invoke.then(|| (format!("accepted_{name}"), fixture["request"].take()))
    })
}

/// A line for each event: its type, its payload.
fn streams() -> Vec<(String, Vec<u8>)> {
    let line = |event: &Value| {
        let (name, payload) = event.as_object().unwrap().iter().next().unwrap();
        format!("{name} {payload}\n")
    };
    golden::cases("streams", "events")
        .into_iter()
        .map(|case| {
            let events = case.input["events"].as_array().unwrap();
            let lines: String = events.iter().map(line).collect();
            (format!("golden_{}.txt", case.name), lines.into_bytes())
        })
        .collect()
}

/// A status, an empty line, the body.
fn answers() -> Vec<(String, Vec<u8>)> {
    golden::cases("answers", "response")
        .into_iter()
        .map(|case| {
            let mut body = case.input["reply"]["members"].clone();
            let content = &case.input["reply"]["content"];
            body["output"] = json!({"message": {"role": "assistant", "content": content}});
            let answer = format!("200\n\n{body}\n");
            (format!("golden_{}.txt", case.name), answer.into_bytes())
        })
        .collect()
}
