//! A policy document: statements, and how much of IAM's room they take.

use serde_json::Value;
use serde_json::json;

use super::resources::OWN_ACCOUNT;
use super::resources::with_some_account;

/// Most characters of a managed policy; blanks and line breaks do not count.
///
/// Source: "IAM and AWS STS quotas", IAM user guide, seen 2026-11-29.
pub const MAX_SIZE: usize = 6144;

/// Most managed policies that a role may have unless AWS raised the quota.
///
/// Source: the same.
pub const MAX_ATTACHED: usize = 10;

/// The documents IAM understands today are of this version of its language.
pub(super) const VERSION: &str = "2012-10-17";

/// The key by which IAM tells through which profile a model is called.
pub(super) const PROFILE_KEY: &str = "bedrock:InferenceProfileArn";
/// The key by which IAM tells the region of a call.
pub(super) const REGION_KEY: &str = "aws:RequestedRegion";
/// Its value when a global profile decides on the region.
pub(super) const ANY_REGION: &str = "unspecified";

/// What is allowed, and why. IAM knows the rest by heart: there is no refusal in a least policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// Letters and digits, unique in its policy.
    pub sid: String,
    /// What may be done.
    pub actions: Vec<&'static str>,
    /// With what: ARNs, in some the words for the account in which the policy is created.
    pub resources: Vec<String>,
    /// Only through one of these inference profiles; if empty, whichever way.
    pub profiles: Vec<String>,
    /// Only where the profile decides on the region.
    pub is_for_any_region: bool,
    /// Names of the models for which it is there, in the order of the registry.
    pub models: Vec<String>,
    /// What it is for, in whole sentences.
    pub why: String,
}

/// A document that fits into a managed policy.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    /// At least one.
    pub statements: Vec<Statement>,
}

impl Policy {
    /// The document. Its ARNs hold a mark where [`Policy::needs_account`].
    pub fn document(&self) -> Value {
        let statements: Vec<Value> = self.statements.iter().map(Statement::document).collect();
        json!({ "Version": VERSION, "Statement": statements })
    }

    /// Characters as IAM counts them, with an account of 12 digits wherever one is missing.
    pub fn size(&self) -> usize {
        let text = with_some_account(&self.document().to_string());
        text.chars().filter(|c| !c.is_whitespace()).count()
    }

    /// Whether the account has to be put into it.
    pub fn needs_account(&self) -> bool {
        let statements = self.statements.iter();
        let mut arns = statements.flat_map(|s| s.resources.iter().chain(&s.profiles));
        arns.any(|arn| arn.contains(OWN_ACCOUNT))
    }
}

impl Statement {
    /// The conditions, as keys with the values they may have.
    pub(super) fn conditions(&self) -> Vec<(&'static str, Vec<String>)> {
        let mut conditions = Vec::new();
        if self.is_for_any_region {
            conditions.push((REGION_KEY, vec![ANY_REGION.to_owned()]));
        }
        if !self.profiles.is_empty() {
            conditions.push((PROFILE_KEY, self.profiles.clone()));
        }
        conditions
    }

    fn document(&self) -> Value {
        let mut document = json!({
            "Sid": self.sid,
            "Effect": "Allow",
            "Action": self.actions,
            "Resource": self.resources,
        });
        let conditions: serde_json::Map<String, Value> = self
            .conditions()
            .into_iter()
            .map(|(key, values)| (key.to_owned(), values.into()))
            .collect();
        if let (Some(members), false) = (document.as_object_mut(), conditions.is_empty()) {
            members.insert(
                "Condition".to_owned(),
                json!({ "StringEquals": conditions }),
            );
        }
        document
    }
}
