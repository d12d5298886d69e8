//! The four steps of a gateway that is about to serve: credentials, registry, endpoint, a call.

use std::io;
use std::io::Write;

use serde_json::json;

use super::args::CheckArgs;
use super::args::Choice;
use super::credentials;
use super::offer::Offer;
use super::registry;
use super::reporter::Reporter;
use super::run::Surroundings;
use super::trial;
use super::trial::Callee;
use crate::app::Preflight;
use crate::cli::advice::advice_for_endpoint;
use crate::cli::exit_code::Exit;
use crate::settings::LoadedSettings;

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
    let environment = surroundings.environment;
    let found = credentials::check(&preflight, environment, reporter).await?;
    credentials::region(loaded, environment, reporter).await?;

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
    if args.choice() == Choice::Nobody {
        return reporter.skipped(trial::NOT_ASKED);
    }
    let failed = reporter.failed_steps();
    let (Some(preflight), Some(candidates), None) = (preflight, candidates, &failed) else {
        let failed = failed.unwrap_or_default();
        return reporter.skipped(&format!("no model was called: {failed} failed"));
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
