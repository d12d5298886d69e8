//! Which models are called, what is asked before that costs more, and what it cost.

use bedrock_gateway::emulator::Scenario;

use super::Bedrock;
use super::assert_says;
use super::json;
use super::run;
use super::stdout;

#[tokio::test]
async fn named_model_is_called_and_no_other() {
    let bedrock = Bedrock::start().await;

    let output = run(bedrock.check_with_keys(&["--model", "small"])).await;

    assert_says(&output, 0, &["✓ small · 10 in, 32 out · $0.00051"]);
    assert_eq!(bedrock.emulator.calls(), ["small"]);
}

#[tokio::test]
async fn no_other_model_answers_for_one_that_fails() {
    let bedrock = Bedrock::start().await;
    let throttled = Scenario::exception("ThrottlingException");
    bedrock.emulator.set_scenario("large", throttled);

    let output = run(bedrock.check_with_keys(&[])).await;

    assert_says(&output, 75, &["✗ large: UPSTREAM_THROTTLED"]);
    assert_eq!(bedrock.emulator.calls(), ["large"]);
}

#[tokio::test]
async fn calls_of_all_models_are_estimated_and_refused_without_consent() {
    let bedrock = Bedrock::start().await;

    let output = run(bedrock.check_with_keys(&["--all"])).await;

    // 32 tokens each way, at 15 and 75, and at 3 and 15 dollars per million.
    assert_says(
        &output,
        2,
        &[
            "- old: the model reached its end of life on 2020-01-31; use small",
            "2 small calls: at most $0.003456 if nothing is repeated, by the prices of the registry",
            "✗ no model was called: that costs money, and there is no terminal to ask at",
            "→ agree with --yes",
        ],
    );
    assert_eq!(bedrock.emulator.calls().len(), 0);
}

#[tokio::test]
async fn all_models_are_called_once_with_consent_and_the_costs_are_summed() {
    let bedrock = Bedrock::start().await;

    let text = run(bedrock.check_with_keys(&["--all", "--yes"])).await;
    let mut calls = bedrock.emulator.calls();
    let document = json(&run(bedrock.check_with_keys(&["--all", "--yes", "--json"])).await);

    assert_says(
        &text,
        0,
        &["✓ large · ", "✓ small · ", "     $0.00306 in all\n"],
    );
    calls.sort_unstable();
    assert_eq!(calls, ["large", "small"]);
    let invocation = &document["steps"][3];
    assert_eq!(invocation["estimate"]["calls"], 2);
    assert_eq!(invocation["estimate"]["cost"]["totalNanos"], "3456000");
    assert_eq!(invocation["totalCost"]["totalNanos"], "3060000");
    assert_eq!(invocation["calls"][1]["model"], "small");
}

#[tokio::test]
async fn one_of_many_that_fails_does_not_stop_the_others() {
    let bedrock = Bedrock::start().await;
    let denied = Scenario::exception("AccessDeniedException");
    bedrock.emulator.set_scenario("large", denied);

    let output = run(bedrock.check_with_keys(&["--models", "big,small", "--yes"])).await;

    assert_says(
        &output,
        77,
        &[
            "✗ large: UPSTREAM_ACCESS_DENIED",
            "✓ small · ",
            "\nstep 4 failed",
        ],
    );
}

#[tokio::test]
async fn unknown_models_are_all_named_and_nothing_is_called() {
    let bedrock = Bedrock::start().await;

    let one = run(bedrock.check_with_keys(&["--model", "nova"])).await;
    let some = run(bedrock.check_with_keys(&["--models", "nova,small,titan", "--yes"])).await;

    assert_says(&one, 2, &["no model is named \"nova\""]);
    assert_says(
        &some,
        2,
        &["no model is named \"nova\"", "no model is named \"titan\""],
    );
    assert_eq!(bedrock.emulator.calls().len(), 0);
}

#[tokio::test]
async fn retired_model_is_refused_only_if_it_is_named() {
    let bedrock = Bedrock::start().await;

    let output = run(bedrock.check_with_keys(&["--model", "old"])).await;

    let advice = "→ replace the model in the registry";
    assert_says(&output, 1, &["old: MODEL_RETIRED", advice]);
    assert_eq!(bedrock.emulator.calls().len(), 0);
}

#[tokio::test]
async fn what_the_gateway_refuses_to_call_is_not_in_the_estimate() {
    let bedrock = Bedrock::start().await;

    let with_another = run(bedrock.check_with_keys(&["--models", "old,small", "--yes"])).await;
    let alone = run(bedrock.check_with_keys(&["--models", "old"])).await;

    // 32 tokens each way, at 3 and 15 dollars per million.
    assert_says(
        &with_another,
        1,
        &["1 small call: at most $0.000576 if", "old: MODEL_RETIRED"],
    );
    // Nothing has to be agreed to.
    assert_says(&alone, 1, &["old: MODEL_RETIRED"]);
    assert_eq!(bedrock.emulator.calls(), ["small"]);
}

#[tokio::test]
async fn free_check_calls_no_model() {
    let bedrock = Bedrock::start().await;

    let output = run(bedrock.check_with_keys(&["--free"])).await;

    assert_says(
        &output,
        0,
        &[
            "- no model was called: --free",
            "\nall that was looked at is well; no model was called, 1 warning\n",
        ],
    );
    assert_eq!(bedrock.emulator.calls().len(), 0);
}

#[tokio::test]
async fn flags_that_contradict_each_other_are_a_wrong_command_line() {
    let bedrock = Bedrock::start().await;

    for flags in [
        &["--all", "--model", "small"][..],
        &["--all", "--free"],
        &["--models", "small", "--model", "small"],
        &["--models", "small,,large"],
        &["--timeout", "0s"],
    ] {
        let output = run(bedrock.check_with_keys(flags)).await;

        assert_says(&output, 2, &["error: "]);
        assert_eq!(stdout(&output), "", "{flags:?}");
    }
}
