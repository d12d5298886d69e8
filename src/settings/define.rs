//! What a setting is: its key, its kind, its default, and the names derived from the key.
//!
//! Holds no setting itself; those stand in `table.rs`, each once.

use std::borrow::Cow;

/// Prefix of the environment variables of this program.
pub(crate) const VARIABLE_PREFIX: &str = "BEDROCK_GATEWAY_";

/// Word for "the program decides", for settings whose default depends on something else.
pub(crate) const AUTO: &str = "auto";

/// Why a text is no value: a fragment that follows the text, such as "is not a whole number".
pub(crate) type Refusal = Cow<'static, str>;

/// How the text of a setting becomes a value.
pub(crate) trait Kind: Sync {
    /// The checked value.
    type Value;

    /// Reads a value and checks its range.
    fn parse(&self, text: &str) -> Result<Self::Value, Refusal>;

    /// Writes a value so that [`Kind::parse`] reads it back.
    fn render(&self, value: &Self::Value) -> String;

    /// What is allowed, as a noun phrase with the range.
    fn allowed(&self) -> String;

    /// Whether the flag may stand alone, meaning "true".
    fn is_switch(&self) -> bool {
        false
    }

    /// What `--help` shows for the value.
    fn placeholder(&self) -> &'static str;

    /// Values that shells complete; others may be allowed too.
    fn suggestions(&self) -> &'static [&'static str] {
        &[]
    }
}

/// A variable that other programs know too, read when the prefixed one is not set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SharedVariable {
    /// Its name.
    pub(crate) name: &'static str,
    /// Put behind the number it holds: "ms" if it counts milliseconds. Empty if the text is read
    /// as it stands.
    pub(crate) unit: &'static str,
}

/// One setting.
pub(crate) struct Setting<K: Kind> {
    /// Section and name, such as "routing.max_retries".
    pub(crate) key: &'static str,
    /// What it does, in sentences.
    pub(crate) about: &'static str,
    /// How its text is read.
    pub(crate) kind: K,
    /// Its value when nobody sets it.
    pub(crate) default: fn() -> K::Value,
    /// Variables of other programs that set it too, the strongest first.
    pub(crate) shared: &'static [SharedVariable],
    /// Its flag, if shorter than the one derived from the key.
    pub(crate) short_flag: Option<&'static str>,
    /// Whether a change takes effect while the gateway runs.
    pub(crate) is_live: bool,
}

impl<K: Kind> Setting<K> {
    /// A setting with the names that follow from its key.
    pub(super) const fn new(
        key: &'static str,
        kind: K,
        default: fn() -> K::Value,
        about: &'static str,
    ) -> Self {
        Self {
            key,
            about,
            kind,
            default,
            shared: &[],
            short_flag: None,
            is_live: false,
        }
    }

    /// The same, also set by variables of other programs.
    pub(super) const fn also(mut self, shared: &'static [SharedVariable]) -> Self {
        self.shared = shared;
        self
    }

    /// The same, with a shorter flag.
    pub(super) const fn flag(mut self, flag: &'static str) -> Self {
        self.short_flag = Some(flag);
        self
    }

    /// The same, and a change takes effect while the gateway runs.
    pub(super) const fn live(mut self) -> Self {
        self.is_live = true;
        self
    }
}

/// A setting without the type of its value: what flags, variables and documents need.
pub(crate) trait Definition: Sync {
    /// Section and name.
    fn key(&self) -> &'static str;
    /// What it does.
    fn about(&self) -> &'static str;
    /// Its default, as one would write it.
    fn default_text(&self) -> String;
    /// What is allowed.
    fn allowed(&self) -> String;
    /// Whether the flag may stand alone.
    fn is_switch(&self) -> bool;
    /// What `--help` shows for the value.
    fn placeholder(&self) -> &'static str;
    /// Values that shells complete; others may be allowed too.
    fn suggestions(&self) -> &'static [&'static str];
    /// Variables of other programs that set it too.
    fn shared(&self) -> &'static [SharedVariable];
    /// Its shorter flag, without dashes.
    fn short_flag(&self) -> Option<&'static str>;
    /// Whether a change takes effect while the gateway runs; otherwise it needs a restart.
    fn is_live(&self) -> bool;
    /// The value that a text means, the same for all texts that mean it; `None` if none does.
    fn normal(&self, text: &str) -> Option<String>;

    /// The part of the key behind the section.
    fn name(&self) -> &'static str {
        self.key()
            .split_once('.')
            .map_or_else(|| self.key(), |(_, name)| name)
    }

    /// The variable derived from the key: `BEDROCK_GATEWAY_ROUTING_MAX_RETRIES`.
    fn variable(&self) -> String {
        let name = self.key().replace('.', "_").to_ascii_uppercase();
        format!("{VARIABLE_PREFIX}{name}")
    }

    /// The flag derived from the key, without dashes: `routing-max-retries`.
    fn long_flag(&self) -> String {
        self.key().replace(['.', '_'], "-")
    }

    /// The flag to show, without dashes.
    fn flag(&self) -> String {
        self.short_flag()
            .map_or_else(|| self.long_flag(), str::to_owned)
    }
}

impl<K: Kind> Definition for Setting<K> {
    fn key(&self) -> &'static str {
        self.key
    }

    fn about(&self) -> &'static str {
        self.about
    }

    fn default_text(&self) -> String {
        self.kind.render(&(self.default)())
    }

    fn allowed(&self) -> String {
        self.kind.allowed()
    }

    fn is_switch(&self) -> bool {
        self.kind.is_switch()
    }

    fn placeholder(&self) -> &'static str {
        self.kind.placeholder()
    }

    fn suggestions(&self) -> &'static [&'static str] {
        self.kind.suggestions()
    }

    fn shared(&self) -> &'static [SharedVariable] {
        self.shared
    }

    fn short_flag(&self) -> Option<&'static str> {
        self.short_flag
    }

    fn is_live(&self) -> bool {
        self.is_live
    }

    fn normal(&self, text: &str) -> Option<String> {
        let value = self.kind.parse(text).ok()?;
        Some(self.kind.render(&value))
    }
}

/// Settings about one thing: a table of the file.
pub(crate) struct Section {
    /// Name of the table.
    pub(crate) name: &'static str,
    /// What the settings are about.
    pub(crate) title: &'static str,
    /// The settings, in reading order.
    pub(crate) settings: &'static [&'static dyn Definition],
}
