//! The step about the registry: how many models there are, and everything to know about them.

use std::collections::BTreeMap;
use std::io;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::json;

use super::reporter::Reporter;
use crate::app::Candidates;
use crate::cli::exit_code::Exit;
use crate::registry::Model;
use crate::settings::ProfileAccount;
use crate::settings::Settings;

/// Reads the registry, and reports what is in it. `account` is that of the credentials, if known.
pub(super) fn check(
    settings: &Settings,
    account: Option<&str>,
    reporter: &mut Reporter<'_>,
) -> io::Result<Option<Candidates>> {
    let source = &settings.registry.file;
    reporter.fact("source", json!(source.to_string()));
    let candidates = match Candidates::load(settings) {
        Ok(candidates) => candidates,
        Err(error) => {
            let text = format!("{:#}", anyhow::Error::new(error));
            reporter.failed(&text, "", Exit::Configuration)?;
            return Ok(None);
        }
    };
    let models = candidates.registry().models();
    let is_callable = |model: &&Model| candidates.objection(model).is_none();
    let callable = models.iter().map(AsRef::as_ref).filter(is_callable).count();
    let first = candidates.first().map(|model| model.name.clone());
    reporter.fact("models", json!(models.len()));
    reporter.fact("callableModels", json!(callable));
    reporter.fact("defaultModel", json!(first));
    let count = match models.len() {
        1 => "1 model".to_owned(),
        count => format!("{count} models"),
    };
    reporter.passed(&format!("{count} from {source}, {callable} can be called"))?;
    match candidates.first() {
        None => {}
        Some(model) => match candidates.objection(model) {
            None => reporter.passed(&format!("{} is the default", model.name))?,
            Some((_, why)) => {
                let text = format!("{} is the default, but not called: {why}", model.name);
                reporter.warning(&text, "name another in registry.default_model")?;
            }
        },
    }
    let today = Timestamp::now().to_zoned(TimeZone::UTC).date();
    for warning in candidates.registry().warnings(today) {
        reporter.warning(&warning.to_string(), "")?;
    }
    foreign_profiles(&candidates, settings, account, reporter)?;
    Ok(Some(candidates))
}

/// The account in a profile's ARN has to be the caller's own, and registries are passed on.
fn foreign_profiles(
    candidates: &Candidates,
    settings: &Settings,
    account: Option<&str>,
    reporter: &mut Reporter<'_>,
) -> io::Result<()> {
    if settings.registry.profile_account != ProfileAccount::AsWritten {
        return Ok(());
    }
    let mut by_account: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for model in candidates.registry().models() {
        let called = candidates.objection(model).is_none();
        if let Some(owner) = profile_owner(&model.target.invocation_id)
            && called
            && Some(owner) != account
        {
            by_account.entry(owner).or_default().push(&model.name);
        }
    }
    for (owner, models) in by_account {
        let credentials = match account {
            Some(account) => format!("the credentials belong to {account}"),
            None => "which has to be that of the credentials".to_owned(),
        };
        let text = format!(
            "called by inference profiles of account {owner}, {credentials}: {}",
            models.join(", ")
        );
        let advice = "if it is not yours, set registry.profile_account to yours, or to plain-id";
        reporter.warning(&text, advice)?;
    }
    Ok(())
}

/// The account in the ARN of a profile that AWS defined.
fn profile_owner(invocation_id: &str) -> Option<&str> {
    let mut parts = invocation_id.strip_prefix("arn:")?.splitn(5, ':').skip(3);
    let (account, resource) = (parts.next()?, parts.next()?);
    resource
        .starts_with("inference-profile/")
        .then_some(account)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_profiles_that_aws_defined_have_the_account_of_whoever_calls() {
        for (id, owner) in [
            (
                "arn:aws:bedrock:us-east-1:394686422207:inference-profile/us.deepseek.r1-v1:0",
                Some("394686422207"),
            ),
            (
                "arn:aws:bedrock:us-east-1:394686422207:application-inference-profile/abc",
                None,
            ),
            ("us.deepseek.r1-v1:0", None),
        ] {
            assert_eq!(profile_owner(id), owner, "{id}");
        }
    }
}
