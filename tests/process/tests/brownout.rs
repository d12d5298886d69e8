//! A model that fails half of its calls, then all, then none.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bedrock_gateway_process_tests::client;
use bedrock_gateway_process_tests::client::Client;
use bedrock_gateway_process_tests::client::connect;
use bedrock_gateway_process_tests::client::prompt;
use bedrock_gateway_process_tests::load::Load;
use serde_json::Value;
use serde_json::json;
use tokio::time::Instant;
use tokio::time::sleep;

use crate::support::Upstream;
use crate::support::half_failing;

const CALLS_PER_SECOND: u32 = 200;
const PHASE: Duration = Duration::from_secs(3);
const WINDOW: Duration = Duration::from_millis(500);
const MAX_RECOVERY: Duration = Duration::from_secs(10);

/// Who answered.
#[derive(Default)]
struct Answers {
    primary: AtomicU64,
    fallback: AtomicU64,
}

impl Answers {
    /// Begins to count anew.
    fn forget(&self) {
        self.primary.store(0, Ordering::Relaxed);
        self.fallback.store(0, Ordering::Relaxed);
    }

    /// Takes the counts since the last time.
    fn take(&self) -> (u64, u64) {
        (
            self.primary.swap(0, Ordering::Relaxed),
            self.fallback.swap(0, Ordering::Relaxed),
        )
    }
}

#[tokio::test]
async fn a_failing_model_costs_no_call_and_is_back_ten_seconds_after_its_faults() {
    let healthy = json!({"reply": {"text": "primary"}});
    let upstream = Upstream::start(&[
        ("primary", healthy.clone()),
        ("fallback", json!({"reply": {"text": "fallback"}})),
    ])
    .await;
    let gateway = upstream.gateway(&[]).await;
    let client = Client::new(connect(gateway.address()).await.unwrap());
    let answers = Arc::new(Answers::default());
    let load = load(client, &answers);
    let phase = async |primary: &Value| {
        upstream.emulator.set("primary", primary).await.unwrap();
        answers.forget();
        sleep(PHASE).await;
        answers.take()
    };

    let before = phase(&healthy).await;
    let brown = phase(&half_failing(&healthy)).await;
    let dead = phase(&json!({"reset": {}})).await;
    upstream.emulator.set("primary", &healthy).await.unwrap();
    let recovery = full_service(&answers).await;
    let report = load.finish().await.unwrap();

    println!(
        "brownout: primary/fallback answered {before:?}, at 50 % errors {brown:?}, dead {dead:?}; \
         full service {recovery:.1?} after the end; {report}"
    );
    assert_eq!(before.1, 0, "the fallback had nothing to do before");
    assert!(brown.1 > 0 && dead.1 > 0, "the faults were there");
    assert!(
        dead.0 <= u64::from(CALLS_PER_SECOND) / 10,
        "the primary was dead"
    );
    assert!(report.failed() * 1_000 <= report.calls(), "{report}");
    assert!(recovery <= MAX_RECOVERY, "{recovery:?}");
    gateway.terminate().await.unwrap();
}

fn load(client: Client, answers: &Arc<Answers>) -> Load {
    let answers = Arc::clone(answers);
    Load::start(CALLS_PER_SECOND, move || {
        let (client, answers) = (client.clone(), Arc::clone(&answers));
        async move {
            let answer = client::invoke(client, prompt("", "Hi")).await?;
            match answer.text.as_str() {
                "primary" => answers.primary.fetch_add(1, Ordering::Relaxed),
                _ => answers.fallback.fetch_add(1, Ordering::Relaxed),
            };
            Ok(())
        }
    })
}

/// How long it took until the primary answered everything for a while.
async fn full_service(answers: &Answers) -> Duration {
    let ended = Instant::now();
    loop {
        answers.forget();
        let begun = ended.elapsed();
        sleep(WINDOW).await;
        let (primary, fallback) = answers.take();
        if (primary > 0 && fallback == 0) || begun > 2 * MAX_RECOVERY {
            return begun;
        }
    }
}
