//! Where reports go.

use std::fs;
use std::fs::File;
use std::fs::OpenOptions;
use std::io;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;
use std::process;
use std::str::FromStr;

use super::command::WrongInput;
use crate::conformance;
use crate::conformance::Format;
use crate::conformance::Report;

/// A form of the report, and a file for it; standard output if there is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Target {
    format: Format,
    file: Option<PathBuf>,
}

impl FromStr for Target {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, file) = match text.split_once('=') {
            Some((name, file)) => (name, Some(PathBuf::from(file))),
            None => (text, None),
        };
        let format = Format::ALL.iter().find(|(known, _)| *known == name);
        let (_, format) =
            format.ok_or("write text, json, markdown or junit, and a file as in junit=FILE")?;
        if file
            .as_ref()
            .is_some_and(|file| file.as_os_str().is_empty())
        {
            return Err("the name of the file is missing".to_owned());
        }
        Ok(Self {
            format: *format,
            file,
        })
    }
}

/// The reports of a run, ready to be written: a file that cannot be must not be found out when the
/// money is spent.
pub(super) struct Reports {
    files: Vec<(Format, Opened)>,
    standard_output: Option<Format>,
}

/// A file that can be written, and keeps what it has until then.
struct Opened {
    path: PathBuf,
    file: File,
    /// Takes the place of `path` when it is written; dropped if that never happens. None for what
    /// is no regular file, such as a pipe.
    sibling: Option<PathBuf>,
}

impl Reports {
    /// Sees to it that the files can be written.
    ///
    /// # Errors
    /// [`WrongInput`] if one cannot, or two reports would share a file or standard output.
    pub(super) fn open(targets: Vec<Target>) -> Result<Self, WrongInput> {
        let mut reports = Self {
            files: Vec::new(),
            standard_output: None,
        };
        for target in targets {
            match target.file {
                None if reports.standard_output.is_some() => {
                    let problem = "--report: only one report can go to standard output; name files for the others";
                    return Err(WrongInput(problem.to_owned()));
                }
                None => reports.standard_output = Some(target.format),
                Some(path) => {
                    let wrong = |problem: String| {
                        WrongInput(format!("--report: write {}: {problem}", path.display()))
                    };
                    let opened = Opened::new(&path).map_err(|error| wrong(error.to_string()))?;
                    let is_taken = |(_, other): &(_, Opened)| other.path == opened.path;
                    if reports.files.iter().any(is_taken) {
                        return Err(wrong("two reports cannot share a file".to_owned()));
                    }
                    reports.files.push((target.format, opened));
                }
            }
        }
        Ok(reports)
    }

    /// Writes them, first the files, and all of them whatever becomes of one.
    ///
    /// # Errors
    /// The first of the files and of `output`.
    pub(super) fn write(self, report: &Report, output: &mut dyn Write) -> io::Result<()> {
        let mut written = Ok(());
        for (format, file) in self.files {
            let path = file.path.clone();
            let one = file.write(format, report).map_err(|error| {
                io::Error::new(error.kind(), format!("write {}: {error}", path.display()))
            });
            written = written.and(one);
        }
        if let Some(format) = self.standard_output {
            let printed = conformance::write(report, format, output);
            written = written.and(printed);
        }
        written
    }
}

impl Opened {
    fn new(path: &Path) -> io::Result<Self> {
        let path = if path.exists() {
            path.canonicalize()?
        } else {
            // The folder has to be there.
            let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?;
            let folder = path
                .parent()
                .filter(|folder| !folder.as_os_str().is_empty());
            let folder = folder.unwrap_or_else(|| Path::new("."));
            folder.canonicalize()?.join(name)
        };
        if path.exists() {
            let file = OpenOptions::new().write(true).open(&path)?;
            if !file.metadata()?.is_file() {
                let sibling = None;
                return Ok(Self {
                    path,
                    file,
                    sibling,
                });
            }
        }
        let mut name = path.file_name().unwrap_or_default().to_os_string();
        name.push(format!(".{}.part", process::id()));
        let sibling = path.with_file_name(name);
        Ok(Self {
            path,
            file: File::create(&sibling)?,
            sibling: Some(sibling),
        })
    }

    fn write(mut self, format: Format, report: &Report) -> io::Result<()> {
        let mut text = Vec::new();
        conformance::write(report, format, &mut text)?;
        self.file.write_all(&text)?;
        match &self.sibling {
            Some(sibling) => fs::rename(sibling, &self.path),
            None => Ok(()),
        }
    }
}

impl Drop for Opened {
    fn drop(&mut self) {
        if let Some(sibling) = &self.sibling {
            // It is gone if it was written.
            let _ = fs::remove_file(sibling);
        }
    }
}
