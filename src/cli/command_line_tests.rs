use clap::CommandFactory;
use clap::error::ErrorKind;

use super::*;

fn parse(arguments: &[&str]) -> Result<Command, clap::Error> {
    CommandLine::try_parse_from([&["bedrock-gateway"], arguments].concat())
        .map(|command_line| command_line.command)
}

fn refusal(arguments: &[&str]) -> String {
    parse(arguments).unwrap_err().to_string()
}

fn settings_of(arguments: &[&str]) -> Result<crate::settings::Settings, SettingsError> {
    let Command::Serve(args) = parse(arguments).unwrap() else {
        panic!("not serve");
    };
    Ok(args.settings(&Environment::default())?.settings)
}

fn exit_number(error: anyhow::Error) -> String {
    format!("{:?}", ExitCode::from(exit_of(&error)))
}

#[test]
fn the_definition_of_the_command_line_is_sound() {
    CommandLine::command().debug_assert();
}

#[test]
fn serve_takes_every_setting_as_a_flag() {
    for section in crate::settings::SECTIONS {
        for setting in section.settings {
            let text = setting.default_text();
            for flag in [setting.flag(), setting.long_flag()] {
                let arguments = ["serve", &format!("--{flag}={text}")];

                assert!(settings_of(&arguments).is_ok(), "{arguments:?}");
            }
        }
    }
}

#[test]
fn flags_reach_the_settings() {
    let settings = settings_of(&[
        "serve",
        "--listen",
        "0.0.0.0:9000",
        "--routing-max-retries",
        "5",
        "--bedrock-endpoint",
        "http://127.0.0.1:8787",
        "--registry",
        "models.json",
        "--server-reflection=false",
    ])
    .unwrap();

    assert_eq!(settings.server.listen.to_string(), "0.0.0.0:9000");
    assert_eq!(settings.routing.max_retries, 5);
    assert_eq!(
        settings.bedrock.endpoint.unwrap().as_str(),
        "http://127.0.0.1:8787/"
    );
    assert_eq!(
        settings.registry.file,
        crate::settings::RegistrySource::File("models.json".into())
    );
    assert!(!settings.server.reflection);
}

#[test]
fn a_switch_alone_means_true() {
    assert!(
        settings_of(&["serve", "--emulator"])
            .unwrap()
            .bedrock
            .emulator
    );
    assert!(!settings_of(&["serve"]).unwrap().bedrock.emulator);
}

#[test]
fn a_wrong_setting_names_its_flag() {
    let error = settings_of(&["serve", "--bedrock-endpoint", "http://10.0.0.1"]).unwrap_err();

    assert_eq!(
        error.to_string(),
        "1 problem with the settings:\n  --bedrock-endpoint: bedrock.endpoint: \"http://10.0.0.1\" \
         would send prompts over the network unencrypted; allowed: auto, or an https URL, or an \
         http URL on loopback (127.0.0.1, [::1], localhost)"
    );
}

#[test]
fn an_unknown_flag_names_the_nearest() {
    let message = refusal(&["serve", "--routing-max-retry", "5"]);

    assert!(message.contains("'--routing-max-retries'"), "{message}");
}

#[test]
fn impossible_requests_are_refused_before_they_are_sent() {
    for arguments in [
        &["invoke"][..],
        &["invoke", "Hi", "--timeout", "30"],
        &["invoke", "Hi", "--temperature", "1.5"],
        &["invoke", "Hi", "--max-tokens", "0"],
        &["invoke", "Hi", "--address", "https://gateway"],
        &["invoke", "Hi", "--json", "--stream"],
    ] {
        assert!(parse(arguments).is_err(), "{arguments:?}");
    }
    assert!(
        refusal(&["invoke", "Hi", "--timeout", "30"])
            .contains("is not a duration; allowed: a duration such as 250ms, 30s or 1m30s")
    );
}

#[test]
fn help_and_version_tell_what_one_needs() {
    let help = CommandLine::command().render_help().to_string();
    let serve = CommandLine::command()
        .find_subcommand_mut("serve")
        .unwrap()
        .render_long_help()
        .to_string();

    assert!(
        help.contains("serve --emulator") && help.contains("Exit codes:"),
        "{help}"
    );
    assert!(serve.contains("[default: 30s]"), "{serve}");
    assert!(
        serve.contains("[variable: BEDROCK_GATEWAY_ROUTING_ATTEMPT_TIMEOUT, BEDROCK_TIMEOUT]"),
        "{serve}"
    );
    assert_eq!(
        parse(&["--version"]).unwrap_err().kind(),
        ErrorKind::DisplayVersion
    );
}

#[test]
fn each_outcome_has_its_exit_code() {
    let settings = settings_of(&["serve", "--listen", "nowhere"]).unwrap_err();

    assert_eq!(
        exit_number(settings.into()),
        format!("{:?}", ExitCode::from(78))
    );
    assert_eq!(
        exit_number(anyhow::anyhow!("broken")),
        format!("{:?}", ExitCode::from(1))
    );
    assert_eq!(
        format!(
            "{:?}",
            finish(CommandLine::try_parse_from(["bedrock-gateway", "fly"]))
        ),
        format!("{:?}", ExitCode::from(2))
    );
}
