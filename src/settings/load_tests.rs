use std::fs;
use std::num::NonZeroUsize;
use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::settings::ProfileAccount;
use crate::settings::RegistrySource;
use crate::settings::table::definitions;

/// The environment with these variables.
fn variables(variables: &[(&str, &str)]) -> Environment {
    variables.iter().copied().collect()
}

/// Flags that set these keys.
fn flags(values: &[(&str, &str)]) -> Flags {
    let value = |(key, text): &(&str, &str)| {
        let known = definitions().find(|definition| definition.key() == *key);
        (known.unwrap().key(), (*text).to_owned())
    };
    Flags {
        file: None,
        values: values.iter().map(value).collect(),
    }
}

/// Writes a settings file that lives as long as the folder.
fn file(text: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gateway.toml");
    fs::write(&path, text).unwrap();
    (folder, path)
}

fn messages(error: &SettingsError) -> Vec<String> {
    error.problems.iter().map(ToString::to_string).collect()
}

#[test]
fn nothing_set_gives_the_documented_defaults() {
    let settings = load(&Flags::default(), &Environment::default()).unwrap();

    assert_eq!(settings.server.listen.to_string(), "127.0.0.1:50051");
    assert_eq!(settings.server.max_message_bytes, 32 << 20);
    assert_eq!(settings.server.max_streams_per_connection.get(), 100);
    assert_eq!(settings.server.drain_delay, Duration::from_secs(5));
    assert_eq!(settings.server.drain_timeout, Duration::from_secs(60));
    assert_eq!(settings.bedrock.region, "us-east-1");
    assert_eq!(settings.bedrock.connect_timeout, Duration::from_secs(1));
    assert_eq!(settings.registry.default_model, None);
    assert_eq!(settings.registry.profile_account, ProfileAccount::AsWritten);
    assert_eq!(settings.routing.max_retries, 3);
    assert_eq!(settings.routing.max_attempts.get(), 10);
    assert_eq!(settings.routing.attempt_timeout, Duration::from_secs(30));
    assert_eq!(
        settings.routing.first_event_timeout,
        Duration::from_secs(30)
    );
    assert_eq!(settings.routing.idle_timeout, Duration::from_secs(30));
    assert_eq!(settings.routing.reply_reserve, Duration::from_millis(20));
}

#[test]
fn workers_default_to_the_cores_of_this_process() {
    let cores = std::thread::available_parallelism().unwrap();

    let settings = load(&Flags::default(), &Environment::default()).unwrap();
    let three = load(&flags(&[("server.workers", "3")]), &Environment::default()).unwrap();

    assert_eq!(settings.server.workers, cores);
    assert_eq!(three.server.workers, NonZeroUsize::new(3).unwrap());
}

#[test]
fn the_variables_of_the_aws_tools_and_of_the_guide_are_read() {
    let environment = variables(&[
        ("AWS_REGION", "eu-west-1"),
        ("AWS_DEFAULT_REGION", "us-west-2"),
        ("BEDROCK_DEFAULT_MODEL", "claude-sonnet-4-5"),
        ("BEDROCK_MAX_RETRIES", "5"),
        ("BEDROCK_TIMEOUT", "12000"),
    ]);

    let settings = load(&Flags::default(), &environment).unwrap();

    assert_eq!(settings.bedrock.region, "eu-west-1");
    assert_eq!(
        settings.registry.default_model.as_deref(),
        Some("claude-sonnet-4-5")
    );
    assert_eq!(settings.routing.max_retries, 5);
    assert_eq!(settings.routing.attempt_timeout, Duration::from_secs(12));
    assert_eq!(
        settings.routing.first_event_timeout,
        Duration::from_secs(12)
    );
    assert_eq!(settings.routing.idle_timeout, Duration::from_secs(12));
}

#[test]
fn the_region_of_the_aws_tools_is_the_fallback() {
    let environment = variables(&[("AWS_REGION", ""), ("AWS_DEFAULT_REGION", "us-west-2")]);

    let settings = load(&Flags::default(), &environment).unwrap();

    assert_eq!(settings.bedrock.region, "us-west-2");
}

#[test]
fn stream_limits_set_by_themselves_do_not_follow_the_attempt_timeout() {
    let environment = variables(&[
        ("BEDROCK_TIMEOUT", "12000"),
        ("BEDROCK_GATEWAY_ROUTING_IDLE_TIMEOUT", "45s"),
    ]);

    let settings = load(&Flags::default(), &environment).unwrap();

    assert_eq!(
        settings.routing.first_event_timeout,
        Duration::from_secs(12)
    );
    assert_eq!(settings.routing.idle_timeout, Duration::from_secs(45));
}

#[test]
fn the_prefixed_variable_wins_over_the_shared_one() {
    let environment = variables(&[
        ("BEDROCK_TIMEOUT", "12000"),
        ("BEDROCK_GATEWAY_ROUTING_ATTEMPT_TIMEOUT", "7s"),
        ("AWS_REGION", "eu-west-1"),
        ("BEDROCK_GATEWAY_BEDROCK_REGION", "ap-south-1"),
    ]);

    let settings = load(&Flags::default(), &environment).unwrap();

    assert_eq!(settings.routing.attempt_timeout, Duration::from_secs(7));
    assert_eq!(settings.bedrock.region, "ap-south-1");
}

#[test]
fn variables_that_kubernetes_sets_for_services_are_no_mistakes() {
    let environment = variables(&[
        ("BEDROCK_GATEWAY_SERVICE_HOST", "10.0.0.11"),
        ("BEDROCK_GATEWAY_SERVICE_PORT", "50051"),
        ("BEDROCK_GATEWAY_SERVICE_PORT_GRPC", "50051"),
        ("BEDROCK_GATEWAY_PORT", "tcp://10.0.0.11:50051"),
        ("BEDROCK_GATEWAY_PORT_50051_TCP", "tcp://10.0.0.11:50051"),
        ("BEDROCK_GATEWAY_PORT_50051_TCP_ADDR", "10.0.0.11"),
        ("BEDROCK_GATEWAY_ADMIN_SERVICE_HOST", "10.0.0.12"),
    ]);

    assert!(load(&Flags::default(), &environment).is_ok());
}

#[test]
fn the_file_can_be_named_by_a_variable_and_the_flag_wins() {
    let (_folder, by_variable) = file("[routing]\nmax_retries = 1\n");
    let (_other_folder, by_flag) = file("[routing]\nmax_retries = 2\n");
    let environment: Environment = [("BEDROCK_GATEWAY_CONFIG", by_variable)]
        .into_iter()
        .collect();
    let flags = Flags {
        file: Some(by_flag),
        ..Flags::default()
    };

    let from_variable = load(&Flags::default(), &environment).unwrap();
    let from_flag = load(&flags, &environment).unwrap();

    assert_eq!(from_variable.routing.max_retries, 1);
    assert_eq!(from_flag.routing.max_retries, 2);
}

#[test]
fn a_lower_maximum_lowers_the_defaults_below_it() {
    let flags = flags(&[
        ("routing.max_deadline", "1m"),
        ("routing.backoff_cap", "50ms"),
    ]);

    let settings = load(&flags, &Environment::default()).unwrap();

    assert_eq!(
        settings.routing.default_invoke_deadline,
        Duration::from_secs(60)
    );
    assert_eq!(
        settings.routing.default_stream_deadline,
        Duration::from_secs(60)
    );
    assert_eq!(settings.routing.backoff_base, Duration::from_millis(50));
}

#[test]
fn auto_takes_back_what_a_weaker_source_chose() {
    let environment = variables(&[("BEDROCK_DEFAULT_MODEL", "claude-sonnet-4-5")]);
    let flags = flags(&[("registry.default_model", "auto")]);

    let settings = load(&flags, &environment).unwrap();

    assert_eq!(settings.registry.default_model, None);
}

#[test]
fn the_registry_of_the_working_directory_is_used_if_there_is_one() {
    let empty = tempfile::tempdir().unwrap();
    let project = tempfile::tempdir().unwrap();
    fs::create_dir(project.path().join("config")).unwrap();
    fs::write(project.path().join("config/aws-bedrock-models.json"), "{}").unwrap();
    let raw = RawSettings::default();

    let without = validate(&raw, empty.path(), &mut Vec::new());
    let with = validate(&raw, project.path(), &mut Vec::new());

    assert_eq!(without.registry.file, RegistrySource::Embedded);
    assert_eq!(
        with.registry.file,
        RegistrySource::File("config/aws-bedrock-models.json".into())
    );
}

#[test]
fn names_are_unique_in_every_source() {
    let mut names: Vec<String> = definitions()
        .flat_map(|definition| {
            let shared = definition
                .shared()
                .iter()
                .map(|shared| shared.name.to_owned());
            let mut flags = vec![definition.long_flag(), definition.flag()];
            flags.dedup();
            shared.chain([definition.variable()]).chain(flags)
        })
        .collect();
    let count = names.len();

    names.sort();
    names.dedup();

    assert_eq!(names.len(), count);
}

#[test]
fn keys_begin_with_the_name_of_their_section() {
    for section in crate::settings::SECTIONS {
        for setting in section.settings {
            assert_eq!(
                setting.key(),
                format!("{}.{}", section.name, setting.name())
            );
        }
    }
}

#[test]
fn values_that_may_hold_a_secret_are_not_shown() {
    let secrets = [
        ("bedrock.endpoint", "https://user:hunter2@example.com"),
        ("bedrock.region", "AKIAIOSFODNN7EXAMPLE"),
    ];

    for (key, secret) in secrets {
        let error = load(&flags(&[(key, secret)]), &Environment::default()).unwrap_err();

        let text = format!("{error} {error:?}");
        assert!(
            !text.contains("hunter2") && !text.contains("AKIA"),
            "{text}"
        );
    }
}

#[test]
fn a_missing_file_is_named() {
    let flags = Flags {
        file: Some("no/such.toml".into()),
        ..Flags::default()
    };

    let error = load(&flags, &Environment::default()).unwrap_err();

    assert_eq!(
        error.to_string(),
        "1 problem with the settings:\n  no/such.toml: cannot be read: No such file or directory \
         (os error 2)"
    );
}

/// A fixture is a settings file with a mistake. Comments in it name what else is set, and the
/// messages expected, in order: `# variable: NAME=value`, `# flag: key=value`, `# expect: message`.
#[test]
fn every_mistake_has_its_message() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/settings");
    let mut fixtures: Vec<PathBuf> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    fixtures.sort();
    assert!(fixtures.len() > 20, "fixtures are missing");
    let mut failures = String::new();

    for path in fixtures {
        let text = fs::read_to_string(&path).unwrap();
        let lines = |prefix: &'static str| text.lines().filter_map(move |l| l.strip_prefix(prefix));
        let pairs = |prefix| lines(prefix).map(|line| line.split_once('=').unwrap());
        let environment: Environment = pairs("# variable: ").collect();
        let mut flags = flags(&pairs("# flag: ").collect::<Vec<_>>());
        flags.file = Some(path.clone());

        let found = load(&flags, &environment)
            .map_or_else(|error| messages(&error), |_| Vec::new())
            .join("\n")
            .replace(&format!("{}/", folder.display()), "");

        let expected = lines("# expect: ").collect::<Vec<_>>().join("\n");
        if found != expected || expected.is_empty() {
            let name = path.display();
            failures.push_str(&format!(
                "{name}\nexpected: {expected}\nfound:    {found}\n\n"
            ));
        }
    }

    assert!(failures.is_empty(), "\n{failures}");
}

proptest! {
    #[test]
    fn the_strongest_source_wins(
        in_file in proptest::option::of(0_u32..=15),
        in_shared_variable in proptest::option::of(0_u32..=15),
        in_variable in proptest::option::of(0_u32..=15),
        in_flag in proptest::option::of(0_u32..=15),
    ) {
        let (_folder, path) = file(&in_file.map_or_else(String::new, |count| {
            format!("[routing]\nmax_retries = {count}\n")
        }));
        let shared = in_shared_variable.map(|count| ("BEDROCK_MAX_RETRIES", count.to_string()));
        let own = in_variable
            .map(|count| ("BEDROCK_GATEWAY_ROUTING_MAX_RETRIES", count.to_string()));
        let environment: Environment = shared.into_iter().chain(own).collect();
        let flags = Flags {
            file: Some(path),
            values: in_flag
                .map(|count| ("routing.max_retries", count.to_string()))
                .into_iter()
                .collect(),
        };

        let settings = load(&flags, &environment).unwrap();

        let strongest = in_flag.or(in_variable).or(in_shared_variable).or(in_file);
        prop_assert_eq!(settings.routing.max_retries, strongest.unwrap_or(3));
    }

    #[test]
    fn no_file_makes_the_reader_panic(text in "(\\[[a-z]{0,8}\\]|[a-z_.]{1,9} = [\"0-9a-z{}\\[\\]]{0,6}|\n| ){0,12}") {
        let mut problems = Vec::new();

        RawSettings::default().read_file(Path::new("gateway.toml"), &text, &mut problems);
    }
}
