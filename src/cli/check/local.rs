//! The four steps of a gateway that is about to serve: credentials, registry, endpoint, a call.

use std::io;
use std::io::Write;

use jiff::SignedDuration;
use jiff::Timestamp;
use serde_json::json;

use super::args::CheckArgs;
use super::args::Choice;
use super::offer::Offer;
use super::registry;
use super::reporter::Reporter;
use super::run::Surroundings;
use super::trial;
use super::trial::Callee;
use crate::app::CredentialSource;
use crate::app::FoundCredentials;
use crate::app::Preflight;
use crate::app::StartError;
use crate::cli::advice::advice_for_endpoint;
use crate::cli::exit_code::Exit;
use crate::settings::Environment;
use crate::settings::LoadedSettings;

/// Credentials that last less than this are about to expire.
const SOON: SignedDuration = SignedDuration::from_mins(5);

/// What decides where credentials come from. Never secret themselves, but their values may be.
const VARIABLES: [&str; 9] = [
    "AWS_BEARER_TOKEN_BEDROCK",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_PROFILE",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_ROLE_ARN",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_EC2_METADATA_DISABLED",
];

/// Looks at what a gateway with these settings would serve with, step by step.
pub(super) async fn check(
    args: &CheckArgs,
    loaded: &LoadedSettings,
    surroundings: Surroundings<'_>,
    reporter: &mut Reporter<'_>,
    notes: &mut dyn Write,
) -> io::Result<()> {
    let settings = &loaded.settings;
    let preflight = Preflight::new(settings).await;

    reporter.step("credentials", "Credentials")?;
    let found = credentials(&preflight, surroundings.environment, reporter).await?;
    region(loaded, reporter)?;

    reporter.step("registry", "Registry")?;
    let account = found.as_ref().and_then(|found| found.account.as_deref());
    let candidates = registry::check(settings, account, reporter)?;

    reporter.step("endpoint", "Endpoint")?;
    let preflight = match preflight {
        Ok(preflight) => endpoint(preflight, settings.bedrock.emulator, reporter).await?,
        Err(_) if candidates.is_none() => {
            reporter.skipped("the emulator needs a registry without problems")?;
            None
        }
        Err(error) => {
            let text = format!("{:#}", anyhow::Error::new(error));
            reporter.failed(&text, "", Exit::Configuration)?;
            None
        }
    };

    reporter.step("invocation", "Invocation")?;
    if args.choice() != Choice::Nobody
        && let Some(failed) = reporter.failed_steps()
    {
        return reporter.skipped(&format!("no model was called: {failed} failed"));
    }
    let (Some(preflight), Some(candidates)) = (preflight, candidates) else {
        return reporter.skipped("no model was called");
    };
    let offers: Vec<Offer> = candidates
        .registry()
        .models()
        .iter()
        .map(|model| Offer::of_model(model, candidates.objection(model).map(|(_, why)| why)))
        .collect();
    let callee = Callee::Here(preflight.trial(candidates));
    trial::run(
        args,
        &callee,
        &offers,
        surroundings.answers,
        reporter,
        notes,
    )
    .await
}

async fn credentials(
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
            let set = VARIABLES
                .iter()
                .filter(|name| environment.value(name).is_some());
            let set: Vec<&str> = set.copied().collect();
            let set = if set.is_empty() {
                "none of the variables that decide about credentials is set".to_owned()
            } else {
                format!(
                    "of the variables that decide, these are set: {}",
                    set.join(", ")
                )
            };
            reporter.failed(&format!("failed to {error}"), &set, Exit::NotPermitted)?;
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
    let later: &[&str] = match source {
        CredentialSource::BearerToken => &["AWS_ACCESS_KEY_ID", "AWS_PROFILE", "AWS_ROLE_ARN"],
        CredentialSource::Environment => &["AWS_PROFILE", "AWS_ROLE_ARN"],
        CredentialSource::Profile
        | CredentialSource::AssumedRole
        | CredentialSource::Sso
        | CredentialSource::Login
        | CredentialSource::Process
        | CredentialSource::WebIdentity
        | CredentialSource::Container
        | CredentialSource::Instance
        | CredentialSource::BuiltIn
        | CredentialSource::Other => &[],
    };
    let set = later
        .iter()
        .filter(|name| environment.value(name).is_some());
    let set: Vec<&str> = set.copied().collect();
    if set.is_empty() {
        return Ok(());
    }
    let text = format!("passed over in favour of these: {}", set.join(", "));
    reporter.warning(&text, "unset what you do not mean")
}

fn region(loaded: &LoadedSettings, reporter: &mut Reporter<'_>) -> io::Result<()> {
    let region = &loaded.settings.bedrock.region;
    let origin = loaded.origin("bedrock.region");
    let origin = origin.map_or_else(|| "the default".to_owned(), ToString::to_string);
    reporter.passed(&format!("region {region}, from {origin}"))?;
    reporter.fact("region", json!(region));
    reporter.fact("regionOrigin", json!(origin));
    Ok(())
}

async fn endpoint(
    preflight: Preflight,
    is_emulator: bool,
    reporter: &mut Reporter<'_>,
) -> io::Result<Option<Preflight>> {
    let reached = match preflight.reach().await {
        Ok(reached) => reached,
        Err(error) => {
            let advice = advice_for_endpoint(&error);
            reporter.failed(&format!("failed to {error}"), advice, Exit::Unavailable)?;
            return Ok(None);
        }
    };
    let name = if is_emulator { "the emulator at " } else { "" };
    let tls = if reached.url.starts_with("https") {
        "TLS and HTTP"
    } else {
        "HTTP"
    };
    let stages = [
        reached.resolved_in,
        reached.connected_in,
        reached.answered_in,
    ];
    let [dns, tcp, http] = stages.map(|time| time.as_millis());
    reporter.passed(&format!(
        "{name}{} answers: DNS {dns} ms, TCP {tcp} ms, {tls} {http} ms",
        reached.url
    ))?;
    if reached.status >= 500 {
        let text = format!("it answered with HTTP status {}", reached.status);
        reporter.warning(&text, "Bedrock, or a proxy before it, has trouble")?;
    }
    if let Some(other) = &reached.other_region {
        let text = format!("it is in {other}, where signatures for another region are refused");
        reporter.warning(&text, "make bedrock.region and bedrock.endpoint agree")?;
    }
    if let (Some(ahead), true) = (reached.clock_ahead, reached.is_clock_wrong()) {
        let direction = if ahead.is_negative() {
            "behind"
        } else {
            "ahead"
        };
        let seconds = ahead.as_secs().unsigned_abs();
        let text = format!("the clock of this machine is {seconds} s {direction}");
        let advice = "synchronize it: AWS refuses what was signed more than 5 minutes away";
        reporter.warning(&text, advice)?;
    }
    reporter.fact("url", json!(reached.url));
    reporter.fact("httpStatus", json!(reached.status));
    reporter.fact("dnsMs", json!(u64::try_from(dns).unwrap_or(u64::MAX)));
    reporter.fact("tcpMs", json!(u64::try_from(tcp).unwrap_or(u64::MAX)));
    reporter.fact("httpMs", json!(u64::try_from(http).unwrap_or(u64::MAX)));
    let ahead = reached.clock_ahead.map(|ahead| ahead.as_secs());
    reporter.fact("clockAheadSeconds", json!(ahead));
    Ok(Some(preflight))
}
