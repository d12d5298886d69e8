//! The rules of ARCHITECTURE.md that a compiler does not know.

use std::fs;
use std::path::Path;
use std::path::PathBuf;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// Modules that all others may use, and that use nothing themselves.
const FREE_FOR_ALL: &[&str] = &["settings", "deadline", "shutdown"];

/// Which modules each module may use beside itself and [`FREE_FOR_ALL`]. One row per module of
/// `lib.rs`; the table in ARCHITECTURE.md says the same.
const MAY_USE: &[(&str, &[&str])] = &[
    ("proto", &[]),
    ("client", &["proto"]),
    ("reasons", &["proto"]),
    ("media", &[]),
    ("settings", &[]),
    ("deadline", &[]),
    ("shutdown", &[]),
    ("registry", &["proto"]),
    ("iam", &["proto", "registry"]),
    ("telemetry", &[]),
    ("provider", &["proto", "registry"]),
    (
        "bedrock",
        &["provider", "proto", "media", "registry", "telemetry"],
    ),
    ("routing", &["provider", "proto", "registry", "telemetry"]),
    ("health", &["proto", "registry", "routing"]),
    (
        "grpc",
        &[
            "proto",
            "reasons",
            "media",
            "provider",
            "registry",
            "routing",
            "health",
            "telemetry",
        ],
    ),
    (
        "app",
        &[
            "proto",
            "registry",
            "telemetry",
            "provider",
            "bedrock",
            "routing",
            "health",
            "grpc",
            "emulator",
        ],
    ),
    (
        "cli",
        &[
            "app",
            "client",
            "registry",
            "iam",
            "emulator",
            "conformance",
            "proto",
            "reasons",
            "telemetry",
        ],
    ),
    ("emulator", &[]),
    ("conformance", &["proto", "client"]),
];

/// A witness shares nothing with what it testifies about, not even [`FREE_FOR_ALL`]; the client is
/// what a witness calls with.
const WITNESSES: &[&str] = &["emulator", "conformance", "client"];

const MAX_LINES: usize = 500;

/// Functions that build a `tonic::Status`.
const STATUS_CONSTRUCTORS: &[&str] = &[
    "aborted",
    "already_exists",
    "cancelled",
    "data_loss",
    "deadline_exceeded",
    "failed_precondition",
    "from_error",
    "internal",
    "invalid_argument",
    "new",
    "not_found",
    "ok",
    "out_of_range",
    "permission_denied",
    "resource_exhausted",
    "unauthenticated",
    "unavailable",
    "unimplemented",
    "unknown",
    "with_details",
    "with_details_and_metadata",
    "with_error_details",
    "with_error_details_and_metadata",
    "with_error_details_vec",
    "with_error_details_vec_and_metadata",
    "with_metadata",
];

#[test]
fn the_import_table_is_the_one_in_architecture_md() {
    let text = fs::read_to_string(Path::new(ROOT).join("ARCHITECTURE.md")).unwrap();

    for (module, allowed) in MAY_USE {
        let names = match *allowed {
            [] => "nothing".to_owned(),
            names => names.join(", "),
        };
        let row = format!("| `{module}` | {names} |");
        assert!(
            text.contains(&row),
            "ARCHITECTURE.md, Imports: expected the row {row}"
        );
    }
}

#[test]
fn every_module_has_a_row_in_the_import_table() {
    let library = fs::read_to_string(Path::new(ROOT).join("src/lib.rs")).unwrap();
    let modules: Vec<_> = library
        .lines()
        .filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'))
        .collect();

    assert!(!modules.is_empty(), "src/lib.rs: no `pub mod` line found");
    for module in modules {
        assert!(
            MAY_USE.iter().any(|(name, _)| *name == module),
            "src/lib.rs: add a row for `{module}` to MAY_USE in {} and to ARCHITECTURE.md",
            file!()
        );
    }
}

#[test]
fn modules_use_only_what_their_row_allows() {
    let mut mistakes = Vec::new();
    for file in source_files() {
        let Some(module) = file.module() else {
            continue;
        };
        for (number, line) in file.code() {
            for used in crate_paths(&line) {
                if !may_use(&module, used) {
                    mistakes.push(format!(
                        "{}:{number}: `{module}` may not use `crate::{used}`: turn the \
                         dependency round, or move the code; see ARCHITECTURE.md, Imports",
                        file.name
                    ));
                }
            }
        }
    }
    assert_none(&mistakes);
}

#[test]
fn imports_are_written_out() {
    let mut mistakes = Vec::new();
    for file in source_files() {
        for (number, line) in file.code() {
            if line.contains("crate::{") {
                mistakes.push(format!(
                    "{}:{number}: write one `use crate::module::Item` line per module",
                    file.name
                ));
            }
            if line.contains("super::super::") {
                mistakes.push(format!(
                    "{}:{number}: write `crate::` instead of `super::super::`",
                    file.name
                ));
            }
        }
    }
    assert_none(&mistakes);
}

#[test]
fn files_stay_short() {
    let mistakes: Vec<_> = source_files()
        .iter()
        .filter(|file| !file.is_test_file() && file.text.lines().count() > MAX_LINES)
        .map(|file| {
            format!(
                "{}: {} lines, {MAX_LINES} allowed: find the second story and give it a file, or \
                 move the tests to a `*_tests.rs` file",
                file.name,
                file.text.lines().count()
            )
        })
        .collect();
    assert_none(&mistakes);
}

#[test]
fn files_say_what_they_are_for() {
    let mistakes: Vec<_> = source_files()
        .iter()
        .filter(|file| !file.is_test_file() && !file.text.starts_with("//!"))
        .map(|file| {
            format!(
                "{}: begin with `//!`: what the module is for, what it leaves to others",
                file.name
            )
        })
        .collect();
    assert_none(&mistakes);
}

#[test]
fn only_grpc_status_builds_a_status() {
    let mut mistakes = Vec::new();
    for file in source_files() {
        // What a client makes never leaves it.
        let is_client = matches!(
            file.module().as_deref(),
            Some("cli" | "client" | "conformance")
        );
        if file.name == "src/grpc/status.rs" || is_client || file.is_test_only() {
            continue;
        }
        for (number, line) in file.code() {
            for called in paths_behind(&line, "Status::") {
                if STATUS_CONSTRUCTORS.contains(&called) {
                    mistakes.push(format!(
                        "{}:{number}: `Status::{called}`: return an error of your own and let \
                         src/grpc/status.rs turn it into a status",
                        file.name
                    ));
                }
            }
        }
    }
    assert_none(&mistakes);
}

#[test]
fn only_bedrock_and_the_emulator_name_the_aws_sdk() {
    let mut mistakes = Vec::new();
    for file in source_files() {
        if matches!(file.module().as_deref(), Some("bedrock" | "emulator")) || file.is_test_only() {
            continue;
        }
        for (number, line) in file.code() {
            if let Some(name) = aws_crate(&line) {
                mistakes.push(format!(
                    "{}:{number}: `{name}` belongs in src/bedrock: translate it there",
                    file.name
                ));
            }
        }
    }
    assert_none(&mistakes);
}

#[test]
fn only_settings_load_reads_the_environment() {
    let mut mistakes = Vec::new();
    for file in source_files() {
        if file.name == "src/settings/load.rs" || file.is_test_only() {
            continue;
        }
        for (number, line) in file.code() {
            if line.contains("env::var") {
                mistakes.push(format!(
                    "{}:{number}: make it a setting; only src/settings/load.rs reads the \
                     environment",
                    file.name
                ));
            }
        }
    }
    assert_none(&mistakes);
}

#[test]
fn decisions_are_numbered_and_have_a_status() {
    let mut files: Vec<_> = fs::read_dir(Path::new(ROOT).join("docs/adr"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    assert!(!files.is_empty());

    let mut mistakes = Vec::new();
    for (index, path) in files.iter().enumerate() {
        let name = path.file_name().unwrap().to_string_lossy();
        let number = format!("{:04}-", index + 1);
        if !name.starts_with(&number) || !name.ends_with(".md") {
            mistakes.push(format!("docs/adr/{name}: expected {number}some-title.md"));
        }
        let text = fs::read_to_string(path).unwrap();
        let has_status = text.lines().any(|line| {
            [
                "Status: proposed",
                "Status: accepted",
                "Status: superseded by ",
            ]
            .iter()
            .any(|status| line.starts_with(status))
        });
        if !has_status {
            mistakes.push(format!(
                "docs/adr/{name}: add a line `Status: proposed`, `accepted` or `superseded by NNNN`"
            ));
        }
    }
    assert_none(&mistakes);
}

/// One file under `src/`.
struct SourceFile {
    /// Path from the root of the package, with `/`.
    name: String,
    text: String,
}

impl SourceFile {
    /// The module of `lib.rs` the file belongs to; none for `lib.rs` and `main.rs`.
    fn module(&self) -> Option<String> {
        let inside = self.name.strip_prefix("src/")?;
        let first = inside.split('/').next()?.trim_end_matches(".rs");
        (!matches!(first, "lib" | "main")).then(|| first.to_owned())
    }

    fn is_test_file(&self) -> bool {
        self.name.ends_with("_tests.rs")
    }

    /// Whether a release holds nothing of it: a test file, or a module declared for tests only.
    fn is_test_only(&self) -> bool {
        let path = Path::new(&self.name);
        let declaration = format!("mod {};", path.file_stem().unwrap().to_string_lossy());
        let parent = Path::new(ROOT).join(path.parent().unwrap()).join("mod.rs");
        let lines = fs::read_to_string(parent).unwrap_or_default();
        let lines: Vec<_> = lines.lines().collect();
        self.is_test_file()
            || lines.windows(2).any(|pair| {
                pair[0] == "#[cfg(test)]"
                    && pair[1].trim_start_matches("pub(crate) ") == declaration
            })
    }

    /// Numbered lines without comments and without the tests at the end.
    fn code(&self) -> impl Iterator<Item = (usize, String)> {
        let tests = "#[cfg(test)]\nmod tests {";
        let code = self.text.split(tests).next().unwrap_or_default();
        code.lines()
            .enumerate()
            .filter(|(_, line)| !line.trim_start().starts_with("//"))
            .map(|(index, line)| (index + 1, line.to_owned()))
    }
}

fn source_files() -> Vec<SourceFile> {
    let mut files = Vec::new();
    let mut folders = vec![Path::new(ROOT).join("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(SourceFile {
                    name: name_of(&path),
                    text: fs::read_to_string(&path).unwrap(),
                });
            }
        }
    }
    files.sort_by(|left, right| left.name.cmp(&right.name));
    files
}

fn name_of(path: &Path) -> String {
    let inside: PathBuf = path.strip_prefix(ROOT).unwrap().to_owned();
    inside.to_string_lossy().replace('\\', "/")
}

fn may_use(module: &str, used: &str) -> bool {
    let row = MAY_USE.iter().find(|(name, _)| *name == module);
    let is_strict = WITNESSES.contains(&module) || FREE_FOR_ALL.contains(&module);
    used == module
        || row.is_some_and(|(_, allowed)| allowed.contains(&used))
        || (!is_strict && FREE_FOR_ALL.contains(&used))
}

/// The first segments behind every `crate::` of a line.
fn crate_paths(line: &str) -> impl Iterator<Item = &str> {
    paths_behind(line, "crate::")
}

/// The identifiers that follow `prefix` wherever it stands as a word of its own.
fn paths_behind<'a>(line: &'a str, prefix: &'a str) -> impl Iterator<Item = &'a str> {
    line.split(prefix)
        .zip(line.split(prefix).skip(1))
        .filter(|(before, _)| !before.ends_with(is_identifier))
        .filter_map(|(_, after)| after.split(|letter| !is_identifier(letter)).next())
        .filter(|name| !name.is_empty())
}

/// A part of a path that is a crate of the AWS SDK. aws-lc is the crypto library.
fn aws_crate(line: &str) -> Option<&str> {
    let (paths, _) = line.rsplit_once("::")?;
    paths
        .split("::")
        .filter_map(|piece| piece.rsplit(|letter| !is_identifier(letter)).next())
        .find(|name| name.starts_with("aws_") && *name != "aws_lc_rs")
}

fn is_identifier(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || letter == '_'
}

#[track_caller]
fn assert_none(mistakes: &[String]) {
    assert!(mistakes.is_empty(), "\n{}\n", mistakes.join("\n"));
}

#[test]
fn scanning_finds_what_it_looks_for() {
    let line = "let x = crate::routing::plan(&crate::bedrock::Client, my_crate::grpc);";

    assert_eq!(
        crate_paths(line).collect::<Vec<_>>(),
        ["routing", "bedrock"]
    );
    assert_eq!(
        aws_crate("fn f(e: aws_sdk_bedrockruntime::Error)"),
        Some("aws_sdk_bedrockruntime")
    );
    assert_eq!(aws_crate("settings.aws_access_key_id = key;"), None);
    assert!(!may_use("routing", "bedrock"));
    assert!(!may_use("emulator", "settings"));
    assert!(!may_use("settings", "deadline"));
    assert!(may_use("routing", "deadline"));
}
