//! The step about credentials: which there are, what they hide, and in which region they are used.

use std::io;

use jiff::SignedDuration;
use jiff::Timestamp;
use serde_json::json;

use super::reporter::Reporter;
use crate::app::CredentialSource;
use crate::app::CredentialsNotReady;
use crate::app::FoundCredentials;
use crate::app::Preflight;
use crate::app::StartError;
use crate::app::region_of_profile;
use crate::cli::exit_code::Exit;
use crate::settings::Environment;
use crate::settings::LoadedSettings;

/// Credentials that last less than this are about to expire.
const SOON: SignedDuration = SignedDuration::from_mins(5);

/// Goes before the chain of the SDK.
const BEARER_TOKEN: &str = "AWS_BEARER_TOKEN_BEDROCK";

/// The variables behind the links of the chain, in its order. Never secret themselves, but their
/// values may be.
const CHAIN: [&str; 7] = [
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_PROFILE",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_ROLE_ARN",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
];

/// Takes the last link out of the chain.
const NO_IMDS: &str = "AWS_EC2_METADATA_DISABLED";

/// Variables by which other programs find an endpoint of Bedrock.
const ENDPOINTS: [&str; 2] = ["AWS_ENDPOINT_URL_BEDROCK_RUNTIME", "AWS_ENDPOINT_URL"];

/// Reports which credentials there are, or why there are none.
pub(super) async fn check(
    preflight: &Result<Preflight, StartError>,
    environment: &Environment,
    reporter: &mut Reporter<'_>,
) -> io::Result<Option<FoundCredentials>> {
    let Ok(preflight) = preflight else {
        reporter.skipped("the emulator, which has its own, does not run")?;
        return Ok(None);
    };
    let found = match preflight.credentials().await {
        Ok(found) => found,
        Err(error) => {
            let advice = how_to_find(&error, environment);
            reporter.failed(&format!("failed to {error}"), &advice, Exit::NotPermitted)?;
            return Ok(None);
        }
    };
    reporter.passed(&described(&found, environment))?;
    expiry(&found, reporter)?;
    passed_over(found.source, environment, reporter)?;
    let expiry = found.expiry.and_then(|time| Timestamp::try_from(time).ok());
    reporter.fact("provider", json!(found.source.name()));
    reporter.fact("keyId", json!(found.key_id));
    reporter.fact("expiry", json!(expiry.map(|time| time.to_string())));
    reporter.fact("account", json!(found.account));
    Ok(Some(found))
}

/// `the variables AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY: key AKIA…0000`.
fn described(found: &FoundCredentials, environment: &Environment) -> String {
    let mut text = found.source.to_string();
    if found.source.is_in_profile() {
        let profile = environment.value("AWS_PROFILE").unwrap_or("default");
        text.push_str(&format!(" (profile {profile})"));
    }
    if let Some(key_id) = &found.key_id {
        text.push_str(&format!(": key {key_id}"));
    }
    if let Some(account) = &found.account {
        text.push_str(&format!(" of account {account}"));
    }
    text
}

fn expiry(found: &FoundCredentials, reporter: &mut Reporter<'_>) -> io::Result<()> {
    let Some(expiry) = found.expiry.and_then(|time| Timestamp::try_from(time).ok()) else {
        return Ok(());
    };
    let left = Timestamp::now().duration_until(expiry);
    let expiry = expiry.strftime("%Y-%m-%d %H:%M:%S UTC");
    if left.is_negative() {
        let text = format!("they expired at {expiry}, or the clock of this machine is wrong");
        return reporter.warning(&text, "renew the session or role that they come from");
    }
    let text = format!("they expire at {expiry}, in {} min", left.as_mins());
    if left < SOON {
        reporter.warning(&text, "the gateway asks their source for others by itself")
    } else {
        reporter.note(&text)
    }
}

/// A stray variable changes the identity in silence.
fn passed_over(
    source: CredentialSource,
    environment: &Environment,
    reporter: &mut Reporter<'_>,
) -> io::Result<()> {
    let own = match source {
        CredentialSource::BearerToken => 0,
        CredentialSource::Environment => 2,
        CredentialSource::Profile
        | CredentialSource::Sso
        | CredentialSource::Login
        | CredentialSource::Process => 3,
        CredentialSource::WebIdentity => 5,
        // Whose profile may have led to a container.
        CredentialSource::AssumedRole
        | CredentialSource::Container
        | CredentialSource::Instance
        | CredentialSource::BuiltIn
        | CredentialSource::Other => CHAIN.len(),
    };
    let set = set(CHAIN.into_iter().skip(own), environment);
    if set.is_empty() {
        return Ok(());
    }
    let text = format!("passed over in favour of these: {}", set.join(", "));
    reporter.warning(&text, "unset what you do not mean")
}

/// Reports where calls go, and what the SDK would read of it but the gateway does not.
pub(super) async fn region(
    loaded: &LoadedSettings,
    environment: &Environment,
    reporter: &mut Reporter<'_>,
) -> io::Result<()> {
    let settings = &loaded.settings.bedrock;
    let region = &settings.region;
    let origin = loaded.origin("bedrock.region");
    let named = match origin {
        None if !settings.emulator => region_of_profile().await,
        None | Some(_) => None,
    };
    let origin = origin.map_or_else(|| "the default".to_owned(), ToString::to_string);
    reporter.passed(&format!("region {region}, from {origin}"))?;
    reporter.fact("region", json!(region));
    reporter.fact("regionOrigin", json!(origin));
    if let Some(named) = named.filter(|named| named != region) {
        let text = format!("the region {named} of the AWS profile is not read");
        let advice = format!("set AWS_REGION or bedrock.region to {named} if you mean that");
        reporter.warning(&text, &advice)?;
    }
    if settings.endpoint.is_none() && !settings.emulator {
        for name in set(ENDPOINTS, environment) {
            let text = format!("{name} is not read for calls of Bedrock");
            reporter.warning(&text, "set bedrock.endpoint if you mean that")?;
        }
    }
    Ok(())
}

/// What to do about credentials that are missing, by the variables that are there.
fn how_to_find(error: &CredentialsNotReady, environment: &Environment) -> String {
    let value = |name| environment.value(name);
    let [id, secret, profile, ..] = CHAIN;
    for (there, missing) in [(id, secret), (secret, id)] {
        if value(there).is_some() && value(missing).is_none() {
            return format!("{there} is set, but {missing} is not");
        }
    }
    if let (CredentialsNotReady::NotFound, Some(name)) = (error, value(profile)) {
        return format!(
            "{profile} is {name:?}: write that profile into the AWS files, with credentials, or \
             unset the variable"
        );
    }
    let set = set(CHAIN.into_iter().chain([NO_IMDS]), environment);
    if set.is_empty() {
        return format!(
            "no variable says where they are, so that the profile `default` and the role of the \
             machine are tried: set {profile}, {id} and {secret}, or {BEARER_TOKEN}"
        );
    }
    format!(
        "of the variables that decide, these are set: {}",
        set.join(", ")
    )
}

/// Those of these variables that are set.
fn set(
    names: impl IntoIterator<Item = &'static str>,
    environment: &Environment,
) -> Vec<&'static str> {
    let is_set = |name: &&str| environment.value(name).is_some();
    names.into_iter().filter(is_set).collect()
}
