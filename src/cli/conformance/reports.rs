//! Where reports go.

use std::fs::File;
use std::io;
use std::io::Write;
use std::path::PathBuf;
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

/// The reports of a run, with their files open: a file that cannot be written must not be found out
/// when the money is spent.
pub(super) struct Reports {
    open: Vec<(Format, Option<(PathBuf, File)>)>,
}

impl Reports {
    /// Opens the files.
    ///
    /// # Errors
    /// [`WrongInput`] if one cannot be written, or two reports would share standard output.
    pub(super) fn open(targets: Vec<Target>) -> Result<Self, WrongInput> {
        if targets
            .iter()
            .filter(|target| target.file.is_none())
            .count()
            > 1
        {
            let problem =
                "--report: only one report can go to standard output; name files for the others";
            return Err(WrongInput(problem.to_owned()));
        }
        let open = targets.into_iter().map(|target| {
            let file = target.file.map(|path| match File::create(&path) {
                Ok(file) => Ok((path, file)),
                Err(error) => Err(WrongInput(format!(
                    "--report: write {}: {error}",
                    path.display()
                ))),
            });
            Ok((target.format, file.transpose()?))
        });
        Ok(Self {
            open: open.collect::<Result<_, WrongInput>>()?,
        })
    }

    /// Writes them.
    ///
    /// # Errors
    /// Those of the files and of `output`.
    pub(super) fn write(
        self,
        report: &Report,
        verbose: bool,
        output: &mut dyn Write,
    ) -> io::Result<()> {
        for (format, file) in self.open {
            match file {
                None => conformance::write(report, format, verbose, output)?,
                Some((path, mut file)) => {
                    let mut text = Vec::new();
                    conformance::write(report, format, verbose, &mut text)?;
                    let named = |error: io::Error| {
                        io::Error::other(format!("write {}: {error}", path.display()))
                    };
                    file.write_all(&text).map_err(named)?;
                }
            }
        }
        Ok(())
    }
}
