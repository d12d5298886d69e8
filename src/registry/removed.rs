//! Models that were taken out of the registry.

/// A model that used to be in the registry. Asking for it gives an error that names the
/// replacement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemovedModel {
    /// Bedrock's id of the model.
    pub model_id: String,
    /// Name it had in the registry, if it had one.
    pub name: Option<String>,
    /// Registry name of the model to use instead.
    pub replacement: String,
    /// Why it was taken out, for callers; may be empty.
    pub note: String,
}
