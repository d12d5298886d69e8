//! Rules for candidate selection, fallback, time limits and the settings of a stream.

use prost_types::Duration;

use crate::grpc::validate::path::Path;
use crate::grpc::validate::scalar;
use crate::grpc::validate::scalar::MODEL_NAME;
use crate::grpc::validate::violation::Reason;
use crate::grpc::validate::violation::Violations;
use crate::proto::Capability;
use crate::proto::RoutingConfig;
use crate::proto::StreamOptions;
use crate::proto::routing_config::{FallbackMode, UnsupportedFieldPolicy};
use crate::proto::stream_options::{GuardrailProcessingMode, Recovery};

const MAX_FALLBACK_MODELS: usize = 16;

/// Most required capabilities. There are fewer kinds than this; repeating one is harmless.
const MAX_CAPABILITIES: usize = 100;

const MIN_TIMEOUT: Duration = Duration {
    seconds: 0,
    nanos: 1_000_000,
};

const MIN_HEARTBEAT: Duration = Duration {
    seconds: 1,
    nanos: 0,
};

pub(super) fn routing_config(found: &mut Violations, path: &Path<'_>, config: &RoutingConfig) {
    let mode = path.field("fallback_mode");
    scalar::known::<FallbackMode>(found, &mode, config.fallback_mode);

    let models = path.field("fallback_models");
    let count = config.fallback_models.len();
    scalar::max_count(found, &models, count, MAX_FALLBACK_MODELS, "names");
    for (index, name) in config.fallback_models.iter().enumerate() {
        scalar::name(found, &models.index(index), name, &MODEL_NAME);
    }
    if config.fallback_mode() == FallbackMode::Disabled && count > 0 {
        let text = format_args!("holds names, which FALLBACK_MODE_DISABLED does not allow");
        found.add(&models, Reason::Conflict, text);
    }

    scalar::at_least_one(found, &path.field("max_attempts"), config.max_attempts);
    let timeout = config.attempt_timeout.as_ref();
    scalar::not_shorter(found, &path.field("attempt_timeout"), timeout, MIN_TIMEOUT);

    let capabilities = path.field("required_capabilities");
    let count = config.required_capabilities.len();
    scalar::max_count(found, &capabilities, count, MAX_CAPABILITIES, "entries");
    for (index, capability) in config.required_capabilities.iter().enumerate() {
        scalar::specified::<Capability>(found, &capabilities.index(index), *capability);
    }
    let policy = path.field("unsupported_field_policy");
    scalar::known::<UnsupportedFieldPolicy>(found, &policy, config.unsupported_field_policy);
}

/// The rules for the settings of a stream.
pub(super) fn check_stream_options(
    found: &mut Violations,
    path: &Path<'_>,
    options: &StreamOptions,
) {
    for (field, timeout) in [
        ("first_token_timeout", &options.first_token_timeout),
        ("idle_timeout", &options.idle_timeout),
    ] {
        scalar::not_shorter(found, &path.field(field), timeout.as_ref(), MIN_TIMEOUT);
    }

    let recovery = path.field("recovery");
    scalar::known::<Recovery>(found, &recovery, options.recovery);
    let mode = path.field("guardrail_processing_mode");
    scalar::known::<GuardrailProcessingMode>(found, &mode, options.guardrail_processing_mode);
    let interval = options.heartbeat_interval.as_ref();
    let path = path.field("heartbeat_interval");
    scalar::not_shorter(found, &path, interval, MIN_HEARTBEAT);
}
