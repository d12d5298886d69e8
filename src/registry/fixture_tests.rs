//! One file per mistake: `tests/fixtures/registry/<mistake>.json` and, beside it, what is reported
//! in `<mistake>.txt`.

use std::fs;
use std::path::Path;
use std::path::PathBuf;

use super::Registry;
use super::support::choices;

fn fixtures(folder: &str, extension: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures/registry")
        .join(folder);
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|found| found == extension))
        .collect();
    files.sort();
    files
}

#[test]
fn every_mistake_is_reported_with_its_place_and_what_is_allowed() {
    let mistakes = fixtures("", "json");
    assert!(mistakes.len() > 50);

    let differences: Vec<String> = mistakes
        .iter()
        .filter_map(|path| {
            let text = fs::read_to_string(path).unwrap();
            let reported = match Registry::parse(&text, &choices()) {
                Ok(_) => "nothing\n".to_owned(),
                Err(errors) => format!("{errors}\n"),
            };
            let expected = fs::read_to_string(path.with_extension("txt")).unwrap_or_default();
            let name = path.file_name().unwrap().display();
            (reported != expected)
                .then(|| format!("{name}\n-- expected\n{expected}-- reported\n{reported}"))
        })
        .collect();

    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

#[test]
fn every_expectation_belongs_to_a_mistake() {
    for path in fixtures("", "txt") {
        assert!(path.with_extension("json").exists(), "{}", path.display());
    }
}

#[test]
fn files_in_all_legal_forms_are_accepted() {
    let files = fixtures("accepted", "json");
    assert!(!files.is_empty());

    for path in files {
        let text = fs::read_to_string(&path).unwrap();

        let result = Registry::parse(&text, &choices());

        assert!(
            result.is_ok(),
            "{}: {}",
            path.display(),
            result.unwrap_err()
        );
    }
}
