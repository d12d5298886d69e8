//! The samples in `clients/rust/` do what they say. Each is a program; the tests run all of it but
//! `main`, and count its calls of a model.

use bedrock_gateway::client::Error;

use super::client_of;
use crate::support::Gateway;
use crate::support::soon;

#[path = "../../../clients/rust/basic.rs"]
#[expect(dead_code, reason = "`main` is for the program")]
mod basic;
#[path = "../../../clients/rust/cancel.rs"]
#[expect(dead_code, reason = "`main` is for the program")]
mod cancel;
#[path = "../../../clients/rust/errors.rs"]
#[expect(dead_code, reason = "`main` is for the program")]
mod errors;
#[path = "../../../clients/rust/fallback.rs"]
#[expect(dead_code, reason = "`main` is for the program")]
mod fallback;
#[path = "../../../clients/rust/images.rs"]
#[expect(dead_code, reason = "`main` is for the program")]
mod images;
#[path = "../../../clients/rust/stream.rs"]
#[expect(dead_code, reason = "`main` is for the program")]
mod stream;
#[path = "../../../clients/rust/tools.rs"]
#[expect(dead_code, reason = "`main` is for the program")]
mod tools;

async fn calls_of(gateway: &Gateway, sample: impl Future<Output = Result<(), Error>>) -> usize {
    let before = gateway.calls().len();
    soon(sample).await.unwrap();
    gateway.calls().len() - before
}

#[tokio::test]
async fn every_sample_runs_against_a_gateway() {
    let gateway = Gateway::start().await;
    let client = client_of(&gateway).await;

    assert_eq!(calls_of(&gateway, basic::run(&client)).await, 1);
    assert_eq!(calls_of(&gateway, stream::run(&client)).await, 1);
    assert_eq!(calls_of(&gateway, tools::run(&client)).await, 2);
    assert_eq!(calls_of(&gateway, images::run(&client)).await, 1);
    assert_eq!(calls_of(&gateway, errors::run(&client)).await, 0);
    assert_eq!(calls_of(&gateway, fallback::run(&client)).await, 1);
    // Whether the model hears of a call of a millisecond is chance.
    let calls = calls_of(&gateway, cancel::run(&client)).await;
    assert!((1..=2).contains(&calls), "{calls} calls");
}
