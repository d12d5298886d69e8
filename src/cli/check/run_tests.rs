use clap::Parser;

use super::*;
use crate::cli::exit_code::Exit;

#[derive(Debug, Parser)]
struct Command {
    #[command(flatten)]
    args: CheckArgs,
}

/// Runs the command on the emulator at a terminal, where somebody answers this.
async fn at_a_terminal(
    flags: &[&str],
    answer: &str,
    environment: Environment,
) -> (String, String, Exit) {
    // Models of the shipped registry reach their end of life one day.
    let always = ["check", "--emulator", "--registry-try-retired-models"];
    let flags = [&always, flags].concat();
    let args = Command::try_parse_from(flags).unwrap().args;
    let mut answers = answer.as_bytes();
    let surroundings = Surroundings {
        environment: &environment,
        output_is_terminal: true,
        answers: Some(&mut answers),
    };
    let (mut output, mut notes) = (Vec::new(), Vec::new());
    let exit = run(args, surroundings, &mut output, &mut notes)
        .await
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (text(output), text(notes), exit)
}

#[tokio::test]
async fn costs_are_asked_about_at_a_terminal_and_yes_means_yes() {
    for (answer, is_called) in [("y\n", true), ("YES\n", true), ("n\n", false), ("", false)] {
        let flags = ["--models", "claude-sonnet-4-5"];

        let (output, notes, exit) = at_a_terminal(&flags, answer, Environment::default()).await;

        assert!(
            notes.starts_with("1 small call: at most $0.0006336"),
            "{notes}"
        );
        assert!(notes.ends_with("Make them? [y/N] "), "{notes}");
        assert!(!output.contains("small call"), "{output}");
        assert_eq!(
            output.contains("claude-sonnet-4-5 · 10 in"),
            is_called,
            "{output}"
        );
        assert_eq!(output.contains("not agreed to"), !is_called, "{output}");
        assert_eq!(exit, Exit::Success);
    }
}

#[tokio::test]
async fn agreement_beforehand_is_not_asked_for_again() {
    let flags = ["--models", "claude-sonnet-4-5", "--yes"];

    let (output, notes, _) = at_a_terminal(&flags, "", Environment::default()).await;

    assert_eq!(notes, "");
    assert!(output.contains("1 small call: at most $"), "{output}");
}

#[tokio::test]
async fn colours_are_for_terminals_that_want_them() {
    for (variable, is_coloured) in [
        (("LANG", "C"), true),
        (("NO_COLOR", "1"), false),
        (("NO_COLOR", ""), true),
        (("TERM", "dumb"), false),
    ] {
        let environment = Environment::from_iter([variable]);

        let (output, ..) = at_a_terminal(&["--free"], "", environment).await;

        assert_eq!(output.contains('\u{1b}'), is_coloured, "{variable:?}");
    }
}

#[tokio::test]
async fn json_has_no_colours_and_no_question_in_it() {
    let flags = ["--models", "claude-sonnet-4-5", "--json"];

    let (output, notes, _) = at_a_terminal(&flags, "y\n", Environment::default()).await;

    let document: serde_json::Value = serde_json::from_str(&output).unwrap();
    assert_eq!(document["ok"], true);
    assert!(notes.contains("[y/N]"), "{notes}");
}
