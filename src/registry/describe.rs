//! A model as callers and operators see it.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use prost_types::Timestamp;

use crate::proto::MediaLimits as MediaLimitsMessage;
use crate::proto::Model as ModelMessage;
use crate::proto::Pricing;
use crate::proto::model::State;
use crate::registry::model::MediaLimits;
use crate::registry::model::Model;
use crate::registry::unsupported::unsupported_fields;

impl Model {
    /// The model as callers see it. Its state is for others to know.
    pub fn describe(&self, state: State) -> ModelMessage {
        let lifecycle = &self.lifecycle;
        ModelMessage {
            name: self.name.clone(),
            aliases: self.aliases.clone(),
            display_name: self.display_name.clone(),
            description: self.description.clone(),
            provider: self.provider.clone(),
            bedrock_model_id: self.target.invocation_id.clone(),
            region: self.target.region.clone(),
            priority: self.priority,
            state: state.into(),
            capabilities: self
                .capabilities
                .flags
                .iter()
                .map(|flag| (*flag).into())
                .collect(),
            context_window_tokens: count(self.limits.context_window_tokens),
            max_output_tokens: count(self.limits.max_output_tokens),
            pricing: self.prices.map(|prices| Pricing {
                currency_code: "USD".to_owned(),
                input_nanos_per_million_tokens: prices.input,
                output_nanos_per_million_tokens: prices.output,
                cache_read_nanos_per_million_tokens: prices.cache_read.unwrap_or(0),
                cache_write_nanos_per_million_tokens: prices.cache_write.unwrap_or(0),
                cache_write_one_hour_nanos_per_million_tokens: prices
                    .cache_write_one_hour
                    .unwrap_or(0),
            }),
            retire_time: lifecycle.end_of_life.and_then(start_of_day),
            unsupported_fields: unsupported_fields(self),
            legacy_time: lifecycle.legacy.and_then(start_of_day),
            replacement: lifecycle.replacement.clone().unwrap_or_default(),
            bedrock_model_id_reason: self.target.reason.to_string(),
            regions: self.regions.clone(),
            destination_regions: self.target.destination_regions.clone(),
            default_max_tokens: count(self.limits.default_max_tokens),
            media_limits: Some(media_limits(&self.limits.media)),
        }
    }
}

fn media_limits(limits: &MediaLimits) -> MediaLimitsMessage {
    MediaLimitsMessage {
        max_images: count(limits.max_images),
        max_image_bytes: count(limits.max_image_bytes),
        max_documents: count(limits.max_documents),
        max_document_bytes: count(limits.max_document_bytes),
        max_inline_bytes: count(limits.max_inline_bytes),
    }
}

fn start_of_day(date: Date) -> Option<Timestamp> {
    let zoned = date.to_zoned(TimeZone::UTC).ok()?;
    Some(Timestamp {
        seconds: zoned.timestamp().as_second(),
        nanos: 0,
    })
}

fn count(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}
