//! What can be called, and what that costs at most.

use crate::proto;
use crate::proto::Cost;
use crate::proto::InferenceConfig;
use crate::proto::InvokeRequest;
use crate::proto::RoutingConfig;
use crate::proto::Usage;
use crate::proto::model::State;
use crate::proto::routing_config::FallbackMode;
use crate::registry::Model;
use crate::registry::Prices;
use crate::registry::total_cost;

const PROMPT: &str = "Reply with the word OK.";

/// More than any model's tokenizer makes of the prompt.
const MAX_INPUT_TOKENS: i32 = 32;

/// Most tokens of an answer.
const MAX_OUTPUT_TOKENS: i32 = 32;

/// A model that may be called.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Offer {
    /// Its name in the registry.
    pub(super) name: String,
    aliases: Vec<String>,
    prices: Option<Prices>,
    /// Why it is not called unless somebody names it.
    pub(super) objection: Option<String>,
    /// Whether the gateway refuses to call it even then.
    pub(super) is_refused: bool,
}

/// What calls cost at most.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Estimate {
    /// All that have a price.
    pub(super) cost: Option<Cost>,
    /// How many have none.
    pub(super) unpriced: usize,
}

impl Offer {
    /// A model of the registry.
    pub(super) fn of_model(model: &Model, objection: Option<String>) -> Self {
        let wants_values = "is a stored prompt, which wants values for its variables";
        let is_prompt = model.target.is_prompt;
        Self {
            name: model.name.clone(),
            aliases: model.aliases.clone(),
            prices: model.prices,
            is_refused: objection.is_some(),
            objection: objection.or_else(|| is_prompt.then(|| wants_values.to_owned())),
        }
    }

    /// A model as a gateway describes it.
    pub(super) fn of_message(model: &proto::Model) -> Self {
        let objection = match model.state() {
            State::Unspecified | State::Active | State::Suspended => None,
            State::Disabled => Some("is disabled, or not offered in the gateway's region"),
            State::Retired => Some("is past its end of life"),
        };
        Self {
            name: model.name.clone(),
            aliases: model.aliases.clone(),
            prices: model.pricing.as_ref().map(|pricing| Prices {
                input: pricing.input_nanos_per_million_tokens,
                output: pricing.output_nanos_per_million_tokens,
                cache_read: None,
                cache_write: None,
                cache_write_one_hour: None,
            }),
            is_refused: objection.is_some(),
            objection: objection.map(str::to_owned),
        }
    }

    /// Whether a caller may call it so.
    pub(super) fn has_name(&self, name: &str) -> bool {
        self.name == name || self.aliases.iter().any(|alias| alias == name)
    }
}

/// What one small call of each of these costs at most, if none is repeated.
pub(super) fn estimate<'a>(offers: impl IntoIterator<Item = &'a Offer>) -> Estimate {
    let usage = Usage {
        input_tokens: MAX_INPUT_TOKENS,
        output_tokens: MAX_OUTPUT_TOKENS,
        ..Usage::default()
    };
    let (mut costs, mut unpriced) = (Vec::new(), 0);
    for offer in offers {
        match offer.prices.and_then(|prices| prices.cost(&usage)) {
            Some(cost) => costs.push(cost),
            None => unpriced += 1,
        }
    }
    Estimate {
        cost: total_cost(&costs),
        unpriced,
    }
}

/// One small call that only this model answers, or for an empty name the default one.
pub(super) fn request(name: &str) -> InvokeRequest {
    InvokeRequest {
        model: name.to_owned(),
        prompt: PROMPT.to_owned(),
        inference_config: Some(InferenceConfig {
            max_tokens: Some(MAX_OUTPUT_TOKENS),
            ..InferenceConfig::default()
        }),
        routing_config: Some(RoutingConfig {
            fallback_mode: FallbackMode::Disabled.into(),
            ..RoutingConfig::default()
        }),
        ..InvokeRequest::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proto::Pricing;

    fn priced(name: &str, input: i64, output: i64) -> Offer {
        Offer::of_message(&proto::Model {
            name: name.to_owned(),
            aliases: vec![format!("{name}-alias")],
            pricing: Some(Pricing {
                currency_code: "USD".to_owned(),
                input_nanos_per_million_tokens: input,
                output_nanos_per_million_tokens: output,
                ..Pricing::default()
            }),
            ..proto::Model::default()
        })
    }

    #[test]
    fn estimate_is_the_sum_of_what_has_a_price() {
        let offers = [
            priced("large", 15_000_000_000, 75_000_000_000),
            priced("small", 1_000_000_000, 5_000_000_000),
            Offer::of_message(&proto::Model::default()),
        ];

        let estimate = estimate(&offers);

        // 32 tokens each way: 0.48 + 2.4 + 0.032 + 0.16 thousandths of a dollar.
        assert_eq!(estimate.cost.unwrap().total_nanos, 3_072_000);
        assert_eq!(estimate.unpriced, 1);
    }

    #[test]
    fn nothing_to_call_costs_nothing_known() {
        assert_eq!(estimate(&[]).cost, None);
    }

    #[test]
    fn model_is_known_by_its_aliases() {
        let offer = priced("large", 1, 1);

        assert!(offer.has_name("large") && offer.has_name("large-alias"));
        assert!(!offer.has_name("alias"));
    }

    #[test]
    fn request_lets_no_other_model_answer() {
        let config = request("large").routing_config.unwrap();

        assert!(config.fallback_mode() == FallbackMode::Disabled);
    }
}
