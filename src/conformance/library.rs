//! The cases: those inside the program, and those of a folder.

use std::fs;
use std::io;
use std::path::Path;
use std::path::PathBuf;

use crate::conformance::case::Case;
use crate::conformance::case_file;
use crate::conformance::problem::Problem;

include!(concat!(env!("OUT_DIR"), "/conformance_cases.rs"));

/// Why there are no cases.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The folder or a file in it cannot be read.
    #[error("read the cases: {}: {source}", path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The folder has no case.
    #[error("read the cases: {} holds no file that ends in .json", .0.display())]
    Empty(PathBuf),
    /// Files are wrong.
    #[error("read the cases: {}", list(.0))]
    Wrong(Vec<Problem>),
}

fn list(problems: &[Problem]) -> String {
    let count = match problems {
        [_] => "1 problem".to_owned(),
        problems => format!("{} problems", problems.len()),
    };
    let lines = problems.iter().map(|problem| format!("\n  {problem}"));
    lines.fold(count, |text, line| text + &line)
}

/// The cases inside the program, in the order of their names.
///
/// # Errors
/// [`LoadError::Wrong`], which a test rules out.
pub fn embedded() -> Result<Vec<Case>, LoadError> {
    read(
        CASES
            .iter()
            .map(|(name, text)| ((*name).to_owned(), (*text).to_owned())),
    )
}

/// The cases of a folder, in the order of their names.
///
/// # Errors
/// [`LoadError`].
pub fn read_folder(folder: &Path) -> Result<Vec<Case>, LoadError> {
    let unreadable = |path: &Path| {
        let path = path.to_owned();
        |source| LoadError::Unreadable { path, source }
    };
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable(folder))? {
        let path = entry.map_err(unreadable(folder))?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "json")
        {
            let text = fs::read_to_string(&path).map_err(unreadable(&path))?;
            let name = path.file_stem().unwrap_or_default().to_string_lossy();
            files.push((name.into_owned(), text));
        }
    }
    if files.is_empty() {
        return Err(LoadError::Empty(folder.to_owned()));
    }
    files.sort();
    read(files.into_iter())
}

fn read(files: impl Iterator<Item = (String, String)>) -> Result<Vec<Case>, LoadError> {
    let mut cases = Vec::new();
    let mut problems = Vec::new();
    for (name, text) in files {
        match case_file::read(&name, &text) {
            Ok(case) => cases.push(case),
            Err(found) => problems.extend(found),
        }
    }
    if problems.is_empty() {
        Ok(cases)
    } else {
        Err(LoadError::Wrong(problems))
    }
}
