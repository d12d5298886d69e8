//! `iam-policy`: the least IAM policy for the models of a registry, and why it is so.

use std::fs;
use std::io::Write;
use std::num::NonZeroUsize;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context as _;
use anyhow::anyhow;
use clap::builder::NonEmptyStringValueParser;
use clap::builder::PossibleValuesParser;
use clap::builder::TypedValueParser;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::exit_code::Exit;
use super::iam_policy_notes::Notes;
use crate::iam::Draft;
use crate::iam::Format;
use crate::iam::Guardrail;
use crate::iam::ListedProfiles;
use crate::iam::Policy;
use crate::iam::Wanted;
use crate::iam::explain;
use crate::iam::render;
use crate::iam::select;
use crate::registry::LoadError;
use crate::registry::Model;
use crate::registry::ParseChoices;
use crate::registry::Registry;
use crate::settings::Environment;
use crate::settings::Flags;
use crate::settings::ProfileAccount;
use crate::settings::Settings;
use crate::settings::load;

const UNKNOWN_ACCOUNT: &str = "the account that calls Bedrock is not known: give --account with \
     its 12 digits, or --format terraform or cloudformation, which ask AWS for it";

const AFTER_HELP: &str = "\
Examples:
  bedrock-gateway iam-policy --models claude-sonnet-4-5 > policy.json
      what one model needs, for `aws iam create-policy --policy-document file://policy.json`
  bedrock-gateway iam-policy --format terraform > bedrock.tf
      all models of the registry, with the reason of each statement as a comment

Models that are disabled, retired or not offered in the region are left out, as the gateway leaves
them out. Warnings stand on standard error. docs/iam.md tells more.";

/// Flags of `iam-policy`.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct IamPolicyArgs {
    /// Only these models, by name or alias. All that the gateway calls if not given.
    #[arg(long, value_name = "MODEL,…", value_delimiter = ',')]
    #[arg(value_parser = NonEmptyStringValueParser::new())]
    models: Vec<String>,
    /// Form of the output. Several policies are an array in JSON.
    #[arg(long, value_name = "FORMAT", default_value = "json", value_parser = format_parser())]
    format: Format,
    /// Account of 12 digits that calls Bedrock. If neither this nor the registry says it, Terraform
    /// and CloudFormation ask AWS for it.
    #[arg(long, value_name = "DIGITS", value_parser = parse_account)]
    account: Option<String>,
    /// What `aws bedrock list-inference-profiles --output json` printed in the region that is
    /// called: the regions of each profile, which otherwise the registry has to know.
    #[arg(long, value_name = "FILE")]
    profiles: Option<PathBuf>,
    /// A guardrail that callers may name, by id or ARN. May be repeated.
    #[arg(long = "guardrail", value_name = "ID|ARN")]
    guardrails: Vec<Guardrail>,
    /// Also allow a Bedrock API key (AWS_BEARER_TOKEN_BEDROCK) as credentials.
    #[arg(long)]
    bearer_key: bool,
    /// In JSON, only this one of several policies, from 1.
    #[arg(long, value_name = "NUMBER")]
    part: Option<NonZeroUsize>,
    /// Say on standard error why each statement is there, and how large each policy is.
    #[arg(long)]
    explain: bool,
    /// Allow every model and profile of the regions instead. Shorter, and much more than needed.
    #[arg(long)]
    broad: bool,
    #[command(flatten)]
    settings: RegistryFlags,
}

/// The flags of `serve` that say which models are called, and how.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "As for serve")]
struct RegistryFlags {
    /// Settings file in TOML, if the gateway has one.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The file with the models.
    #[arg(long, alias = "registry-file", value_name = "FILE")]
    registry: Option<String>,
    /// AWS region that is called.
    #[arg(long, value_name = "REGION")]
    bedrock_region: Option<String>,
    /// The account in inference profile ARNs: as-written, plain-id, or 12 digits.
    #[arg(long, value_name = "CHOICE")]
    registry_profile_account: Option<String>,
    /// Whether models past their end of life are called.
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    registry_try_retired_models: Option<String>,
}

impl RegistryFlags {
    fn into_flags(self) -> Flags {
        let values = [
            ("registry.file", self.registry),
            ("bedrock.region", self.bedrock_region),
            ("registry.profile_account", self.registry_profile_account),
            (
                "registry.try_retired_models",
                self.registry_try_retired_models,
            ),
        ];
        Flags {
            file: self.config,
            values: values
                .into_iter()
                .filter_map(|(key, value)| Some((key, value?)))
                .collect(),
        }
    }
}

/// Writes the policies to `output`, and what there is to say about them to `notes`.
pub(super) fn run(
    args: IamPolicyArgs,
    environment: &Environment,
    output: &mut dyn Write,
    notes: &mut dyn Write,
) -> anyhow::Result<Exit> {
    let settings = load(&args.settings.clone().into_flags(), environment)?;
    let region = settings.bedrock.region.clone();
    let registry = registry(&settings)?;
    let today = Timestamp::now().to_zoned(TimeZone::UTC).date();
    let try_retired = settings.registry.try_retired_models;
    let selection = match select(&registry, &args.models, &region, today, try_retired) {
        Ok(selection) => selection,
        Err(unknown) => {
            return refuse(notes, unknown.iter().map(|one| format!("--models: {one}")));
        }
    };
    let mut told = Notes::new(&selection.left_out);
    if selection.models.is_empty() {
        told.write(notes)?;
        return Err(anyhow!("no model is left that the gateway would call"));
    }

    let account = match account(&args, &settings, &selection.models) {
        Ok(account) => account,
        Err(problems) => return refuse(notes, problems),
    };
    let wanted = Wanted {
        profiles: profiles(args.profiles.as_deref(), &region)?,
        models: selection.models,
        guardrails: args.guardrails.clone(),
        bearer_key: args.bearer_key,
        account,
        region,
    };
    let Draft {
        policies,
        warnings,
        by_registry,
    } = if args.broad {
        wanted.broad()
    } else {
        wanted.least()?
    };
    told.of_draft(&wanted, warnings, &by_registry, &registry);
    told.of_policies(
        &policies,
        args.broad,
        args.part.is_none() && args.format == Format::Json,
    );

    let chosen = match chosen(&args, &policies) {
        Ok(chosen) => chosen,
        Err(problem) => return refuse(notes, [problem]),
    };
    if !args.format.knows_own_account() && chosen.iter().any(Policy::needs_account) {
        return refuse(notes, [UNKNOWN_ACCOUNT.to_owned()]);
    }
    told.write(notes)?;
    if args.explain {
        write!(notes, "{}", explain(&policies))?;
    }
    write!(output, "{}", render(&chosen, args.format, &told.comments()))?;
    output.flush()?;
    Ok(Exit::Success)
}

/// Says what is wrong with the command line, all of it.
fn refuse(
    notes: &mut dyn Write,
    problems: impl IntoIterator<Item = String>,
) -> anyhow::Result<Exit> {
    for problem in problems {
        writeln!(notes, "error: {problem}")?;
    }
    Ok(Exit::Usage)
}

fn registry(settings: &Settings) -> Result<Registry, LoadError> {
    let choices = ParseChoices {
        region: settings.bedrock.region.clone(),
        profile_account: settings.registry.profile_account.clone(),
    };
    Registry::load(&settings.registry.file, &choices)
}

/// The account that calls Bedrock: the given one, which must be that of the profiles' ARNs, or
/// else theirs.
fn account(
    args: &IamPolicyArgs,
    settings: &Settings,
    models: &[Arc<Model>],
) -> Result<Option<String>, Vec<String>> {
    let Some(given) = &args.account else {
        let of_settings = match &settings.registry.profile_account {
            ProfileAccount::Replace(account) => Some(account.clone()),
            ProfileAccount::AsWritten | ProfileAccount::PlainId => None,
        };
        return Ok(Wanted::account_of_profiles(models).or(of_settings));
    };
    let others = Wanted::in_other_accounts(models, given);
    if others.is_empty() {
        return Ok(Some(given.clone()));
    }
    let problem = |(model, account): (String, String)| {
        format!(
            "--account: is {given}, but the gateway calls the profile of {model} in account \
             {account}; set registry.profile_account (--registry-profile-account) to {given} or \
             to plain-id"
        )
    };
    Err(others.into_iter().map(problem).collect())
}

fn profiles(file: Option<&Path>, region: &str) -> anyhow::Result<Option<ListedProfiles>> {
    let Some(file) = file else { return Ok(None) };
    let shown = file.display();
    let text = fs::read_to_string(file)
        .with_context(|| format!("failed to read the list of profiles, {shown}"))?;
    let listed = ListedProfiles::parse(&text, region).map_err(|problems| {
        anyhow!(
            "failed to use the list of profiles, {shown}:\n{}",
            problems.join("\n")
        )
    })?;
    Ok(Some(listed))
}

/// The policies to print.
fn chosen(args: &IamPolicyArgs, policies: &[Policy]) -> Result<Vec<Policy>, String> {
    let Some(part) = args.part else {
        return Ok(policies.to_vec());
    };
    if args.format != Format::Json {
        return Err("--part: is for --format json; the other formats hold all policies".to_owned());
    }
    let policy = policies.get(part.get() - 1).ok_or_else(|| {
        format!(
            "--part: is {part}; must be at most {}, the number of policies",
            policies.len()
        )
    })?;
    Ok(vec![policy.clone()])
}

fn format_parser() -> impl TypedValueParser<Value = Format> {
    let values = PossibleValuesParser::new(["json", "terraform", "cloudformation"]);
    values.try_map(|text| text.parse::<Format>())
}

fn parse_account(text: &str) -> Result<String, &'static str> {
    if text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        Ok(text.to_owned())
    } else {
        Err("must be an AWS account of 12 digits")
    }
}
