//! A model as JSON, for scripts: members are named as in proto JSON, and only ever added.

use jiff::civil::Date;
use serde_json::Value;
use serde_json::json;

use crate::cli::models::words;
use crate::proto::Model;

/// One model.
pub(super) fn model_json(model: &Model, today: Date) -> Value {
    let retires = model.retire_time.and_then(words::day);
    let legacy = model.legacy_time.and_then(words::day);
    json!({
        "name": model.name,
        "aliases": model.aliases,
        "displayName": model.display_name,
        "description": model.description,
        "provider": model.provider,
        "bedrockModelId": model.bedrock_model_id,
        "bedrockModelIdReason": model.bedrock_model_id_reason,
        "region": model.region,
        "regions": model.regions,
        "destinationRegions": model.destination_regions,
        "priority": model.priority,
        "state": model.state().as_str_name(),
        "capabilities": model.capabilities().map(|one| one.as_str_name()).collect::<Vec<_>>(),
        "unsupportedFields": model.unsupported_fields,
        "contextWindowTokens": model.context_window_tokens,
        "maxOutputTokens": model.max_output_tokens,
        "defaultMaxTokens": model.default_max_tokens,
        "mediaLimits": model.media_limits.as_ref().map(|limits| json!({
            "maxImages": limits.max_images,
            "maxImageBytes": limits.max_image_bytes,
            "maxDocuments": limits.max_documents,
            "maxDocumentBytes": limits.max_document_bytes,
            "maxInlineBytes": limits.max_inline_bytes,
        })),
        "pricing": model.pricing.as_ref().map(|pricing| json!({
            "currencyCode": pricing.currency_code,
            // Proto JSON writes 64-bit integers as text.
            "inputNanosPerMillionTokens": pricing.input_nanos_per_million_tokens.to_string(),
            "outputNanosPerMillionTokens": pricing.output_nanos_per_million_tokens.to_string(),
            "cacheReadNanosPerMillionTokens":
                pricing.cache_read_nanos_per_million_tokens.to_string(),
            "cacheWriteNanosPerMillionTokens":
                pricing.cache_write_nanos_per_million_tokens.to_string(),
            "cacheWriteOneHourNanosPerMillionTokens":
                pricing.cache_write_one_hour_nanos_per_million_tokens.to_string(),
        })),
        "retireDate": retires.map(|day| day.to_string()),
        "daysUntilRetirement": retires.map(|day| words::days_until(day, today)),
        "legacyDate": legacy.map(|day| day.to_string()),
        "replacement": model.replacement,
    })
}
