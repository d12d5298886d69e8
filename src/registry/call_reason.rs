//! Why a model is called by the identifier that it is called by.

use std::fmt;

/// Which member of an entry says what is called, and why that one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallReason {
    /// `inferenceProfileArn`: a profile is required, and its ARN is there.
    RequiredProfile(ArnForm),
    /// `modelId`, the id of a profile: one is required, and no ARN is there.
    RequiredProfileId,
    /// `modelId`: no profile is required.
    ModelId,
    /// `modelId`, which is an ARN itself.
    ModelArn(ArnForm),
}

/// What became of an ARN before it is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArnForm {
    /// It is called as the file has it.
    AsWritten,
    /// The configured account stands in it.
    OtherAccount,
    /// The profile's id is called in its place.
    PlainId,
}

impl fmt::Display for CallReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RequiredProfile(form) => {
                form.write(f, "inferenceProfileArn")?;
                f.write_str(", because requiresInferenceProfile is true")
            }
            Self::RequiredProfileId => f.write_str(
                "the profile id in modelId, because requiresInferenceProfile is true and there is \
                 no inferenceProfileArn",
            ),
            Self::ModelId => {
                f.write_str("the modelId, because requiresInferenceProfile is not true")
            }
            Self::ModelArn(form) => form.write(f, "modelId"),
        }
    }
}

impl ArnForm {
    fn write(self, f: &mut fmt::Formatter<'_>, member: &str) -> fmt::Result {
        match self {
            Self::AsWritten => write!(f, "the ARN as written in {member}"),
            Self::OtherAccount => write!(
                f,
                "the ARN in {member} with the account of registry.profile_account"
            ),
            Self::PlainId => write!(
                f,
                "the profile id out of {member}, as registry.profile_account says"
            ),
        }
    }
}
