//! Where Bedrock runs a model: the identifier that is called, and its region.

/// What goes into the `modelId` of a call, parsed once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// What is called: an inference profile ARN, a profile id, or a model id.
    pub invocation_id: String,
    /// The foundation model behind it, without a profile's prefix. CountTokens wants this.
    pub base_model_id: String,
    /// AWS region that is called.
    pub region: String,
    /// Regions to which the inference profile may send a call; empty if unknown or no profile.
    pub destination_regions: Vec<String>,
}
