//! A gateway that runs, checked by its address.

use bedrock_gateway::emulator::Scenario;
use serde_json::json as value;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpListener;
use tokio::process::Command;

use super::assert_says;
use super::json;
use super::run;
use super::states;
use super::stderr;
use super::stdout;
use super::without_times;
use crate::health::ready;
use crate::support::Gateway;
use crate::support::process::command;

async fn gateway() -> Gateway {
    let price = value!({"currency": "USD", "inputPerMillion": 15, "outputPerMillion": 75});
    let gateway = Gateway::with_models(value!({
        "large": {
            "modelId": "us.anthropic.claude-opus-4-1-20250805-v1:0", "priority": 1, "prices": price
        },
        "small": {"modelId": "us.anthropic.claude-sonnet-4-5-20250929-v1:0", "priority": 2},
        "off": {"modelId": "amazon.nova-lite-v1:0", "priority": 3, "enabled": false},
    }))
    .await;
    ready(&gateway).await;
    gateway
}

fn check(gateway: &Gateway, arguments: &[&str]) -> Command {
    let address = gateway.address().to_string();
    command(&[&["check", "--address", &address], arguments].concat())
}

#[tokio::test]
async fn running_gateway_tells_its_health_and_models_and_answers() {
    let gateway = gateway().await;

    let output = run(check(&gateway, &[])).await;

    let text = stdout(&output).replace(&gateway.address().to_string(), "ADDRESS");
    assert_eq!(
        without_times(&text),
        "\
1. Connection
   ✓ http://ADDRESS takes connections, in # ms
2. Health
   ✓ the process: SERVING
   ✓ the gateway as a whole: SERVING
   ✓ bedrock.gateway.v1.InferenceService: SERVING
   ✓ bedrock.gateway.v1.ModelService: SERVING
3. Models
   ✓ large: active, SERVING
   ✓ small: active, SERVING
   - off: disabled, NOT_SERVING
4. Invocation
   ✓ large · 10 in, 32 out · $0.00255 · 1 attempt · stopped: max_tokens · # ms

all is well
"
    );
    assert_says(&output, 0, &[]);
    assert_eq!(gateway.calls(), ["large"]);
}

#[tokio::test]
async fn every_model_of_a_gateway_is_called_with_consent() {
    let gateway = gateway().await;

    let refused = run(check(&gateway, &["--all"])).await;
    let before = gateway.calls().len();
    let document = json(&run(check(&gateway, &["--all", "--yes", "--json"])).await);

    let estimate = "2 small calls: at most $0.00288 if nothing is repeated, and 1 of \
                    unknown price";
    assert_says(&refused, 2, &[estimate, "agree with --yes"]);
    assert_eq!(before, 0);
    assert_eq!(
        states(&document),
        "connection passed, health passed, models passed, invocation passed"
    );
    assert_eq!(document["steps"][1]["health"]["liveness"], "SERVING");
    assert_eq!(document["steps"][2]["models"][2]["health"], "NOT_SERVING");
    assert_eq!(document["steps"][3]["totalCost"]["totalNanos"], "2550000");
    assert_eq!(gateway.calls().len(), 2);
}

#[tokio::test]
async fn failing_model_is_told_and_then_seen_as_suspended() {
    let gateway = gateway().await;
    let denied = Scenario::exception("AccessDeniedException");
    gateway.emulator().set_scenario("large", denied);

    let first = run(check(&gateway, &["--model", "large"])).await;
    let second = run(check(&gateway, &["--model", "small"])).await;

    assert_says(&first, 77, &["✗ large: UPSTREAM_ACCESS_DENIED"]);
    assert_says(
        &second,
        0,
        &[
            "! large: suspended, NOT_SERVING",
            "✓ small · ",
            "all is well, 1 warning",
        ],
    );
}

#[tokio::test]
async fn gateway_without_credentials_is_not_well() {
    let mut serve = command(&[
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--server-drain-delay",
        "0s",
    ]);
    serve.env("HOME", "/nonexistent");
    let mut served = crate::support::process::Process::start(serve);
    let address = served.line("gateway listening on ").await;

    let free = run(command(&["check", "--free", "--address", &address])).await;
    let called = run(command(&["check", "--address", &address])).await;

    let health = [
        "✗ the gateway as a whole: NOT_SERVING",
        "found no AWS credentials yet",
    ];
    assert_says(&free, 75, &health);
    // The call says why.
    assert_says(&called, 77, &health);
    assert_says(&called, 77, &["UPSTREAM_CREDENTIALS_INVALID"]);
    served.terminate().await;
}

#[tokio::test]
async fn nobody_at_the_address_skips_the_rest() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    drop(listener);

    let output = run(command(&["check", "--json", "--address", &address])).await;

    let document = json(&output);
    assert_says(&output, 69, &[&address, "bedrock-gateway serve"]);
    assert_eq!(
        states(&document),
        "connection failed, health skipped, models skipped, invocation skipped"
    );
}

#[tokio::test]
async fn something_else_at_the_address_is_no_gateway() {
    let gateway = gateway().await;
    let emulator = gateway.emulator().endpoint_url();

    let output = run(command(&["check", "--address", &emulator])).await;

    assert_says(
        &output,
        69,
        &["✗ the process: ", "- no model was called: step 2 failed"],
    );
}

#[tokio::test]
async fn port_that_says_nothing_is_given_up_in_time() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();

    let output = run(command(&[
        "check",
        "--timeout",
        "300ms",
        "--address",
        &address,
    ]))
    .await;

    let advice = "→ nothing was answered within 300ms; is it the gateway's port?";
    assert_says(&output, 69, &["✗ the process: ", advice]);
}

#[tokio::test]
async fn server_of_http_1_is_told_from_one_that_is_slow() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let answer = b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n";
            let _ = stream.write_all(answer).await;
        }
    });

    let output = run(command(&["check", "--address", &address])).await;

    let advice = "→ the connection broke, or what answers there speaks no gRPC;";
    assert_says(&output, 69, &["✗ the process: ", advice]);
}

#[tokio::test]
async fn settings_of_this_machine_say_nothing_about_a_running_gateway() {
    let gateway = gateway().await;

    let output = run(check(&gateway, &["--bedrock-region", "us-east-1"])).await;

    assert_says(
        &output,
        2,
        &["error: a running gateway has its own settings"],
    );
    assert_eq!(stdout(&output), "");
    assert!(!stderr(&output).is_empty());
}
