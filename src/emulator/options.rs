//! What an emulator is started with.

use std::fmt;

use jiff::SignedDuration;
use jiff::civil::Date;

use crate::emulator::scenario_json::ScenarioError;

/// Access key id the emulator accepts by default. Not a secret: it opens nothing but emulators.
pub const EMULATOR_ACCESS_KEY_ID: &str = "AKIAEMULATOR00000000";
/// Secret key that belongs to [`EMULATOR_ACCESS_KEY_ID`].
pub const EMULATOR_SECRET_ACCESS_KEY: &str = "emulator/secret/access/key/not/a/secret";

/// Whom the emulator lets in.
#[derive(Clone)]
pub struct Credentials {
    /// The access key id in the signature's credential.
    pub access_key_id: String,
    /// The key requests are signed with.
    pub secret_access_key: String,
    /// The session token that must come with it, if any.
    pub session_token: Option<String>,
    /// A bearer token that is taken instead of a signature.
    pub bearer_token: Option<String>,
}

impl Default for Credentials {
    fn default() -> Self {
        Self {
            access_key_id: EMULATOR_ACCESS_KEY_ID.to_owned(),
            secret_access_key: EMULATOR_SECRET_ACCESS_KEY.to_owned(),
            session_token: None,
            bearer_token: None,
        }
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Credentials")
            .field("access_key_id", &self.access_key_id)
            .finish_non_exhaustive()
    }
}

/// How frames of an event stream are laid into chunks of the HTTP body.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Framing {
    /// One frame a chunk, as the service does.
    #[default]
    PerEvent,
    /// As many frames as are ready in one chunk.
    Coalesced,
    /// One byte a chunk, each flushed on its own.
    PerByte,
}

/// Settings of one emulator.
#[derive(Debug, Clone)]
pub struct Options {
    /// Texts of registry files (`{"modelRegistry": {…}}`); later entries replace earlier ones.
    pub registry: Vec<String>,
    /// Text of a scenario file (`{"claude-opus-4-1": {…}}`) to begin with.
    pub scenarios: Option<String>,
    /// The one region it serves.
    pub region: String,
    /// The account it plays; `None` accepts profile ARNs of any account.
    pub account: Option<String>,
    /// Whom it lets in.
    pub credentials: Credentials,
    /// Whether signatures and tokens are checked at all.
    pub check_credentials: bool,
    /// Whether models past their end of life are refused.
    pub enforce_lifecycle: bool,
    /// The day for `enforce_lifecycle`; `None` is today (UTC).
    pub today: Option<Date>,
    /// How streamed bodies are cut into chunks.
    pub framing: Framing,
    /// How far its clock is ahead of this machine's; negative if it is behind.
    pub clock_ahead: SignedDuration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            registry: Vec::new(),
            scenarios: None,
            region: "us-east-1".to_owned(),
            account: None,
            credentials: Credentials::default(),
            check_credentials: true,
            enforce_lifecycle: false,
            today: None,
            framing: Framing::default(),
            clock_ahead: SignedDuration::ZERO,
        }
    }
}

/// Why an emulator did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OptionsError {
    /// A registry text is no JSON.
    #[error("read the model registry")]
    Registry(#[source] serde_json::Error),
    /// A scenario is wrong.
    #[error("read the scenarios")]
    Scenario(#[source] ScenarioError),
    /// The listener has no address.
    #[error("read the listener's address")]
    Listener(#[source] std::io::Error),
}
