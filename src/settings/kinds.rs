//! Kinds of setting that name something: addresses, files, models, regions, choices.

use std::net::SocketAddr;
use std::path::PathBuf;

use tracing_subscriber::filter::EnvFilter;
use url::Host;
use url::Url;

use super::LogFormat;
use super::ProfileAccount;
use super::define::AUTO;
use super::define::Kind;
use super::define::Refusal;

/// Another kind, or [`AUTO`] for "the program decides".
pub(crate) struct Auto<K>(pub(crate) K);

impl<K: Kind> Kind for Auto<K> {
    type Value = Option<K::Value>;

    fn parse(&self, text: &str) -> Result<Self::Value, Refusal> {
        if text == AUTO {
            return Ok(None);
        }
        self.0.parse(text).map(Some)
    }

    fn render(&self, value: &Self::Value) -> String {
        value
            .as_ref()
            .map_or_else(|| AUTO.to_owned(), |value| self.0.render(value))
    }

    fn allowed(&self) -> String {
        format!("{AUTO}, or {}", self.0.allowed())
    }

    fn placeholder(&self) -> &'static str {
        self.0.placeholder()
    }

    fn suggestions(&self) -> &'static [&'static str] {
        &[AUTO]
    }
}

/// Yes or no.
pub(crate) struct Switch;

impl Kind for Switch {
    type Value = bool;

    fn parse(&self, text: &str) -> Result<bool, Refusal> {
        text.parse()
            .or(Err(Refusal::Borrowed("is neither true nor false")))
    }

    fn render(&self, value: &bool) -> String {
        value.to_string()
    }

    fn allowed(&self) -> String {
        "true or false".to_owned()
    }

    fn is_switch(&self) -> bool {
        true
    }

    fn placeholder(&self) -> &'static str {
        "BOOL"
    }
}

/// An IP address and a port to listen on.
pub(crate) struct ListenAddress;

impl Kind for ListenAddress {
    type Value = SocketAddr;

    fn parse(&self, text: &str) -> Result<SocketAddr, Refusal> {
        text.parse()
            .or(Err(Refusal::Borrowed("is not an IP address with a port")))
    }

    fn render(&self, value: &SocketAddr) -> String {
        value.to_string()
    }

    fn allowed(&self) -> String {
        "an IP address and a port, such as 127.0.0.1:50051, 0.0.0.0:50051 or [::]:50051".to_owned()
    }

    fn placeholder(&self) -> &'static str {
        "ADDRESS"
    }
}

/// A file to read.
pub(crate) struct FilePath;

impl Kind for FilePath {
    type Value = PathBuf;

    fn parse(&self, text: &str) -> Result<PathBuf, Refusal> {
        if text.is_empty() {
            return Err(Refusal::Borrowed("is empty"));
        }
        Ok(PathBuf::from(text))
    }

    fn render(&self, value: &PathBuf) -> String {
        value.display().to_string()
    }

    fn allowed(&self) -> String {
        "the path of a file".to_owned()
    }

    fn placeholder(&self) -> &'static str {
        "FILE"
    }
}

/// Name or alias of a model of the registry. Whether there is one is the registry's to say.
pub(crate) struct ModelName;

impl Kind for ModelName {
    type Value = String;

    fn parse(&self, text: &str) -> Result<String, Refusal> {
        let is_name = text.len() <= 128
            && text.starts_with(|c: char| c.is_ascii_alphanumeric())
            && text
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"._:-".contains(&byte));
        if !is_name {
            return Err(Refusal::Borrowed("is not a model name"));
        }
        Ok(text.to_owned())
    }

    fn render(&self, value: &String) -> String {
        value.clone()
    }

    fn allowed(&self) -> String {
        "a model's name or alias: 1 to 128 letters, digits and . _ : -, first a letter or digit"
            .to_owned()
    }

    fn placeholder(&self) -> &'static str {
        "MODEL"
    }
}

/// An AWS region.
pub(crate) struct Region;

impl Kind for Region {
    type Value = String;

    fn parse(&self, text: &str) -> Result<String, Refusal> {
        let parts: Vec<&str> = text.split('-').collect();
        let is_region = parts.len() >= 3
            && parts.split_last().is_some_and(|(number, words)| {
                matches!(number.len(), 1 | 2)
                    && number.bytes().all(|byte| byte.is_ascii_digit())
                    && words.iter().all(|word| {
                        !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase())
                    })
            });
        if !is_region {
            return Err(Refusal::Borrowed("is not an AWS region"));
        }
        Ok(text.to_owned())
    }

    fn render(&self, value: &String) -> String {
        value.clone()
    }

    fn allowed(&self) -> String {
        "an AWS region such as us-east-1".to_owned()
    }

    fn placeholder(&self) -> &'static str {
        "REGION"
    }
}

/// Where Bedrock is: https anywhere, http only on this machine, because prompts, answers and
/// signatures would cross the network in the clear.
pub(crate) struct Endpoint;

impl Kind for Endpoint {
    type Value = Url;

    fn parse(&self, text: &str) -> Result<Url, Refusal> {
        let url = Url::parse(text).or(Err(Refusal::Borrowed("is not a URL")))?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Refusal::Borrowed(
                "holds a user name or password, which the endpoint does not take",
            ));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(Refusal::Borrowed("has a query or fragment"));
        }
        match url.scheme() {
            "https" => Ok(url),
            "http" if is_loopback(&url) => Ok(url),
            "http" => Err(Refusal::Borrowed(
                "would send prompts over the network unencrypted",
            )),
            _ => Err(Refusal::Borrowed("is neither https nor http")),
        }
    }

    fn render(&self, value: &Url) -> String {
        value.to_string()
    }

    fn allowed(&self) -> String {
        "an https URL, or an http URL on loopback (127.0.0.1, [::1], localhost)".to_owned()
    }

    fn placeholder(&self) -> &'static str {
        "URL"
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// How the account in inference profile ARNs is treated.
pub(crate) struct Account;

impl Kind for Account {
    type Value = ProfileAccount;

    fn parse(&self, text: &str) -> Result<ProfileAccount, Refusal> {
        match text {
            "as-written" => Ok(ProfileAccount::AsWritten),
            "plain-id" => Ok(ProfileAccount::PlainId),
            account if account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit()) => {
                Ok(ProfileAccount::Replace(account.to_owned()))
            }
            _ => Err(Refusal::Borrowed("is not one of the choices")),
        }
    }

    fn render(&self, value: &ProfileAccount) -> String {
        match value {
            ProfileAccount::AsWritten => "as-written".to_owned(),
            ProfileAccount::PlainId => "plain-id".to_owned(),
            ProfileAccount::Replace(account) => account.clone(),
        }
    }

    fn allowed(&self) -> String {
        "as-written, plain-id, or an account of 12 digits".to_owned()
    }

    fn placeholder(&self) -> &'static str {
        "CHOICE"
    }

    fn suggestions(&self) -> &'static [&'static str] {
        &["as-written", "plain-id"]
    }
}

/// Form of a log line.
pub(crate) struct Format;

impl Kind for Format {
    type Value = LogFormat;

    fn parse(&self, text: &str) -> Result<LogFormat, Refusal> {
        match text {
            "text" => Ok(LogFormat::Text),
            "json" => Ok(LogFormat::Json),
            _ => Err(Refusal::Borrowed("is not one of the choices")),
        }
    }

    fn render(&self, value: &LogFormat) -> String {
        match value {
            LogFormat::Text => "text".to_owned(),
            LogFormat::Json => "json".to_owned(),
        }
    }

    fn allowed(&self) -> String {
        "text or json".to_owned()
    }

    fn placeholder(&self) -> &'static str {
        "FORMAT"
    }

    fn suggestions(&self) -> &'static [&'static str] {
        &["text", "json"]
    }
}

/// What to log, in the syntax of tracing's `EnvFilter`.
pub(crate) struct Filter;

impl Kind for Filter {
    type Value = String;

    fn parse(&self, text: &str) -> Result<String, Refusal> {
        EnvFilter::try_new(text).or(Err(Refusal::Borrowed("is not a log filter")))?;
        Ok(text.to_owned())
    }

    fn render(&self, value: &String) -> String {
        value.clone()
    }

    fn allowed(&self) -> String {
        "a level (error, warn, info, debug, trace, off), or levels by target such as \
         warn,bedrock_gateway::routing=debug"
            .to_owned()
    }

    fn placeholder(&self) -> &'static str {
        "FILTER"
    }

    fn suggestions(&self) -> &'static [&'static str] {
        &["error", "warn", "info", "debug", "trace", "off"]
    }
}
