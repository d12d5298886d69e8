//! What was written, and where, before anyone checks the values: file, then environment, then
//! flags, the later over the earlier.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;

use toml::Spanned;
use toml::de::DeTable;
use toml::de::DeValue;

use super::define::Definition;
use super::define::VARIABLE_PREFIX;
use super::error::Problem;
use super::error::Source;
use super::error::nearest;
use super::table::SECTIONS;
use super::table::definitions;

/// The text of one setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Written {
    /// As it was written.
    pub(super) text: String,
    /// Unit of a plain number, where the source implies one.
    pub(super) unit: &'static str,
    /// Where.
    pub(super) origin: Source,
}

impl Written {
    /// The text, with the unit that its source implies.
    pub(super) fn with_unit(&self) -> String {
        format!("{}{}", self.text, self.unit)
    }
}

/// The settings that somebody wrote.
#[derive(Clone, Debug, Default)]
pub(super) struct RawSettings {
    values: BTreeMap<&'static str, Written>,
}

impl RawSettings {
    /// What was written for a setting.
    pub(super) fn written(&self, key: &str) -> Option<&Written> {
        self.values.get(key)
    }

    /// Takes over what others wrote for a setting, or that they wrote nothing.
    pub(super) fn take(&mut self, definition: &'static dyn Definition, from: &Self) {
        match from.values.get(definition.key()) {
            Some(written) => self.values.insert(definition.key(), written.clone()),
            None => self.values.remove(definition.key()),
        };
    }

    /// Takes the settings of a file.
    pub(super) fn read_file(&mut self, path: &Path, text: &str, problems: &mut Vec<Problem>) {
        let (document, errors) = DeTable::parse_recoverable(text);
        let lines = Lines { path, text };
        problems.extend(errors.iter().map(|error| Problem::Syntax {
            origin: lines.at(error.span().map_or(0, |span| span.start)),
            // Some messages list what was expected on lines of their own.
            message: error.message().replace('\n', ", "),
        }));
        if !errors.is_empty() {
            // What recovery made of the rest would only raise false alarms.
            return;
        }
        for (name, value) in document.get_ref() {
            let origin = lines.at(name.span().start);
            let section = SECTIONS
                .iter()
                .find(|section| section.name == name.get_ref().as_ref());
            match (section, value.get_ref()) {
                (Some(section), DeValue::Table(table)) => {
                    self.read_section(section.name, table, &lines, problems);
                }
                (Some(section), other) => problems.push(Problem::Shape {
                    origin,
                    key: section.name.to_owned(),
                    found: with_article(other),
                    allowed: format!("a table, [{}]", section.name),
                }),
                (None, _) => problems.push(unknown_name(name.get_ref(), origin)),
            }
        }
    }

    fn read_section(
        &mut self,
        section: &str,
        table: &DeTable<'_>,
        lines: &Lines<'_>,
        problems: &mut Vec<Problem>,
    ) {
        for (name, value) in table {
            let key = format!("{section}.{}", name.get_ref());
            let origin = lines.at(name.span().start);
            let Some(definition) = definitions().find(|definition| definition.key() == key) else {
                problems.push(unknown_name(&key, origin));
                continue;
            };
            match scalar_text(value) {
                Some(text) => self.set(definition, text, "", origin),
                None => problems.push(Problem::Shape {
                    origin,
                    key,
                    found: with_article(value.get_ref()),
                    allowed: definition.allowed(),
                }),
            }
        }
    }

    /// Takes the settings of an environment. An empty variable counts as not set, because compose
    /// files and charts set variables to nothing rather than leave them out.
    pub(super) fn read_environment(
        &mut self,
        environment: &BTreeMap<String, OsString>,
        problems: &mut Vec<Problem>,
    ) {
        let is_set = |name: &str| environment.get(name).filter(|value| !value.is_empty());
        for definition in definitions() {
            // The strongest last, as everywhere.
            for shared in definition.shared().iter().rev() {
                if let Some(value) = is_set(shared.name) {
                    let name = shared.name.to_owned();
                    self.set_variable(definition, name, shared.unit, value, problems);
                }
            }
            let name = definition.variable();
            if let Some(value) = is_set(&name) {
                self.set_variable(definition, name, "", value, problems);
            }
        }
        for name in environment.keys() {
            let is_ours = name.starts_with(VARIABLE_PREFIX) && !is_service_link(name);
            if is_ours && !variables().any(|variable| variable == *name) {
                // The prefix would make any two look alike.
                let bare = |name: &str| name.replacen(VARIABLE_PREFIX, "", 1);
                problems.push(Problem::UnknownVariable {
                    name: name.clone(),
                    nearest: nearest(&bare(name), variables().map(|known| bare(&known)))
                        .map(|known| format!("{VARIABLE_PREFIX}{known}")),
                });
            }
        }
    }

    fn set_variable(
        &mut self,
        definition: &'static dyn Definition,
        name: String,
        unit: &'static str,
        value: &OsString,
        problems: &mut Vec<Problem>,
    ) {
        let origin = Source::Variable(name);
        match value.to_str() {
            Some(text) => self.set(definition, text.to_owned(), unit, origin),
            None => problems.push(Problem::Shape {
                origin,
                key: definition.key().to_owned(),
                found: "not UTF-8".to_owned(),
                allowed: definition.allowed(),
            }),
        }
    }

    /// Takes the settings of a command line, by key.
    pub(super) fn read_flags(&mut self, flags: &BTreeMap<&'static str, String>) {
        for definition in definitions() {
            if let Some(text) = flags.get(definition.key()) {
                let origin = Source::Flag(definition.flag());
                self.set(definition, text.clone(), "", origin);
            }
        }
    }

    fn set(
        &mut self,
        definition: &'static dyn Definition,
        text: String,
        unit: &'static str,
        origin: Source,
    ) {
        self.values
            .insert(definition.key(), Written { text, unit, origin });
    }
}

/// Name of the variable that names the settings file.
pub(super) const FILE_VARIABLE: &str = "BEDROCK_GATEWAY_CONFIG";

fn variables() -> impl Iterator<Item = String> {
    definitions()
        .map(|definition| definition.variable())
        .chain([FILE_VARIABLE.to_owned()])
}

/// Whether Kubernetes set this variable to describe a service, because one of that namespace is
/// called `bedrock-gateway` or begins so: `BEDROCK_GATEWAY_SERVICE_HOST`,
/// `BEDROCK_GATEWAY_PORT_50051_TCP_ADDR`. Not a mistake of the operator.
///
/// Source: <https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables>,
/// seen 2026-11-22.
fn is_service_link(name: &str) -> bool {
    let is_numbered = |(_, port): (&str, &str)| port.starts_with(|c: char| c.is_ascii_digit());
    name.ends_with("_SERVICE_HOST")
        || name.ends_with("_SERVICE_PORT")
        || name.contains("_SERVICE_PORT_")
        || name.ends_with("_PORT")
        || name.split_once("_PORT_").is_some_and(is_numbered)
}

/// A name that no setting has: a credential in the wrong place, or a mistake.
fn unknown_name(name: &str, origin: Source) -> Problem {
    let is_credential = ["access_key", "secret", "session_token", "password"]
        .iter()
        .any(|word| name.to_ascii_lowercase().contains(word));
    let name = name.to_owned();
    if is_credential {
        return Problem::Credential { origin, name };
    }
    // A setting in the wrong section, or in none, is found by its own name.
    let bare = name.rsplit('.').next().unwrap_or(&name);
    let nearest = definitions()
        .find(|definition| definition.name() == bare)
        .map(|definition| definition.key().to_owned())
        .or_else(|| nearest(&name, definitions().map(|d| d.key().to_owned())))
        .or_else(|| nearest(&name, SECTIONS.iter().map(|s| format!("[{}]", s.name))));
    Problem::UnknownName {
        origin,
        name,
        nearest,
    }
}

/// The text of a single value; none for tables, lists and dates.
fn scalar_text(value: &Spanned<DeValue<'_>>) -> Option<String> {
    match value.get_ref() {
        DeValue::String(text) => Some(text.to_string()),
        DeValue::Integer(number) => Some(number.to_string()),
        DeValue::Float(number) => Some(number.to_string()),
        DeValue::Boolean(truth) => Some(truth.to_string()),
        DeValue::Datetime(_) | DeValue::Array(_) | DeValue::Table(_) => None,
    }
}

fn with_article(value: &DeValue<'_>) -> String {
    let article = match value {
        DeValue::Integer(_) | DeValue::Array(_) => "an",
        _ => "a",
    };
    format!("{article} {}", value.type_str())
}

/// Turns positions of a file into lines.
struct Lines<'a> {
    path: &'a Path,
    text: &'a str,
}

impl Lines<'_> {
    fn at(&self, position: usize) -> Source {
        let before = self.text.get(..position).unwrap_or(self.text);
        Source::File {
            path: self.path.to_owned(),
            line: before.matches('\n').count() + 1,
        }
    }
}
