//! What conversion costs: a call through the gateway's adapter beside the same call on the SDK
//! alone, both against an upstream in memory.
//!
//! Both sides write the same body and read the same answer, which is checked. What one costs more
//! than the other is what the adapter adds.

mod allocations;
mod cases;
mod sides;

use std::time::Duration;

use bedrock_gateway::bedrock::InMemoryUpstream;
use serde_json::Value;
use tokio::time::Instant;

use crate::cases::Case;
use crate::sides::Adapter;
use crate::sides::Sdk;
use crate::sides::Side;

/// Each side of each case is measured this often, in turns, and the median taken.
const ROUNDS: usize = 31;

/// How long one side of one round takes.
const ROUND: Duration = Duration::from_millis(20);

/// What one unit of a case costs.
#[derive(Clone, Copy)]
struct Cost {
    time_us: f64,
    allocations: f64,
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let upstream = InMemoryUpstream::default();
    let adapter = Adapter::over(&upstream).await;
    let sdk = Sdk::over(&upstream).await;
    println!(
        "{:<36} {:<6} {:>10} {:>10} {:>6} {:>12} {:>10} {:>6}",
        "", "per", "us", "SDK alone", "ratio", "allocations", "SDK alone", "more"
    );
    for case in cases::all() {
        check(&case, &upstream, &adapter, &sdk).await;
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            ours.push(measure(&case, &upstream, &adapter, ROUND).await);
            theirs.push(measure(&case, &upstream, &sdk, ROUND).await);
        }
        report(&case, median(ours), median(theirs));
    }
}

/// Fails unless both sides ask for the same and read the answer to its end.
async fn check(case: &Case, upstream: &InMemoryUpstream, adapter: &Adapter, sdk: &Sdk) {
    upstream.answer(case.answer.clone());
    let ours = adapter.call(&adapter.given(case), case.is_stream).await;
    let theirs = sdk.call(&sdk.given(case), case.is_stream).await;
    let bodies: Vec<Value> = upstream
        .take_sent()
        .iter()
        .map(|sent| serde_json::from_slice(&sent.body).expect("the body is JSON"))
        .collect();

    assert_eq!(bodies.len(), 2);
    assert_eq!(bodies[0], bodies[1], "{}: another body", case.name);
    let expected = if case.is_stream { case.units } else { 0 };
    assert!(ours >= expected && theirs >= expected, "{}", case.name);
}

async fn measure<S: Side>(
    case: &Case,
    upstream: &InMemoryUpstream,
    side: &S,
    time: Duration,
) -> Cost {
    upstream.answer(case.answer.clone());
    let given = side.given(case);
    let started = Instant::now();
    let allocations = allocations::count();
    let mut units = 0;
    while units == 0 || started.elapsed() < time {
        side.call(&given, case.is_stream).await;
        upstream.take_sent();
        units += case.units;
    }
    let units = f64::from(units);
    Cost {
        time_us: started.elapsed().as_secs_f64() * 1e6 / units,
        allocations: (allocations::count() - allocations) as f64 / units,
    }
}

fn median(mut costs: Vec<Cost>) -> Cost {
    costs.sort_by(|left, right| left.time_us.total_cmp(&right.time_us));
    costs[costs.len() / 2]
}

fn report(case: &Case, ours: Cost, theirs: Cost) {
    println!(
        "{:<36} {:<6} {:>10.2} {:>10.2} {:>6.2} {:>12.1} {:>10.1} {:>6.1}",
        case.name,
        case.unit,
        ours.time_us,
        theirs.time_us,
        ours.time_us / theirs.time_us,
        ours.allocations,
        theirs.allocations,
        ours.allocations - theirs.allocations,
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_adapter_adds_few_allocations_to_a_call_and_none_to_an_event() {
        let upstream = InMemoryUpstream::default();
        let adapter = Adapter::over(&upstream).await;
        let sdk = Sdk::over(&upstream).await;
        for case in cases::all() {
            check(&case, &upstream, &adapter, &sdk).await;

            let ours = measure(&case, &upstream, &adapter, Duration::ZERO).await;
            let theirs = measure(&case, &upstream, &sdk, Duration::ZERO).await;

            let most = if case.is_stream { 0.1 } else { 40.0 };
            let more = ours.allocations - theirs.allocations;
            assert!(more <= most, "{}: {more} more", case.name);
        }
    }
}
