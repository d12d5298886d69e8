//! The service config of gRPC: how long calls may take, and what is retried. Only parsed here.
//!
//! Source: grpc/grpc-proto, `service_config.proto`, and gRFC A6, seen 2026-11-22.

use std::time::Duration;

use serde::Deserialize;
use thiserror::Error;
use tonic::Code;

/// The one for clients in all languages.
const SHIPPED: &str = include_str!("../../clients/service_config.json");

/// More attempts than these are not made, whatever a file says. gRFC A6 fixes the number.
const MAX_ATTEMPTS: u32 = 5;

/// How long calls may take, and what is retried.
///
/// Obeyed are `methodConfig` with `name`, `timeout` and `retryPolicy`, and `retryThrottling`. The
/// rest of a file is for other libraries: this client always takes addresses in turn, and does not
/// watch health.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ServiceConfig {
    methods: Vec<MethodConfig>,
    /// When retries stop because too many calls fail.
    pub(super) throttling: Option<Throttling>,
}

/// What holds for some methods.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct MethodConfig {
    names: Vec<Name>,
    /// Longest time of a call, all attempts included.
    pub(super) timeout: Option<Duration>,
    /// What is retried; nothing if there is none.
    pub(super) retry: Option<RetryPolicy>,
}

/// A service, or one method of it; empty is any.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(default)]
struct Name {
    service: String,
    method: String,
}

/// What is retried, and when.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct RetryPolicy {
    /// Attempts in all, the first included: 2 to 5.
    pub(super) max_attempts: u32,
    /// Wait before the second attempt.
    pub(super) initial_backoff: Duration,
    /// Longest wait.
    pub(super) max_backoff: Duration,
    /// By what each wait is longer than the one before.
    pub(super) multiplier: f64,
    /// Failures that are retried.
    pub(super) codes: Vec<Code>,
}

/// When retries stop because too many calls fail.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase")]
pub(super) struct Throttling {
    /// Tokens at the start, and at most. A failure takes one; no retries at half or less.
    pub(super) max_tokens: f64,
    /// What a success gives back.
    pub(super) token_ratio: f64,
}

/// What is wrong with a service config.
#[derive(Debug, Error)]
pub enum ServiceConfigError {
    /// It is no JSON, or a member is of another kind.
    #[error("not a service config")]
    Json(#[from] serde_json::Error),
    /// A value that gRPC does not allow.
    #[error("{member} is {value}; allowed: {allowed}")]
    Value {
        /// Where, such as `methodConfig[0].retryPolicy.maxAttempts`.
        member: String,
        /// What stands there.
        value: String,
        /// What may stand there.
        allowed: &'static str,
    },
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct File {
    #[serde(default)]
    method_config: Vec<MethodFile>,
    retry_throttling: Option<Throttling>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct MethodFile {
    #[serde(default)]
    name: Vec<Name>,
    timeout: Option<String>,
    retry_policy: Option<RetryFile>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RetryFile {
    max_attempts: u32,
    initial_backoff: String,
    max_backoff: String,
    backoff_multiplier: f64,
    retryable_status_codes: Vec<String>,
}

impl ServiceConfig {
    /// The one that this project ships for clients in all languages, `clients/service_config.json`.
    pub fn shipped() -> Self {
        #[expect(clippy::expect_used, reason = "a test parses the file")]
        Self::parse(SHIPPED).expect("the shipped service config is well-formed")
    }

    /// Reads the JSON of a service config.
    ///
    /// # Errors
    /// [`ServiceConfigError`], with the first member that is wrong.
    pub fn parse(json: &str) -> Result<Self, ServiceConfigError> {
        let file: File = serde_json::from_str(json)?;
        let methods = file.method_config.into_iter().enumerate();
        let throttling = file.retry_throttling;
        if let Some(Throttling { max_tokens, .. }) = throttling
            && !(max_tokens > 0.0 && max_tokens <= 1000.0)
        {
            let member = "retryThrottling.maxTokens".to_owned();
            return Err(wrong(member, max_tokens, "above 0, up to 1000"));
        }
        if let Some(Throttling { token_ratio, .. }) = throttling
            && token_ratio.is_nan() | (token_ratio <= 0.0)
        {
            let member = "retryThrottling.tokenRatio".to_owned();
            return Err(wrong(member, token_ratio, "above 0"));
        }
        Ok(Self {
            methods: methods
                .map(|(index, method)| method.parsed(&format!("methodConfig[{index}]")))
                .collect::<Result<_, _>>()?,
            throttling,
        })
    }

    /// What holds for a method: what names it, or else its service, or else everything.
    pub(super) fn method(&self, service: &str, method: &str) -> Option<&MethodConfig> {
        [(service, method), (service, ""), ("", "")]
            .into_iter()
            .find_map(|(service, method)| {
                let is_meant = |name: &Name| name.service == service && name.method == method;
                self.methods
                    .iter()
                    .find(|config| config.names.iter().any(is_meant))
            })
    }
}

impl MethodFile {
    fn parsed(self, place: &str) -> Result<MethodConfig, ServiceConfigError> {
        let timeout = self
            .timeout
            .map(|text| span(&format!("{place}.timeout"), &text));
        let retry = self
            .retry_policy
            .map(|policy| policy.parsed(&format!("{place}.retryPolicy")));
        Ok(MethodConfig {
            names: self.name,
            timeout: timeout.transpose()?,
            retry: retry.transpose()?,
        })
    }
}

impl RetryFile {
    fn parsed(self, place: &str) -> Result<RetryPolicy, ServiceConfigError> {
        if self.max_attempts < 2 {
            let member = format!("{place}.maxAttempts");
            return Err(wrong(member, self.max_attempts, "2 or more"));
        }
        let multiplier = self.backoff_multiplier;
        if multiplier.is_nan() | (multiplier <= 0.0) {
            let member = format!("{place}.backoffMultiplier");
            return Err(wrong(member, multiplier, "above 0"));
        }
        let member = format!("{place}.retryableStatusCodes");
        let codes: Result<Vec<_>, _> = self
            .retryable_status_codes
            .into_iter()
            .map(|name| code(&name).ok_or((name, "names such as UNAVAILABLE")))
            .collect();
        let codes = match codes {
            Ok(codes) if codes.is_empty() => Err(("[]".to_owned(), "at least one")),
            codes => codes,
        };
        Ok(RetryPolicy {
            max_attempts: self.max_attempts.min(MAX_ATTEMPTS),
            initial_backoff: span(&format!("{place}.initialBackoff"), &self.initial_backoff)?,
            max_backoff: span(&format!("{place}.maxBackoff"), &self.max_backoff)?,
            multiplier,
            codes: codes.map_err(|(value, allowed)| wrong(member, value, allowed))?,
        })
    }
}

fn wrong(member: String, value: impl ToString, allowed: &'static str) -> ServiceConfigError {
    ServiceConfigError::Value {
        member,
        value: value.to_string(),
        allowed,
    }
}

/// A time as proto JSON writes it: "0.1s".
fn span(member: &str, text: &str) -> Result<Duration, ServiceConfigError> {
    text.strip_suffix('s')
        .and_then(|number| number.parse().ok())
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
        .filter(|span| !span.is_zero())
        .ok_or_else(|| wrong(member.to_owned(), text, "seconds above 0, such as \"0.1s\""))
}

/// The code of a name: "UNAVAILABLE".
fn code(name: &str) -> Option<Code> {
    (0..=16)
        .map(Code::from_i32)
        .find(|code| super::error::code_name(*code) == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    const INFERENCE: &str = "bedrock.gateway.v1.InferenceService";

    #[test]
    fn shipped_config_bounds_and_retries_every_method() {
        let config = ServiceConfig::shipped();

        for (service, method) in [
            (INFERENCE, "Invoke"),
            (INFERENCE, "InvokeStream"),
            (INFERENCE, "CountTokens"),
            ("bedrock.gateway.v1.ModelService", "ListModels"),
            ("bedrock.gateway.v1.ModelService", "GetModel"),
        ] {
            let method = config.method(service, method).unwrap();
            assert!(method.timeout.is_some(), "{service}");
            let policy = method.retry.as_ref().unwrap();
            assert_eq!(policy.codes, [Code::Unavailable]);
        }
        assert!(config.throttling.is_some());
    }

    #[test]
    fn the_name_that_says_most_counts() {
        let config = ServiceConfig::parse(
            r#"{"methodConfig": [
                {"name": [{}], "timeout": "1s"},
                {"name": [{"service": "A"}], "timeout": "2s"},
                {"name": [{"service": "A", "method": "B"}], "timeout": "3.5s"}
            ]}"#,
        )
        .unwrap();

        let timeout = |service, method| config.method(service, method).unwrap().timeout.unwrap();

        assert_eq!(timeout("A", "B"), Duration::from_millis(3500));
        assert_eq!(timeout("A", "C"), Duration::from_secs(2));
        assert_eq!(timeout("D", "B"), Duration::from_secs(1));
    }

    #[test]
    fn more_attempts_than_grpc_allows_are_not_made() {
        let config = ServiceConfig::parse(&retrying("7", "\"1s\"", "[\"UNAVAILABLE\"]")).unwrap();

        let policy = config.method("A", "B").unwrap().retry.as_ref().unwrap();

        assert_eq!(policy.max_attempts, 5);
    }

    #[test]
    fn what_grpc_does_not_allow_is_refused_with_its_place() {
        let codes = "[\"UNAVAILABLE\"]";
        for (json, place) in [
            (retrying("1", "\"1s\"", codes), "retryPolicy.maxAttempts"),
            (retrying("3", "\"1\"", codes), "retryPolicy.initialBackoff"),
            (retrying("3", "\"0s\"", codes), "retryPolicy.initialBackoff"),
            (
                retrying("3", "\"-1s\"", codes),
                "retryPolicy.initialBackoff",
            ),
            (
                retrying("3", "\"1s\"", "[]"),
                "retryPolicy.retryableStatusCodes",
            ),
            (
                retrying("3", "\"1s\"", "[\"SOON\"]"),
                "retryPolicy.retryableStatusCodes",
            ),
            (
                r#"{"retryThrottling": {"maxTokens": 0, "tokenRatio": 1}}"#.to_owned(),
                "retryThrottling.maxTokens",
            ),
            (
                r#"{"retryThrottling": {"maxTokens": 1, "tokenRatio": 0}}"#.to_owned(),
                "retryThrottling.tokenRatio",
            ),
        ] {
            let error = ServiceConfig::parse(&json).unwrap_err();
            let text = error.to_string();
            assert!(text.contains(place) && text.contains("allowed: "), "{text}");
        }
        assert!(ServiceConfig::parse("{").is_err());
    }

    fn retrying(attempts: &str, backoff: &str, codes: &str) -> String {
        format!(
            r#"{{"methodConfig": [{{"name": [{{}}], "retryPolicy": {{
                "maxAttempts": {attempts}, "initialBackoff": {backoff}, "maxBackoff": "2s",
                "backoffMultiplier": 2, "retryableStatusCodes": {codes}
            }}}}]}}"#
        )
    }
}
