//! ARNs in policies, and the account in them.

use crate::registry::partition_of;

/// Stands in ARNs for the account in which a policy is created. No ARN of a registry can hold it.
pub(super) const OWN_ACCOUNT: &str = "${own-account}";

/// As many characters as the account will have.
const SOME_ACCOUNT: &str = "000000000000";

/// Writes ARNs of resources that are called from one region.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'a> {
    /// The region that is called.
    pub(super) region: &'a str,
    /// 12 digits, or [`OWN_ACCOUNT`].
    pub(super) account: &'a str,
}

impl Place<'_> {
    /// A resource of the account, such as `guardrail/abc`.
    pub(super) fn own(&self, resource: &str) -> String {
        let Self { region, account } = self;
        let partition = partition_of(region);
        format!("arn:{partition}:bedrock:{region}:{account}:{resource}")
    }

    /// A model in the region that is called.
    pub(super) fn model(&self, model_id: &str) -> String {
        self.model_in(self.region, model_id)
    }

    /// A model in any region. Models belong to no account.
    pub(super) fn model_in(&self, region: &str, model_id: &str) -> String {
        let partition = partition_of(self.region);
        format!("arn:{partition}:bedrock:{region}::foundation-model/{model_id}")
    }

    /// A model wherever a global profile finds room: such an ARN has no region.
    pub(super) fn model_anywhere(&self, model_id: &str) -> String {
        self.model_in("", model_id)
    }
}

/// The text with an account in the place of [`OWN_ACCOUNT`], as long as it will be.
pub(super) fn with_some_account(text: &str) -> String {
    text.replace(OWN_ACCOUNT, SOME_ACCOUNT)
}
