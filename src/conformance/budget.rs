//! Keeps a run below an amount of money: what a call may cost is set aside before it is made, and
//! what it did cost is counted behind it.

use std::cell::Cell;

use prost::Message as _;

use crate::proto::InvokeRequest;
use crate::proto::Model;
use crate::proto::content_block::Block;

/// The only currency that a budget is in.
pub(super) const CURRENCY: &str = "USD";

/// Tokens that a picture or a file may be, above what its bytes tell.
const TOKENS_PER_FILE: i64 = 5_000;

/// Tokens that models add by themselves, such as instructions on tools.
const TOKENS_ADDED: i64 = 1_000;

/// Tokens of an answer where neither request nor registry limits it.
const TOKENS_OF_ANY_ANSWER: i64 = 100_000;

/// Billionths of a dollar that may still be spent.
pub(super) struct Budget {
    left: Option<Cell<i64>>,
}

/// What was set aside for calls.
#[derive(Clone, Copy)]
pub(super) struct Reserved(i64);

impl Budget {
    /// No limit if `None`.
    pub(super) fn new(nanos: Option<i64>) -> Self {
        Self {
            left: nanos.map(Cell::new),
        }
    }

    /// Whether there is a limit.
    pub(super) fn is_limited(&self) -> bool {
        self.left.is_some()
    }

    /// Sets aside what calls may cost, if that much is left.
    pub(super) fn reserve(&self, nanos: i64) -> Option<Reserved> {
        if let Some(left) = &self.left {
            let rest = left.get().checked_sub(nanos).filter(|rest| *rest >= 0)?;
            left.set(rest);
        }
        Some(Reserved(nanos))
    }

    /// Counts what they did cost.
    pub(super) fn settle(&self, reserved: Reserved, nanos: i64) {
        if let Some(left) = &self.left {
            left.set(left.get().saturating_add(reserved.0).saturating_sub(nanos));
        }
    }
}

/// The most that a call of one of these models may cost, in billionths of a dollar; `None` if the
/// price of one is not known.
pub(super) fn estimate<'a>(
    request: &InvokeRequest,
    models: impl Iterator<Item = &'a Model>,
) -> Option<i64> {
    // A token is at least a byte.
    let bytes = i64::try_from(request.encoded_len()).ok()?;
    let blocks = request.messages.iter().flat_map(|message| &message.content);
    let files =
        blocks.filter(|block| matches!(block.block, Some(Block::Image(_) | Block::Document(_))));
    let files = i64::try_from(files.count()).ok()?;
    let input = bytes + files * TOKENS_PER_FILE + TOKENS_ADDED;
    let asked = request
        .inference_config
        .as_ref()
        .and_then(|config| config.max_tokens);
    let mut dearest = 0;
    for model in models {
        let pricing = model
            .pricing
            .as_ref()
            .filter(|pricing| pricing.currency_code == CURRENCY)?;
        let output = match (asked, model.max_output_tokens) {
            (Some(asked), 0) => i64::from(asked),
            // The gateway reduces it to that.
            (Some(asked), most) => i64::from(asked.min(most)),
            (None, 0) => TOKENS_OF_ANY_ANSWER,
            (None, most) => i64::from(most),
        };
        let price = |tokens: i64, price: i64| i128::from(tokens) * i128::from(price);
        let cost = price(input, pricing.input_nanos_per_million_tokens)
            + price(output, pricing.output_nanos_per_million_tokens);
        dearest = dearest.max(i64::try_from(cost / 1_000_000 + 1).ok()?);
    }
    Some(dearest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proto::InferenceConfig;
    use crate::proto::Pricing;

    #[test]
    fn what_would_exceed_the_budget_is_not_set_aside() {
        let budget = Budget::new(Some(100));

        let first = budget.reserve(60).unwrap();
        assert!(budget.reserve(60).is_none());
        budget.settle(first, 10);

        assert!(budget.reserve(90).is_some());
        assert!(budget.reserve(1).is_none());
    }

    #[test]
    fn estimate_is_input_and_all_output_at_the_price_of_the_dearest() {
        let model = |price| Model {
            pricing: Some(Pricing {
                currency_code: "USD".to_owned(),
                output_nanos_per_million_tokens: price,
                ..Pricing::default()
            }),
            ..Model::default()
        };
        let request = InvokeRequest {
            inference_config: Some(InferenceConfig {
                max_tokens: Some(100),
                ..InferenceConfig::default()
            }),
            ..InvokeRequest::default()
        };
        let models = [model(15_000_000_000), model(75_000_000_000)];

        assert_eq!(estimate(&request, models.iter()), Some(7_500_001));
        assert_eq!(estimate(&request, [Model::default()].iter()), None);
    }
}
