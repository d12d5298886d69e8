//! How many members of Converse and ConverseStream the golden cases prove, of those there are.
//!
//! A member of a request counts when it stands in a body that the emulator received and answered. A
//! member of an answer counts when another value of it makes a difference to the caller or, for the
//! words of some exceptions, to the log. What is in an answer and makes none was lost.

use std::collections::BTreeSet;

use serde_json::Value;
use serde_json::json;

use crate::golden_answers::answer;
use crate::golden_failures::fail;
use crate::golden_requests::send;
use crate::golden_streams::stream;
use crate::support::golden;
use crate::support::golden::Case;
use crate::support::shapes;
use crate::support::shapes::Place;

/// Cases of what no version of the API model knows: it is left out, so nothing of it counts.
const UNKNOWN: &str = "unknown";

#[tokio::test]
async fn golden_cases_prove_every_member_of_converse() {
    let list = include_str!("../data/converse-members.txt");
    let all: BTreeSet<String> = list.lines().map(str::to_owned).collect();
    assert_eq!(all, shapes::members(), "the list and the shapes differ");
    let guardrail_trace = shapes::members_below("GuardrailTraceAssessment");

    let requests = of_requests().await;
    let answers = of_answers().await;
    let streams = of_streams().await;
    let failures = of_failures().await;

    let groups = [&requests, &answers, &streams, &failures];
    let proven: BTreeSet<String> = groups
        .iter()
        .flat_map(|group| &group.members)
        .cloned()
        .collect();
    println!("{} of {}", proven.len(), all.len());
    println!(
        "{} of {} without the guardrail trace",
        proven.difference(&guardrail_trace).count(),
        all.difference(&guardrail_trace).count()
    );
    println!(
        "in requests {}, answers {}, streams {}, exceptions {}",
        requests.members.len(),
        answers.members.len(),
        streams.members.len(),
        failures.members.len()
    );
    let lost: Vec<_> = groups.iter().flat_map(|group| &group.lost).collect();
    assert!(lost.is_empty(), "lost on the way to the caller: {lost:#?}");
    let missing: Vec<_> = all.difference(&proven).collect();
    assert!(missing.is_empty(), "no golden case proves {missing:#?}");
}

/// What came of changing one place after the other.
#[derive(Default)]
struct Proof {
    /// Members that made a difference.
    members: BTreeSet<String>,
    /// Places that made none.
    lost: Vec<String>,
}

impl Proof {
    /// Takes what came of changing a place.
    fn note(&mut self, case: &Case, place: Place, known: &Value, changed: Result<Value, String>) {
        let where_it_is = format!("{} {} {}", case.name, place.member, place.pointer);
        match changed {
            Ok(changed) if changed != *known => {
                self.members.insert(place.member);
                self.members.extend(place.above);
            }
            // The end of the message ends a block, too.
            Ok(_) if place.member == "ContentBlockStopEvent.contentBlockIndex" => {}
            // An answer is the model's, whatever it says.
            Ok(_) if place.member == "MessageStartEvent.role" => {}
            // Where the model is at fault, its words may hold what it was writing.
            Ok(_) if place.member == "ModelStreamErrorException.message" => {}
            Ok(_) => self.lost.push(where_it_is),
            // Most blocks cannot be moved without putting the stream out of order.
            Err(_) if place.member.ends_with(".contentBlockIndex") => {}
            Err(error) => self.lost.push(format!("{where_it_is}: {error}")),
        }
    }
}

/// What stands in the bodies that the golden requests led to.
async fn of_requests() -> Proof {
    let mut proof = Proof::default();
    let gateway = golden::gateway().await;
    for case in golden::cases("requests", "body") {
        for call in send(&gateway, &case).await.unwrap() {
            let entry = &gateway.emulator().journal()[call];
            let shape = format!("{}Request", entry.operation);
            let mut sent: Value = serde_json::from_slice(&entry.body).unwrap();
            sent["modelId"] = json!(entry.model_id);
            let (places, unknown) = shapes::walk(&shape, &sent);
            assert!(unknown.is_empty(), "{}: {unknown:?}", case.name);
            proof
                .members
                .extend(places.into_iter().map(|place| place.member));
        }
    }
    proof
}

/// What makes a difference in the golden answers.
async fn of_answers() -> Proof {
    let mut proof = Proof::default();
    let gateway = golden::gateway().await;
    for case in known_cases("answers", "response") {
        let reply = &case.input["reply"];
        // Else it would be counted, and tell of blocks that were lost.
        assert!(reply["members"]["usage"].is_object(), "{}", case.name);
        let response = golden::response(reply);
        let known = answer(&gateway, reply).await.unwrap();
        for (place, changed) in shapes::changes("ConverseResponse", &response) {
            let reply = golden::reply(changed);
            proof.note(&case, place, &known, answer(&gateway, &reply).await);
        }
    }
    proof
}

/// What makes a difference in the golden streams.
async fn of_streams() -> Proof {
    let mut proof = Proof::default();
    let gateway = golden::gateway().await;
    for case in known_cases("streams", "events") {
        let events = &case.input["events"];
        let known = stream(&gateway, events).await.unwrap();
        for (place, changed) in shapes::changes("[ConverseStreamOutput]", events) {
            proof.note(&case, place, &known, stream(&gateway, &changed).await);
        }
        let starts = known.as_array().unwrap().iter();
        let start = starts.filter_map(|event| event.get("messageStart")).next();
        if start.is_some_and(|start| start["role"] == "ROLE_ASSISTANT") {
            let start = [
                "ConverseStreamOutput.messageStart",
                "MessageStartEvent.role",
            ];
            proof.members.extend(start.map(str::to_owned));
        }
    }
    if !proof.members.is_empty() {
        let stream = "ConverseStreamResponse.stream";
        proof.members.insert(stream.to_owned());
    }
    proof
}

/// What makes a difference in the golden failures inside a stream.
async fn of_failures() -> Proof {
    let mut proof = Proof::default();
    for case in known_cases("failures", "status") {
        let fault = &case.input["streamException"];
        let Some(name) = fault["name"].as_str() else {
            continue;
        };
        let known = fail(&case.input).await.unwrap();
        let mut exception = fault["members"].clone();
        exception["message"] = fault["message"].clone();
        for (place, mut changed) in
            shapes::changes("ConverseStreamOutput", &json!({ name: exception }))
        {
            let mut members = changed[name].take();
            let message = members.as_object_mut().unwrap().remove("message");
            let fault = json!({"name": name, "message": message, "members": members});
            let fault = json!({ "streamException": fault });
            proof.note(&case, place, &known, fail(&fault).await);
        }
    }
    proof
}

fn known_cases(folder: &str, outcome: &str) -> impl Iterator<Item = Case> {
    let cases = golden::cases(folder, outcome).into_iter();
    cases.filter(|case| case.name != UNKNOWN)
}
