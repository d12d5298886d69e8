//! Policies in the form somebody wants, and in words.

use std::str::FromStr;

use serde_json::Value;

use super::cloudformation;
use super::comment::comment;
use super::policy::MAX_SIZE;
use super::policy::Policy;
use super::policy::Statement;
use super::terraform;

/// Form of the output.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// The document, as `aws iam create-policy` takes it; of several, an array.
    #[default]
    Json,
    /// Data sources and resources of Terraform's AWS provider.
    Terraform,
    /// A template in YAML.
    CloudFormation,
}

impl Format {
    /// Whether it lets AWS fill in the account.
    pub fn knows_own_account(self) -> bool {
        match self {
            Self::Json => false,
            Self::Terraform | Self::CloudFormation => true,
        }
    }
}

impl FromStr for Format {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        match text {
            "json" => Ok(Self::Json),
            "terraform" => Ok(Self::Terraform),
            "cloudformation" => Ok(Self::CloudFormation),
            _ => Err("must be json, terraform or cloudformation"),
        }
    }
}

/// A policy with its number, from 1; no number if it is the only one.
pub(super) type Numbered<'a> = (Option<usize>, &'a Policy);

/// The policies as text. `notes` stand at its beginning where the format has comments.
pub fn render(policies: &[Policy], format: Format, notes: &[String]) -> String {
    let is_alone = policies.len() == 1;
    let numbered: Vec<Numbered<'_>> = policies
        .iter()
        .enumerate()
        .map(|(index, policy)| ((!is_alone).then_some(index + 1), policy))
        .collect();
    match format {
        Format::Json => json(policies),
        Format::Terraform => heading(notes) + &terraform::text(&numbered),
        Format::CloudFormation => heading(notes) + &cloudformation::text(&numbered),
    }
}

fn json(policies: &[Policy]) -> String {
    let document = match policies {
        [policy] => policy.document(),
        policies => Value::Array(policies.iter().map(Policy::document).collect()),
    };
    format!("{document:#}\n")
}

fn heading(notes: &[String]) -> String {
    notes
        .iter()
        .map(|note| comment("", note) + "#\n")
        .collect::<String>()
        + "# Written by `bedrock-gateway iam-policy`.\n\n"
}

/// Why each statement is there, for people.
pub fn explain(policies: &[Policy]) -> String {
    let mut text = String::new();
    for (index, policy) in policies.iter().enumerate() {
        text.push_str(&format!(
            "policy {} of {}, {} of {MAX_SIZE} characters\n",
            index + 1,
            policies.len(),
            policy.size()
        ));
        for statement in &policy.statements {
            text.push_str(&format!("  {}: {}\n", statement.sid, reason(statement)));
        }
    }
    text
}

/// Why a statement is there, with the models that need it.
pub(super) fn reason(statement: &Statement) -> String {
    let Statement { why, models, .. } = statement;
    match models.as_slice() {
        [] => why.clone(),
        [model] => format!("{why} Model: {model}."),
        models => format!("{why} Models: {}.", models.join(", ")),
    }
}
