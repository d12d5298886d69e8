//! The example file and the manual page, written from the definitions.
//!
//! Compiled for tests only: the tests below find them stale, and rewrite them when asked to.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use super::define::Definition;
use super::raw::FILE_VARIABLE;
use super::table::SECTIONS;
use super::table::definitions;

const WIDTH: usize = 96;

/// The text of `config/gateway.example.toml`: every setting with its default, commented out.
fn example_file() -> String {
    let mut text = String::from(
        "# Settings of bedrock-gateway: every one, with its default. Copy this file, take the `#` away\n\
         # where you want something else, and start with:\n\
         #\n\
         #   bedrock-gateway serve --config FILE\n\
         #\n\
         # Generated from the program. docs/settings.md says how variables and flags override it.\n",
    );
    for section in SECTIONS {
        text.push('\n');
        comment(&mut text, section.title);
        let _ = writeln!(text, "[{}]", section.name);
        for setting in section.settings {
            text.push('\n');
            comment(&mut text, setting.about());
            comment(&mut text, &format!("Allowed: {}.", setting.allowed()));
            if !setting.is_live() {
                comment(&mut text, "A change needs a restart.");
            }
            let _ = writeln!(text, "#{} = {}", setting.name(), toml_value(*setting));
        }
    }
    text
}

fn comment(text: &mut String, sentences: &str) {
    let mut line = String::from("#");
    for word in sentences.split_whitespace() {
        if line.len() + 1 + word.len() > WIDTH {
            let _ = writeln!(text, "{line}");
            line.truncate(1);
        }
        line.push(' ');
        line.push_str(word);
    }
    let _ = writeln!(text, "{line}");
}

/// Numbers and booleans stand without quotes in TOML.
fn toml_value(setting: &dyn Definition) -> String {
    let text = setting.default_text();
    if text.parse::<i64>().is_ok() || text.parse::<bool>().is_ok() {
        text
    } else {
        format!("{text:?}")
    }
}

/// The text of `docs/settings.md`.
fn manual_page() -> String {
    let mut text = format!(
        "# Settings\n\n\
         <!-- Generated from the program. To write it anew: UPDATE_GENERATED=1 cargo test generated -->\n\n\
         A setting can be written in three places; the later one wins:\n\n\
         1. **A TOML file**, named by `--config FILE` or by the variable `{FILE_VARIABLE}`. Without \
         either, no file is read. `config/gateway.example.toml` shows every setting with its default.\n\
         2. **Environment variables.** `routing.max_retries` is `BEDROCK_GATEWAY_ROUTING_MAX_RETRIES`: \
         the prefix, then the key in capitals with `_` for the dot. An empty variable counts as not set.\n\
         3. **Flags** of `bedrock-gateway serve`. `routing.max_retries` is `--routing-max-retries`: the \
         key with dashes.\n\n\
         Names that do not exist, values that are not allowed and values that do not go together stop \
         the start with exit code 78. All of them are listed at once, each with the place where it was \
         written and with what is allowed.\n\n\
         Durations are written as `250ms`, `30s` or `1m30s`, sizes as `512KiB` or `32MiB`. \
         `auto` leaves a choice to the program.\n\n\
         AWS credentials are not settings. The AWS SDK finds them by itself: in \
         `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and `AWS_SESSION_TOKEN`, in the profile that \
         `AWS_PROFILE` names, or in the role of the machine, pod or task. They are replaced before \
         they expire. When AWS rejects them, they are read anew, at most every 10 s: a profile that \
         changed on disk is used without a restart. Until there are some, the gateway lives but is \
         not ready; after that it stays ready, and calls fail with `UPSTREAM_CREDENTIALS_INVALID` while \
         they are rejected.\n\n\
         ## Changing the configuration while it runs\n\n\
         The settings file and the registry file are read anew within about two seconds of a change, \
         and on SIGHUP. This also works where Kubernetes replaces a mounted ConfigMap, unless it is \
         mounted by `subPath`, which never changes. Everything is checked as at the start. If \
         anything is wrong, nothing changes: one line in the log lists all problems, and the \
         configuration in force stays. Otherwise the whole is replaced at one moment. No call fails \
         for it: calls under way keep the configuration they began with, even if their model is \
         gone from the registry.\n\n\
         The tables below say of each setting whether a change takes effect at once, for calls that \
         begin then, or needs a restart. What needs a restart is named in the log, and the rest \
         takes effect. What a model refused before is remembered as long as its target and its \
         features stay the same. Variables and flags belong to the process and stay as they \
         were.\n\n\
         ## Variables of other programs\n\n\
         These are read too. The prefixed variable of the same setting wins over them.\n\n\
         | variable | setting | meaning |\n| --- | --- | --- |\n",
    );
    for setting in definitions() {
        for (rank, shared) in setting.shared().iter().enumerate() {
            let meaning = match (rank, shared.unit) {
                (0, "") => "the same text".to_owned(),
                (0, _) => "a plain number of milliseconds".to_owned(),
                _ => format!(
                    "the same text, if `{}` is not set",
                    setting.shared()[0].name
                ),
            };
            let _ = writeln!(
                text,
                "| `{}` | `{}` | {meaning} |",
                shared.name,
                setting.key()
            );
        }
    }
    text.push_str(
        "\n`BEDROCK_TIMEOUT` also limits the wait for the first event of a stream and the silence \
         between two events, unless `routing.first_event_timeout` and `routing.idle_timeout` are \
         set themselves.\n\n\
         ## Short flags\n\n| flag | setting |\n| --- | --- |\n",
    );
    for setting in definitions() {
        if let Some(flag) = setting.short_flag() {
            let _ = writeln!(text, "| `--{flag}` | `{}` |", setting.key());
        }
    }
    section_tables(&mut text);
    text
}

fn section_tables(text: &mut String) {
    for section in SECTIONS {
        let _ = write!(
            text,
            "\n## `[{}]`\n\n{}\n\n| setting | default | allowed | what it does | a change |\n\
             | --- | --- | --- | --- | --- |\n",
            section.name, section.title
        );
        for setting in section.settings {
            let _ = writeln!(
                text,
                "| `{}` | `{}` | {} | {} | {} |",
                setting.key(),
                setting.default_text(),
                setting.allowed(),
                setting.about(),
                if setting.is_live() {
                    "at once"
                } else {
                    "needs a restart"
                },
            );
        }
    }
}

/// Fails if a file does not hold the generated text; writes it if `UPDATE_GENERATED` is set.
fn assert_current(path: &str, generated: &str) {
    let full_path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if std::env::var_os("UPDATE_GENERATED").is_some() {
        fs::write(&full_path, generated).unwrap();
    }
    let on_disk = fs::read_to_string(&full_path).unwrap_or_default();
    assert!(
        on_disk == generated,
        "{path} is stale: run `UPDATE_GENERATED=1 cargo test generated` and commit what changed"
    );
}

#[test]
fn generated_example_file_is_current() {
    assert_current("config/gateway.example.toml", &example_file());
}

#[test]
fn generated_manual_page_is_current() {
    assert_current("docs/settings.md", &manual_page());
}

mod example {
    use std::path::PathBuf;

    use super::example_file;
    use crate::settings::Environment;
    use crate::settings::Flags;
    use crate::settings::load;

    /// The example file with every setting switched on.
    fn uncommented() -> String {
        example_file()
            .lines()
            .map(|line| match line.strip_prefix('#') {
                Some(setting) if !setting.starts_with(' ') && !setting.is_empty() => setting,
                _ => line,
            })
            .fold(String::new(), |text, line| text + line + "\n")
    }

    #[test]
    fn every_default_in_the_example_file_is_the_default() {
        let folder = tempfile::tempdir().unwrap();
        let file: PathBuf = folder.path().join("gateway.toml");
        std::fs::write(&file, uncommented()).unwrap();
        let flags = Flags {
            file: Some(file),
            ..Flags::default()
        };

        let written = load(&flags, &Environment::default()).unwrap();

        let defaults = load(&Flags::default(), &Environment::default()).unwrap();
        assert_eq!(written, defaults);
        assert_eq!(
            uncommented().matches(" = ").count(),
            super::definitions().count()
        );
    }
}
