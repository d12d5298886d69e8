//! The format of `aws-bedrock-models.json`, as types: what may be written, not yet what it means.
//!
//! The JSON Schema is generated from these types, so their comments are for those who write the
//! file. `Option` is used even for what must be there: a member that is missing or wrong has been
//! reported when the file was read, and the rest of its entry is still checked.

use std::collections::BTreeMap;

use jiff::civil::Date;
use schemars::JsonSchema;
use schemars::Schema;
use schemars::SchemaGenerator;
use schemars::json_schema;

use crate::registry::features::FeaturesEntry;
use crate::registry::object::Unused;

/// The models a bedrock-gateway offers.
#[derive(Default, JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
#[expect(
    dead_code,
    reason = "the fields of type `Unused` are here for the schema"
)]
pub(super) struct RegistryFile {
    /// The models, each under the name by which callers ask for it: 1 to 128 of
    /// `a-z A-Z 0-9 . _ : -`, first a letter or digit.
    #[schemars(with = "BTreeMap<String, ModelEntry>", required, extend(
        "minProperties" = 1,
        "propertyNames" = json_schema!({ "pattern": r"^[a-zA-Z0-9][a-zA-Z0-9._:-]{0,127}$" })
    ))]
    pub(super) model_registry: Vec<Named<ModelEntry>>,
    /// Models that were taken out. Asking for one gives an error that names its replacement.
    #[schemars(with = "Option<Vec<RemovedEntry>>")]
    pub(super) removed_models: Vec<Placed<RemovedEntry>>,
    /// Accepted and not used.
    #[schemars(with = "Option<serde_json::Value>")]
    pub(super) test_configuration: Unused,
    /// Accepted and not used.
    #[schemars(with = "Option<serde_json::Value>")]
    pub(super) test_prompts: Unused,
    /// Accepted and not used.
    #[schemars(with = "Option<serde_json::Value>")]
    pub(super) inference_profiles: Unused,
    /// Accepted and not used.
    #[schemars(with = "Option<serde_json::Value>")]
    pub(super) metadata: Unused,
    /// Accepted and not used: where an editor finds this schema.
    #[schemars(rename = "$schema", with = "Option<String>")]
    pub(super) schema: Unused,
}

/// One model.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
#[expect(
    dead_code,
    reason = "the fields of type `Unused` are here for the schema"
)]
pub(super) struct ModelEntry {
    /// Bedrock's id of the model or of its inference profile, or an ARN.
    #[schemars(
        required,
        with = "String",
        regex(pattern = r"^[a-zA-Z0-9._:/-]{1,2048}$")
    )]
    pub(super) model_id: Option<String>,
    /// Position in the order of attempts; lower is tried earlier. Gaps and equals are legal.
    #[schemars(required, with = "i32", range(min = 0))]
    pub(super) priority: Option<i32>,
    /// Name for people. The model's name if absent.
    pub(super) display_name: Option<String>,
    /// What the model is good for. The capabilities, as a list, if absent.
    pub(super) description: Option<String>,
    /// Who made the model, for example "anthropic". Taken from the model id if absent.
    pub(super) provider: Option<String>,
    /// Which line of the provider's models it belongs to, for example "claude".
    #[schemars(with = "Option<String>")]
    pub(super) family: Unused,
    /// Other names by which callers may ask for the model.
    #[schemars(
        with = "Option<Vec<String>>",
        inner(regex(pattern = r"^[a-zA-Z0-9][a-zA-Z0-9._:-]{0,127}$"))
    )]
    pub(super) aliases: Vec<Placed<String>>,
    /// What the model is good for, as free words such as "text-generation" or "vision".
    pub(super) capabilities: Option<Vec<String>>,
    /// What the model can do and how it wants to be asked, typed. What is left out is derived from
    /// the model id and the capabilities.
    pub(super) features: Option<FeaturesEntry>,
    /// Most tokens of input and output together.
    #[schemars(range(min = 1))]
    pub(super) context_window: Option<u32>,
    /// Most tokens of output to ask for. 4096 if absent.
    #[schemars(range(min = 1))]
    pub(super) max_output_tokens: Option<u32>,
    /// Tokens of output to ask for when a request does not say. Bedrock reserves them from the
    /// account's quota. 4096, or the limit if that is lower, if absent.
    #[schemars(range(min = 1))]
    pub(super) default_max_tokens: Option<u32>,
    /// The provider's own limits, where they differ from those above.
    pub(super) hard_limits: Option<HardLimitsEntry>,
    /// How many media a request may hold and how large each may be, where the model's limits are
    /// not those of Converse.
    pub(super) media_limits: Option<MediaLimitsEntry>,
    /// Whether Bedrock runs the model only through an inference profile.
    pub(super) requires_inference_profile: Option<bool>,
    /// ARN of the inference profile. Called if a profile is required; the model id otherwise.
    pub(super) inference_profile_arn: Option<String>,
    /// AWS regions from which the model can be called; any if absent.
    #[schemars(
        with = "Option<Vec<String>>",
        inner(regex(pattern = r"^[a-z]{2}(-[a-z]+)+-[0-9]{1,2}$"))
    )]
    pub(super) regions: Vec<String>,
    /// AWS regions to which the inference profile may send a call.
    #[schemars(
        with = "Option<Vec<String>>",
        inner(regex(pattern = r"^[a-z]{2}(-[a-z]+)+-[0-9]{1,2}$"))
    )]
    pub(super) destination_regions: Vec<String>,
    /// Where these regions are from, and when they were seen.
    pub(super) destination_regions_source: Option<String>,
    /// Whether the model may be used at all. True if absent.
    pub(super) enabled: Option<bool>,
    /// Treats the model like one past its end of life.
    pub(super) deprecated: Option<bool>,
    /// Why the model is deprecated, for the log.
    pub(super) deprecation_note: Option<String>,
    /// When the model ages and what follows it.
    pub(super) lifecycle: Option<LifecycleEntry>,
    /// What a million tokens costs.
    pub(super) prices: Option<PricesEntry>,
    /// Time limits of an attempt that differ from the gateway's.
    pub(super) timeouts: Option<TimeoutsEntry>,
}

/// The provider's own limits.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
#[expect(
    dead_code,
    reason = "the fields of type `Unused` are here for the schema"
)]
pub(super) struct HardLimitsEntry {
    /// Most tokens of input and output together. Takes the place of the configured window.
    #[schemars(range(min = 1))]
    pub(super) context_window: Option<u32>,
    /// Most tokens of output. The lower of this and the configured limit counts.
    #[schemars(range(min = 1))]
    pub(super) max_output_tokens: Option<u32>,
    /// Where these figures are from, and when they were seen.
    #[schemars(with = "Option<String>")]
    pub(super) source: Unused,
}

/// How many media a request may hold, and how large each may be, in bytes before base64.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct MediaLimitsEntry {
    /// Most images. 20 if absent.
    #[schemars(range(min = 1))]
    pub(super) max_images: Option<u32>,
    /// Most bytes of one image. 3932160, which is 3.75 MB, if absent.
    #[schemars(range(min = 1))]
    pub(super) max_image_bytes: Option<u32>,
    /// Most documents. 5 if absent.
    #[schemars(range(min = 1))]
    pub(super) max_documents: Option<u32>,
    /// Most bytes of one document. 4718592, which is 4.5 MB, if absent.
    #[schemars(range(min = 1))]
    pub(super) max_document_bytes: Option<u32>,
    /// Most bytes of one video or sound recording that is not in S3. 26214400, which is 25 MB, if
    /// absent.
    #[schemars(range(min = 1))]
    pub(super) max_inline_bytes: Option<u32>,
}

/// When a model ages, as the provider announced it.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
#[expect(
    dead_code,
    reason = "the fields of type `Unused` are here for the schema"
)]
pub(super) struct LifecycleEntry {
    /// From this day the model is legacy: still there, not for new users.
    #[schemars(with = "Option<String>", extend("format" = "date"))]
    pub(super) legacy_date: Option<Date>,
    /// From this day the model is gone.
    #[schemars(with = "Option<String>", extend("format" = "date"))]
    pub(super) end_of_life_date: Option<Date>,
    /// Name of the model in this file to use instead.
    pub(super) replacement: Option<String>,
    /// Where these dates are from, and when they were seen.
    #[schemars(with = "Option<String>")]
    pub(super) source: Unused,
}

/// Prices per million tokens.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
#[expect(
    dead_code,
    reason = "the fields of type `Unused` are here for the schema"
)]
pub(super) struct PricesEntry {
    /// ISO 4217 code; only "USD" is supported, and meant if absent.
    #[schemars(with = "Option<String>", extend("enum" = ["USD", null]))]
    pub(super) currency: Unused,
    /// Uncached input.
    #[schemars(required, with = "Decimal")]
    pub(super) input_per_million: Option<Decimal>,
    /// Output, reasoning included.
    #[schemars(required, with = "Decimal")]
    pub(super) output_per_million: Option<Decimal>,
    /// Input read from the prompt cache.
    pub(super) cache_read_per_million: Option<Decimal>,
    /// Input written to the prompt cache for the default five minutes.
    pub(super) cache_write_per_million: Option<Decimal>,
    /// Input written to the prompt cache for one hour.
    pub(super) cache_write_one_hour_per_million: Option<Decimal>,
}

/// Time limits of one attempt, in milliseconds, at most an hour.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct TimeoutsEntry {
    /// A whole unary attempt.
    #[schemars(range(min = 1, max = 3_600_000))]
    pub(super) attempt_ms: Option<u32>,
    /// From the start of a streamed attempt to its first event.
    #[schemars(range(min = 1, max = 3_600_000))]
    pub(super) first_event_ms: Option<u32>,
    /// Between two events of a stream.
    #[schemars(range(min = 1, max = 3_600_000))]
    pub(super) idle_ms: Option<u32>,
}

/// A model that was taken out.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct RemovedEntry {
    /// Bedrock's id of the model.
    #[schemars(
        required,
        with = "String",
        regex(pattern = r"^[a-zA-Z0-9._:/-]{1,2048}$")
    )]
    pub(super) model_id: Option<String>,
    /// Name it had in this file.
    #[schemars(regex(pattern = r"^[a-zA-Z0-9][a-zA-Z0-9._:-]{0,127}$"))]
    pub(super) name: Option<String>,
    /// Name of the model in this file to use instead.
    #[schemars(required, with = "String")]
    pub(super) replacement: Option<String>,
    /// Why it was taken out, for callers.
    pub(super) note: Option<String>,
}

/// An entry under a name.
pub(super) struct Named<T> {
    pub(super) name: String,
    pub(super) path: String,
    pub(super) value: T,
}

/// A value with its place in the file.
pub(super) struct Placed<T> {
    pub(super) path: String,
    pub(super) value: T,
}

/// An amount of dollars, exact to a billionth; at most a million.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Decimal {
    pub(super) nanos: i64,
}

impl JsonSchema for Decimal {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Decimal".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "An amount with at most nine decimals, at most a million; a number, or a string that holds one.",
            "anyOf": [
                { "type": "number", "minimum": 0, "maximum": 1_000_000 },
                { "type": "string", "pattern": r"^[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?$" }
            ]
        })
    }
}
