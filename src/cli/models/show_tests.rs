use jiff::civil::date;

use super::*;
use crate::cli::models::registry_file::RegistryFile;
use crate::proto;
use crate::proto::model::State;
use crate::settings::Flags;
use crate::settings::load;

/// A model of the shipped registry, active, as a gateway describes it.
fn shipped(name: &str) -> Model {
    let settings = load(&Flags::default(), &Environment::default()).unwrap();
    let file = RegistryFile {
        name: "shipped".to_owned(),
        text: include_str!("../../../config/aws-bedrock-models.json").to_owned(),
    };
    let registry = file.load(&settings).unwrap();
    registry.find(name).unwrap().describe(State::Active)
}

fn line(model: &Model, label: &str) -> String {
    let text = show(model, date(2026, 11, 29), Screen::default());
    let found = text.lines().find_map(|line| line.strip_prefix(label));
    found.unwrap_or_else(|| panic!("{text}")).trim().to_owned()
}

#[test]
fn everything_about_a_model_is_shown() {
    assert_eq!(
        show(
            &shipped("claude-sonnet-4-5"),
            date(2026, 11, 29),
            Screen::default()
        ),
        "\
model         claude-sonnet-4-5
display name  Claude Sonnet 4.5
aliases       claude-sonnet-4.5
description   text-generation, coding, analysis, conversation
provider      anthropic
state         active: it is tried
priority      2
called as     arn:aws:bedrock:us-east-1:394686422207:inference-profile/us.anthropic.claude-sonnet-4-5-20250929-v1:0
that is       the ARN as written in inferenceProfileArn, because requiresInferenceProfile is true
region        us-east-1
offered in    us-east-1, us-east-2, us-west-2
may run in    us-east-1, us-east-2, us-west-2
lifecycle     legacy since 2026-10-08; end of life on 2027-04-08, 130 days left
replacement   -
context       200000 tokens of input and output together
output        at most 4096 tokens, 4096 if a request does not say
media         20 images of 3.75 MB, 5 documents of 4.5 MB, other media of 25 MB
can           streaming, system prompt, tool use, streaming tool use, image input, document input, reasoning, structured output, prompt caching, citations, guardrails, token counting
refuses       messages.content.video, messages.content.audio, messages.content.tool_result.content.video, messages.content.tool_addition, messages.content.tool_removal, prompt_variables, latency_mode
prices        input 3.30, output 16.50, cache read 0.33, cache write 4.125, cache write for an hour 6.60, in USD per million tokens
"
    );
}

#[test]
fn days_are_counted_to_the_end_of_life_and_from_it() {
    let ending = |day: i64| Model {
        retire_time: Some(prost_types::Timestamp {
            // 2026-11-29.
            seconds: 1_795_910_400 + day * 86_400,
            nanos: 0,
        }),
        ..Model::default()
    };

    assert_eq!(
        line(&ending(1), "lifecycle"),
        "end of life on 2026-11-30, 1 day left"
    );
    assert_eq!(
        line(&ending(0), "lifecycle"),
        "end of life today, 2026-11-29"
    );
    assert_eq!(
        line(&ending(-2), "lifecycle"),
        "end of life was on 2026-11-27, 2 days ago"
    );
}

#[test]
fn a_model_of_which_little_is_known_has_marks() {
    let bare = Model {
        name: "bare".to_owned(),
        state: proto::model::State::Suspended.into(),
        ..Model::default()
    };

    assert_eq!(line(&bare, "offered in"), "any region");
    assert_eq!(line(&bare, "prices"), "-");
    assert_eq!(line(&bare, "that is"), "-");
    assert!(line(&bare, "state").starts_with("suspended: left alone"));
}
