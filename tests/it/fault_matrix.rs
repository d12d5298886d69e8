//! Every fault of `tests/fixtures/faults.json`, in every way a call is made, with one model, two
//! and three.

use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream;
use serde_json::Map;
use serde_json::Value;

use crate::health::ready;
use crate::support::Gateway;
use crate::support::fault_case::Case;
use crate::support::fault_case::cases;
use crate::support::fault_rows::Matrix;

/// Cases under way at one time.
const AT_ONCE: usize = 16;
/// How long all cases may take. They take a sixth of it on two idle cores.
const LIMIT: Duration = Duration::from_secs(90);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_fault_has_its_consequence() {
    let matrix = Matrix::read();
    let mut next_model = 0;
    let all = matrix
        .rows
        .iter()
        .flat_map(|row| cases(row, &mut next_model));
    let (slow, quick): (Vec<Case<'_>>, Vec<_>) = all.partition(Case::hangs);
    let count = slow.len() + quick.len();

    let quick = run(&quick, "30s", AT_ONCE);
    let slow = run(&slow, "1s", slow.len());
    let both = Box::pin(async { tokio::join!(quick, slow) });
    let (mut problems, more) = tokio::time::timeout(LIMIT, both).await.unwrap();
    problems.extend(more);

    assert!(count > 900, "{count}");
    assert!(
        problems.is_empty(),
        "{} problems in {count} cases:\n{}",
        problems.len(),
        problems.join("\n")
    );
}

#[test]
fn every_other_fault_has_a_test_of_its_own() {
    let matrix = Matrix::read();

    let missing = matrix.elsewhere.iter().filter(|other| {
        let path = format!("{}/{}", env!("CARGO_MANIFEST_DIR"), other.file);
        let text = std::fs::read_to_string(path).unwrap_or_default();
        !text.contains(&format!("fn {}(", other.test))
    });

    let missing: Vec<&str> = missing.map(|other| other.fault.as_str()).collect();
    assert_eq!(missing, [""; 0]);
}

/// Runs cases in front of one gateway, and gives what is wrong.
async fn run(cases: &[Case<'_>], attempt_timeout: &str, at_once: usize) -> Vec<String> {
    let registry: Map<String, Value> = cases.iter().flat_map(Case::registry).collect();
    let settings = [
        ("routing.attempt_timeout", attempt_timeout),
        // An open circuit must not close before it was looked at.
        ("routing.circuit_open_time", "1h"),
        ("routing.circuit_open_time_cap", "1h"),
    ];
    let gateway = Gateway::with_models_and(Value::Object(registry), &settings).await;

    ready(&gateway).await;
    let running = cases.iter().map(|case| case.run(&gateway));
    let problems = stream::iter(running).buffer_unordered(at_once);
    let problems: Vec<Vec<String>> = problems.collect().await;

    let idle = gateway
        .emulator()
        .wait_until(|entries| entries.iter().all(|entry| entry.ended_at_ms.is_some()));
    let idle = tokio::time::timeout(Duration::from_secs(20), idle).await;
    assert!(
        idle.is_ok(),
        "a call of the gateway to the emulator never ended"
    );
    problems.concat()
}
