//! What was found, step by step: printed for people as it comes, or collected for programs.

use std::io;
use std::io::Write;

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::cli::exit_code::Exit;

/// How findings are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// Lines for people, as soon as there is something to say.
    Text {
        /// Whether marks have colours.
        colours: bool,
    },
    /// One JSON object at the end.
    Json,
}

/// What kind of finding it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Level {
    Passed,
    Note,
    Warning,
    Failed,
    Skipped,
}

impl Level {
    const fn name(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
        }
    }

    const fn mark(self) -> &'static str {
        match self {
            Self::Passed => "✓",
            Self::Note => " ",
            Self::Warning => "!",
            Self::Failed => "✗",
            Self::Skipped => "-",
        }
    }

    /// The colour of the mark, as ANSI numbers it.
    const fn colour(self) -> &'static str {
        match self {
            Self::Passed => "32",
            Self::Note => "0",
            Self::Warning => "33",
            Self::Failed => "31",
            Self::Skipped => "2",
        }
    }
}

/// One step, and what it found.
struct Step {
    name: &'static str,
    state: Level,
    findings: Vec<Value>,
    facts: Map<String, Value>,
}

/// Prints or collects what was found, and keeps what follows from it.
pub(super) struct Reporter<'a> {
    output: &'a mut dyn Write,
    form: Form,
    steps: Vec<Step>,
    warnings: usize,
    /// Of the first failure.
    exit: Option<Exit>,
    /// Of the first that another explains, if one does.
    exit_for_a_cause: Option<Exit>,
}

impl<'a> Reporter<'a> {
    /// Nothing was found yet.
    pub(super) fn new(output: &'a mut dyn Write, form: Form) -> Self {
        Self {
            output,
            form,
            steps: Vec::new(),
            warnings: 0,
            exit: None,
            exit_for_a_cause: None,
        }
    }

    /// Whether it prints for people.
    pub(super) fn is_text(&self) -> bool {
        self.form != Form::Json
    }

    /// The next step begins.
    pub(super) fn step(&mut self, name: &'static str, title: &str) -> io::Result<()> {
        self.steps.push(Step {
            name,
            state: Level::Skipped,
            findings: Vec::new(),
            facts: Map::new(),
        });
        let number = self.steps.len();
        if self.is_text() {
            writeln!(self.output, "{number}. {title}")?;
        }
        Ok(())
    }

    /// Something is as it should be.
    pub(super) fn passed(&mut self, text: &str) -> io::Result<()> {
        self.found(Level::Passed, text, "")
    }

    /// Something to know, neither good nor bad.
    pub(super) fn note(&mut self, text: &str) -> io::Result<()> {
        self.found(Level::Note, text, "")
    }

    /// Something to look after, and what to do about it if that is not plain.
    pub(super) fn warning(&mut self, text: &str, advice: &str) -> io::Result<()> {
        self.warnings += 1;
        self.found(Level::Warning, text, advice)
    }

    /// Something is not as it should be, and what to do about it if the text does not say.
    pub(super) fn failed(&mut self, text: &str, advice: &str, exit: Exit) -> io::Result<()> {
        self.exit.get_or_insert(exit);
        self.found(Level::Failed, text, advice)
    }

    /// The same where another failure may be the cause: its exit code goes before this one.
    pub(super) fn failed_for_a_cause(
        &mut self,
        text: &str,
        advice: &str,
        exit: Exit,
    ) -> io::Result<()> {
        self.exit_for_a_cause.get_or_insert(exit);
        self.found(Level::Failed, text, advice)
    }

    /// Something was not looked at, and why.
    pub(super) fn skipped(&mut self, text: &str) -> io::Result<()> {
        self.found(Level::Skipped, text, "")
    }

    /// Something about the step for programs.
    pub(super) fn fact(&mut self, name: &str, value: Value) {
        if let Some(step) = self.steps.last_mut() {
            step.facts.insert(name.to_owned(), value);
        }
    }

    /// Numbers of the steps that failed so far, as people list them.
    pub(super) fn failed_steps(&self) -> Option<String> {
        let failed = (1..).zip(&self.steps).filter_map(|(number, step)| {
            let is_failed = step.state == Level::Failed;
            is_failed.then(|| number.to_string())
        });
        let failed: Vec<String> = failed.collect();
        match failed.split_last() {
            None => None,
            Some((last, [])) => Some(format!("step {last}")),
            Some((last, others)) => Some(format!("steps {} and {last}", others.join(", "))),
        }
    }

    /// Prints the verdict; with JSON, everything.
    pub(super) fn finish(self) -> io::Result<Exit> {
        let exit = self.exit.or(self.exit_for_a_cause);
        let exit = exit.unwrap_or(Exit::Success);
        match self.form {
            Form::Text { .. } => {
                let warnings = match self.warnings {
                    0 => String::new(),
                    1 => ", 1 warning".to_owned(),
                    count => format!(", {count} warnings"),
                };
                let is_called = |step: &Step| step.state != Level::Skipped;
                let verdict = match self.failed_steps() {
                    Some(steps) => format!("{steps} failed"),
                    None if self.steps.last().is_none_or(is_called) => "all is well".to_owned(),
                    None => "all that was looked at is well; no model was called".to_owned(),
                };
                writeln!(self.output, "\n{verdict}{warnings}")?;
            }
            Form::Json => {
                let steps: Vec<Value> = (1..)
                    .zip(self.steps)
                    .map(|(number, step)| step.json(number))
                    .collect();
                let document = json!({
                    "ok": exit == Exit::Success,
                    "exitCode": exit.number(),
                    "warnings": self.warnings,
                    "steps": steps,
                });
                writeln!(self.output, "{document:#}")?;
            }
        }
        self.output.flush()?;
        Ok(exit)
    }

    fn found(&mut self, level: Level, text: &str, advice: &str) -> io::Result<()> {
        if let Some(step) = self.steps.last_mut() {
            step.note(level, text, advice);
        }
        let Form::Text { colours } = self.form else {
            return Ok(());
        };
        let mark = level.mark();
        // The further lines of a text stand below its first.
        let text = text.replace('\n', "\n     ");
        if colours {
            let colour = level.colour();
            writeln!(self.output, "   \x1b[{colour}m{mark}\x1b[0m {text}")?;
        } else {
            writeln!(self.output, "   {mark} {text}")?;
        }
        if !advice.is_empty() {
            writeln!(self.output, "     → {advice}")?;
        }
        self.output.flush()
    }
}

impl Step {
    fn note(&mut self, level: Level, text: &str, advice: &str) {
        self.state = match (self.state, level) {
            (Level::Failed, _) | (_, Level::Failed) => Level::Failed,
            (state, Level::Skipped | Level::Note) => state,
            (_, Level::Passed | Level::Warning) => Level::Passed,
        };
        let mut finding = json!({"level": level.name(), "text": text});
        if !advice.is_empty()
            && let Some(finding) = finding.as_object_mut()
        {
            finding.insert("advice".to_owned(), advice.into());
        }
        self.findings.push(finding);
    }

    fn json(self, number: usize) -> Value {
        let mut step = Map::new();
        step.insert("number".to_owned(), number.into());
        step.insert("name".to_owned(), self.name.into());
        step.insert("state".to_owned(), self.state.name().into());
        step.insert("findings".to_owned(), self.findings.into());
        step.extend(self.facts);
        Value::Object(step)
    }
}

#[cfg(test)]
#[path = "reporter_tests.rs"]
mod tests;
