//! Who may call: AWS Signature Version 4, or a bearer token, checked as the service does.
//!
//! The signature is computed by the library clients sign with, over the path exactly as received.

use std::time::SystemTime;

use aws_credential_types::Credentials as SigningCredentials;
use aws_sigv4::http_request::SignableBody;
use aws_sigv4::http_request::SignableRequest;
use aws_sigv4::http_request::SigningParams;
use aws_sigv4::http_request::SigningSettings;
use aws_sigv4::http_request::sign;
use aws_sigv4::sign::v4;
use aws_smithy_runtime_api::client::identity::Identity;
use http::HeaderMap;
use http::header::AUTHORIZATION;
use http::request::Parts;
use jiff::SignedDuration;
use jiff::Timestamp;

use crate::emulator::errors::Refusal;
use crate::emulator::errors::SIGNATURE_MISMATCH;
use crate::emulator::options::Credentials;

/// Signing name of the service.
const SERVICE: &str = "bedrock";
const ALGORITHM: &str = "AWS4-HMAC-SHA256";
/// How far the clocks may be apart.
const MAX_SKEW_MINUTES: i64 = 5;
const DATE_FORMAT: &str = "%Y%m%dT%H%M%SZ";

/// Checks one caller after another against the same credentials.
pub(super) struct Authenticator {
    credentials: Credentials,
    region: String,
    identity: Identity,
}

impl Authenticator {
    pub(super) fn new(credentials: Credentials, region: String) -> Self {
        let identity = SigningCredentials::new(
            credentials.access_key_id.clone(),
            credentials.secret_access_key.clone(),
            credentials.session_token.clone(),
            None,
            "emulator",
        )
        .into();
        Self {
            credentials,
            region,
            identity,
        }
    }

    /// Lets a request through or says, in the service's words, why not.
    pub(super) fn check(&self, head: &Parts, body: &[u8], now: Timestamp) -> Result<(), Refusal> {
        let Some(authorization) = text(&head.headers, AUTHORIZATION.as_str()) else {
            return Err(Refusal::authentication(
                "MissingAuthenticationTokenException",
                "Missing Authentication Token",
            ));
        };
        if let Some(token) = authorization.strip_prefix("Bearer ") {
            return self.check_bearer(token);
        }
        let claim = Claim::parse(authorization)?;
        self.check_key(&claim, &head.headers)?;
        self.check_scope(&claim)?;
        let signed_at = signing_time(&head.headers)?;
        check_date(claim.date, signed_at)?;
        check_clock(signed_at, now)?;
        self.check_signature(&claim, head, body, signed_at)
    }

    fn check_bearer(&self, token: &str) -> Result<(), Refusal> {
        let expected = self.credentials.bearer_token.as_deref();
        if expected.is_some_and(|expected| is_equal(expected.as_bytes(), token.as_bytes())) {
            return Ok(());
        }
        Err(Refusal::authentication(
            "AccessDeniedException",
            "Authentication failed: Please make sure your API Key is valid.",
        ))
    }

    fn check_key(&self, claim: &Claim<'_>, headers: &HeaderMap) -> Result<(), Refusal> {
        let token = text(headers, "x-amz-security-token");
        let is_known = claim.access_key_id == self.credentials.access_key_id
            && token == self.credentials.session_token.as_deref();
        if is_known {
            return Ok(());
        }
        Err(Refusal::authentication(
            "UnrecognizedClientException",
            "The security token included in the request is invalid.",
        ))
    }

    fn check_scope(&self, claim: &Claim<'_>) -> Result<(), Refusal> {
        let problem = if claim.region != self.region {
            format!(
                "Credential should be scoped to a valid region, not '{}'. ",
                claim.region
            )
        } else if claim.service != SERVICE {
            format!("Credential should be scoped to correct service: '{SERVICE}'. ")
        } else if claim.terminator != "aws4_request" {
            "Credential should be scoped with a valid terminator: 'aws4_request'. ".to_owned()
        } else {
            return Ok(());
        };
        Err(Refusal::authentication(
            "InvalidSignatureException",
            problem,
        ))
    }

    fn check_signature(
        &self,
        claim: &Claim<'_>,
        head: &Parts,
        body: &[u8],
        signed_at: Timestamp,
    ) -> Result<(), Refusal> {
        let mismatch = || Refusal::authentication("InvalidSignatureException", SIGNATURE_MISMATCH);
        let expected = self
            .sign(claim, head, body, signed_at.into())
            .ok_or_else(mismatch)?;
        if !is_equal(expected.as_bytes(), claim.signature.as_bytes()) {
            return Err(mismatch());
        }
        Ok(())
    }

    /// The signature this request should have; `None` if such a request cannot be signed.
    fn sign(
        &self,
        claim: &Claim<'_>,
        head: &Parts,
        body: &[u8],
        signed_at: SystemTime,
    ) -> Option<String> {
        let mut settings = SigningSettings::default();
        // The client's list decides which headers are signed, not the library's.
        settings.excluded_headers = None;
        let parameters: SigningParams<'_> = v4::SigningParams::builder()
            .identity(&self.identity)
            .region(&self.region)
            .name(SERVICE)
            .time(signed_at)
            .settings(settings)
            .build()
            .ok()?
            .into();
        let headers = claim
            .signed_headers
            .split(';')
            // The signer adds these two itself.
            .filter(|name| !["x-amz-date", "x-amz-security-token"].contains(name))
            .map(|name| Some((name, text(&head.headers, name)?)))
            .collect::<Option<Vec<_>>>()?;
        // Without a signed host anybody could replay the request elsewhere.
        if !headers.iter().any(|(name, _)| *name == "host") {
            return None;
        }
        let path = head.uri.path_and_query()?.as_str();
        let request = SignableRequest::new(
            head.method.as_str(),
            // The authority is not used: the signed `host` header is.
            format!("http://emulator{path}"),
            headers.into_iter(),
            SignableBody::Bytes(body),
        )
        .ok()?;
        let (_, signature) = sign(request, &parameters).ok()?.into_parts();
        Some(signature)
    }
}

/// What the `Authorization` header says.
struct Claim<'a> {
    access_key_id: &'a str,
    date: &'a str,
    region: &'a str,
    service: &'a str,
    terminator: &'a str,
    signed_headers: &'a str,
    signature: &'a str,
}

impl<'a> Claim<'a> {
    fn parse(authorization: &'a str) -> Result<Self, Refusal> {
        let malformed = |what: &str| {
            Refusal::authentication(
                "IncompleteSignatureException",
                format!("Authorization header requires '{what}' parameter."),
            )
        };
        let Some(parameters) = authorization.strip_prefix(ALGORITHM) else {
            return Err(Refusal::authentication(
                "IncompleteSignatureException",
                "Unsupported AWS 'algorithm'.",
            ));
        };
        let parameter = |name: &str| {
            parameters
                .split(',')
                .find_map(|one| one.trim().strip_prefix(name)?.strip_prefix('='))
                .ok_or_else(|| malformed(name))
        };
        let mut scope = parameter("Credential")?.split('/');
        let mut part = || scope.next().ok_or_else(|| malformed("Credential"));
        let access_key_id = part()?;
        let date = part()?;
        Ok(Self {
            access_key_id,
            date,
            region: part()?,
            service: part()?,
            terminator: part()?,
            signed_headers: parameter("SignedHeaders")?,
            signature: parameter("Signature")?,
        })
    }
}

fn signing_time(headers: &HeaderMap) -> Result<Timestamp, Refusal> {
    text(headers, "x-amz-date")
        .and_then(|date| date.parse::<Timestamp>().ok())
        .ok_or_else(|| {
            Refusal::authentication(
                "IncompleteSignatureException",
                "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.",
            )
        })
}

fn check_date(in_scope: &str, signed_at: Timestamp) -> Result<(), Refusal> {
    let signed_on = signed_at.strftime("%Y%m%d").to_string();
    if in_scope == signed_on {
        return Ok(());
    }
    Err(Refusal::authentication(
        "InvalidSignatureException",
        format!(
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from \
             HTTP: '{in_scope}' != '{signed_on}'."
        ),
    ))
}

fn check_clock(signed_at: Timestamp, now: Timestamp) -> Result<(), Refusal> {
    let skew = SignedDuration::from_mins(MAX_SKEW_MINUTES);
    let shown = |time: Timestamp| time.strftime(DATE_FORMAT).to_string();
    let problem = if signed_at.duration_until(now) > skew {
        format!(
            "Signature expired: {} is now earlier than {} ({} - 5 min.)",
            shown(signed_at),
            shown(now.saturating_sub(skew).unwrap_or(now)),
            shown(now)
        )
    } else if now.duration_until(signed_at) > skew {
        format!(
            "Signature not yet current: {} is still later than {} ({} + 5 min.)",
            shown(signed_at),
            shown(now.saturating_add(skew).unwrap_or(now)),
            shown(now)
        )
    } else {
        return Ok(());
    };
    Err(Refusal::authentication(
        "InvalidSignatureException",
        problem,
    ))
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// Compares without telling by its duration how much was equal.
fn is_equal(left: &[u8], right: &[u8]) -> bool {
    left.len() == right.len()
        && left
            .iter()
            .zip(right)
            .fold(0, |difference, (a, b)| difference | (a ^ b))
            == 0
}

#[cfg(test)]
#[path = "auth_tests.rs"]
mod tests;
