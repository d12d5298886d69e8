//! What `iam-policy` has to say beside the policies: on standard error, and as their comments.

use std::io;
use std::io::Write;

use crate::iam::LeftOut;
use crate::iam::MAX_ATTACHED;
use crate::iam::MAX_SIZE;
use crate::iam::Policy;
use crate::iam::Wanted;
use crate::registry::Registry;

/// Notes, in the order in which they came up.
#[derive(Debug, Default)]
pub(super) struct Notes(Vec<Note>);

#[derive(Debug)]
struct Note {
    is_warning: bool,
    text: String,
}

impl Notes {
    /// Notes that begin with the models that need no permission.
    pub(super) fn new(left_out: &[LeftOut]) -> Self {
        let mut notes = Self::default();
        for LeftOut { model, reason } in left_out {
            notes.note(format!("{model} is left out: {reason}"));
        }
        notes
    }

    /// Adds what the policies rest on.
    pub(super) fn of_draft(
        &mut self,
        wanted: &Wanted,
        warnings: Vec<String>,
        by_registry: &[String],
        registry: &Registry,
    ) {
        if let Some(account) = Wanted::account_of_profiles(&wanted.models) {
            self.note(format!(
                "account {account} is that of the profile ARNs, as the gateway calls them; \
                 registry.profile_account sets another"
            ));
        }
        let mut sources: Vec<(&str, Vec<&str>)> = Vec::new();
        for model in by_registry {
            let source = registry.destinations_source(model).unwrap_or_default();
            match sources.iter_mut().find(|(known, _)| *known == source) {
                Some((_, models)) => models.push(model),
                None => sources.push((source, vec![model])),
            }
        }
        for (source, models) in sources {
            let source = match source {
                "" => "without a source".to_owned(),
                source => format!("from: {source}"),
            };
            self.note(format!(
                "the destination regions of {} are those of the registry, {source}",
                models.join(", ")
            ));
        }
        for warning in warnings {
            self.warn(warning);
        }
    }

    /// Adds what follows from how many policies there are, and how broad.
    pub(super) fn of_policies(&mut self, policies: &[Policy], is_broad: bool, is_array: bool) {
        let count = policies.len();
        if is_broad {
            self.warn(
                "this policy allows every model and profile of its regions, at any price; without \
                 --broad only what the gateway calls is allowed"
                    .to_owned(),
            );
        }
        if count > 1 {
            let how = if is_array {
                format!(" This is an array of them; --part 1 to --part {count} prints each.")
            } else {
                String::new()
            };
            self.note(format!(
                "there are {count} policies, since one holds {MAX_SIZE} characters at most; all of \
                 them are needed.{how}"
            ));
        }
        if count > MAX_ATTACHED {
            self.warn(format!(
                "a role takes {MAX_ATTACHED} managed policies unless AWS raised the quota, and \
                 these are {count}; give --models"
            ));
        }
    }

    /// All notes, to stand in the output.
    pub(super) fn comments(&self) -> Vec<String> {
        self.0.iter().map(Note::line).collect()
    }

    /// Writes all notes, each on a line.
    ///
    /// # Errors
    /// If that fails.
    pub(super) fn write(&self, output: &mut dyn Write) -> io::Result<()> {
        for note in &self.0 {
            writeln!(output, "{}", note.line())?;
        }
        Ok(())
    }

    fn note(&mut self, text: String) {
        self.0.push(Note {
            is_warning: false,
            text,
        });
    }

    fn warn(&mut self, text: String) {
        self.0.push(Note {
            is_warning: true,
            text,
        });
    }
}

impl Note {
    fn line(&self) -> String {
        let kind = if self.is_warning { "warning" } else { "note" };
        format!("{kind}: {}", self.text)
    }
}
