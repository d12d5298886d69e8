use super::*;
use crate::proto::InvokeRequest;
use crate::proto::ReasoningConfig;
use crate::proto::reasoning_config::Mode;
use crate::registry::Model;
use crate::registry::Sampling;
use crate::registry::TopK;
use crate::routing::adapt::Fit;
use crate::routing::adapt::support_tests::dropping;
use crate::routing::adapt::support_tests::fields;
use crate::routing::adapt::support_tests::fit;
use crate::routing::adapt::support_tests::limited;
use crate::routing::adapt::support_tests::skip;
use crate::routing::adapt::support_tests::with_config;
use crate::routing::fixtures::model;

/// A request with temperature, `top_p` and `top_k`.
fn sampled(temperature: Option<f32>, top_p: Option<f32>, top_k: Option<i32>) -> InvokeRequest {
    with_config(InferenceConfig {
        temperature,
        top_p,
        top_k,
        ..InferenceConfig::default()
    })
}

fn reasoning(request: InvokeRequest) -> InvokeRequest {
    InvokeRequest {
        reasoning_config: Some(ReasoningConfig {
            mode: Mode::Enabled.into(),
            ..ReasoningConfig::default()
        }),
        ..request
    }
}

fn sampling(sampling: Sampling) -> Model {
    limited(|capabilities| capabilities.sampling = sampling)
}

fn style(style: ReasoningStyle) -> Model {
    limited(|capabilities| capabilities.reasoning = style)
}

/// The sampling parameters that are sent: t, p and k.
fn sent(request: &InvokeRequest, fit: &Fit) -> String {
    let config = request.inference_config.as_ref().unwrap();
    let adaptation = &fit.adaptation;
    let mut sent = String::new();
    for (name, is_set, is_omitted) in [
        (
            't',
            config.temperature.is_some(),
            adaptation.omit_temperature,
        ),
        ('p', config.top_p.is_some(), adaptation.omit_top_p),
        ('k', config.top_k.is_some(), adaptation.omit_top_k),
    ] {
        if is_set && !is_omitted {
            sent.push(name);
        }
    }
    sent
}

#[test]
#[rustfmt::skip]
fn each_family_gets_the_sampling_it_takes() {
    let all = || sampled(Some(0.5), Some(0.9), Some(40));
    let warm = || sampled(Some(1.0), Some(0.99), Some(40));
    let top_p = |top_p| sampled(None, Some(top_p), None);
    let no_top_k = limited(|capabilities| capabilities.top_k = TopK::None);
    let table = [
        // Request, model, what is sent if fields may be dropped, whether that is safe for all.
        (all(),                  sampling(Sampling::Both),                   "tpk", true),
        (all(),                  sampling(Sampling::One),                    "tk",  true),
        (all(),                  sampling(Sampling::None),                   "",    false),
        (all(),                  no_top_k,                                   "tp",  false),
        (top_p(0.5),             sampling(Sampling::One),                    "p",   true),
        (reasoning(all()),       style(ReasoningStyle::Budget),              "",    false),
        (reasoning(all()),       style(ReasoningStyle::BudgetOrAdaptive),    "",    false),
        (reasoning(all()),       style(ReasoningStyle::Adaptive),            "",    false),
        (reasoning(all()),       style(ReasoningStyle::AlwaysAdaptive),      "",    false),
        (reasoning(warm()),      style(ReasoningStyle::Budget),              "tp",  false),
        (reasoning(top_p(0.94)), style(ReasoningStyle::Budget),              "",    false),
        (reasoning(top_p(0.95)), style(ReasoningStyle::Budget),              "p",   true),
        (reasoning(all()),       style(ReasoningStyle::Nova),                "k",   false),
        (reasoning(all()),       style(ReasoningStyle::EffortOrNone),        "tpk", true),
        (reasoning(all()),       style(ReasoningStyle::Qwen),                "tpk", true),
        (reasoning(all()),       style(ReasoningStyle::Always),              "tpk", true),
    ];

    for (number, (request, model, expected, is_safe)) in table.into_iter().enumerate() {
        let strict = fit(&request, &model);
        let dropped = fit(&dropping(request.clone()), &model).unwrap();

        assert_eq!(sent(&request, &dropped), expected, "row {number}");
        assert_eq!(strict.is_ok(), is_safe, "row {number}");
    }
}

#[test]
fn the_other_of_two_samplings_is_left_out_for_everybody_and_reported() {
    let request = sampled(Some(0.5), Some(0.9), None);

    let fit = fit(&request, &sampling(Sampling::One)).unwrap();

    assert!(fit.adaptation.omit_top_p && !fit.adaptation.omit_temperature);
    assert_eq!(fields(&fit), ["inference_config.top_p"]);
}

fn ending(sequences: &[&str]) -> InvokeRequest {
    with_config(InferenceConfig {
        stop_sequences: sequences.iter().map(|text| (*text).to_owned()).collect(),
        ..InferenceConfig::default()
    })
}

fn stopping(max: u32, blank: bool) -> Model {
    limited(|capabilities| {
        capabilities.max_stop_sequences = max;
        capabilities.blank_stop_sequences = blank;
    })
}

#[test]
#[rustfmt::skip]
fn stop_sequences_are_cut_to_what_the_model_takes_if_the_caller_allows_it() {
    const FIELD: &str = "inference_config.stop_sequences";
    let table = [
        (stopping(2, true),  ["a", "b"].as_slice(),   None,    false, ""),
        (stopping(2, true),  &["a", "b", "c"],        Some(2), false, "the model takes at most 2, and 3 are set"),
        (stopping(2, true),  &["a", " "],             None,    false, ""),
        (stopping(2, false), &["a", " \n", "b"],      None,    true,  "the model takes no blank ones"),
        (stopping(1, false), &["a", " ", "b"],        Some(1), true,  "the model takes no blank ones; inference_config.stop_sequences: the model takes at most 1, and 2 are set"),
        (stopping(0, true),  &["a"],                  Some(0), false, "the model does not take it"),
    ];

    for (number, (model, sequences, limit, drops_blank, problem)) in table.into_iter().enumerate() {
        let request = ending(sequences);
        let dropped = fit(&dropping(request.clone()), &model).unwrap();

        assert_eq!(dropped.adaptation.max_stop_sequences, limit, "row {number}");
        assert_eq!(dropped.adaptation.omit_blank_stop_sequences, drops_blank, "row {number}");
        if problem.is_empty() {
            assert!(fit(&request, &model).is_ok(), "row {number}");
        } else {
            assert_eq!(skip(&request, &model), format!("{FIELD}: {problem}"), "row {number}");
            assert_eq!(fields(&dropped)[0], FIELD, "row {number}");
        }
    }
}

#[test]
fn no_stop_sequences_are_no_problem_for_a_model_that_takes_none() {
    assert!(fit(&ending(&[]), &stopping(0, false)).is_ok());
    assert!(fit(&sampled(None, None, None), &model("any", 1)).is_ok());
}
