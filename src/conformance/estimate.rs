//! The most that the calls of a case may cost: all that they read and generate, at full price.

use serde_json::Value;

use crate::conformance::budget::CURRENCY;
use crate::conformance::case::Call;
use crate::conformance::case::Case;
use crate::conformance::case::Step;
use crate::conformance::conversation;
use crate::conformance::placeholders::Names;
use crate::proto::InferenceConfig;
use crate::proto::InvokeRequest;
use crate::proto::Model;
use crate::proto::content_block::Block;
use crate::proto::tool_result_content_block::Block as Piece;

/// Tokens that a picture or a file may be, above what its bytes tell.
const TOKENS_PER_FILE: i64 = 5_000;

/// Tokens that models add by themselves, such as instructions on tools.
const TOKENS_ADDED: i64 = 1_000;

/// Tokens of an answer where neither request nor registry limits it.
const TOKENS_OF_ANY_ANSWER: i64 = 100_000;

/// A call of a tool has at least so many tokens, which bounds how many are in an answer.
const TOKENS_PER_TOOL_CALL: i64 = 16;

/// The most that the case may cost if one of these models answers each of its calls, in billionths
/// of a dollar; `None` if the price of one is not known.
pub(super) fn estimate<'a>(
    case: &Case,
    request: &InvokeRequest,
    names: &Names,
    models: impl Iterator<Item = &'a Model>,
) -> Option<i64> {
    let ways = match case.call {
        Call::InvokeAndStream => 2,
        Call::Invoke | Call::Stream => 1,
        Call::CountTokens | Call::ListModels | Call::GetModel => 0,
    };
    let mut dearest = 0;
    for model in models {
        let pricing = model
            .pricing
            .as_ref()
            .filter(|pricing| pricing.currency_code == CURRENCY)?;
        let price = |input: i64, output: i64| {
            i128::from(input) * i128::from(pricing.input_nanos_per_million_tokens)
                + i128::from(output) * i128::from(pricing.output_nanos_per_million_tokens)
        };
        let mut input = size(request);
        let mut output = most(request.inference_config.as_ref(), model);
        let mut cost = price(input, output) * ways;
        for step in &case.then {
            // What was asked and answered is sent again.
            input += output + size_of_step(step, names, output);
            let changes = conversation::changes(&names.fill(&step.request)).ok()?;
            if let Some(config) = &changes.inference_config {
                output = most(Some(config), model);
            }
            cost += price(input, output);
        }
        dearest = dearest.max(i64::try_from(cost / 1_000_000 + 1).ok()?);
    }
    Some(dearest)
}

/// The most tokens that the model generates.
fn most(config: Option<&InferenceConfig>, model: &Model) -> i64 {
    let asked = config.and_then(|config| config.max_tokens);
    match (asked, model.max_output_tokens) {
        (Some(asked), 0) => i64::from(asked),
        // The gateway reduces it to that.
        (Some(asked), most) => i64::from(asked.min(most)),
        (None, 0) => TOKENS_OF_ANY_ANSWER,
        (None, most) => i64::from(most),
    }
}

/// The most tokens that a request is.
fn size(request: &InvokeRequest) -> i64 {
    let blocks = request.messages.iter().flat_map(|message| &message.content);
    let files: usize = blocks
        .filter_map(|block| block.block.as_ref())
        .map(files)
        .sum();
    of_bytes(prost::Message::encoded_len(request)) + of_files(files) + TOKENS_ADDED
}

/// The most tokens that a step adds behind an answer of so many.
fn size_of_step(step: &Step, names: &Names, answer: i64) -> i64 {
    let changes = of_bytes(step.request.to_string().len());
    let prompt = of_bytes(step.prompt.as_ref().map_or(0, String::len));
    let results = step.tool_result.iter().map(|content| {
        let result = conversation::result("", &names.fill(content)).unwrap_or_default();
        let files = files(&Block::ToolResult(result));
        let calls = (answer / TOKENS_PER_TOOL_CALL).max(1);
        (of_bytes(Value::to_string(content).len()) + of_files(files)) * calls
    });
    changes + prompt + results.sum::<i64>()
}

/// A token is at least a byte.
fn of_bytes(bytes: usize) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX / 2)
}

fn of_files(files: usize) -> i64 {
    of_bytes(files).saturating_mul(TOKENS_PER_FILE)
}

/// Pictures and files in a block.
fn files(block: &Block) -> usize {
    match block {
        Block::Image(_) | Block::Document(_) | Block::Video(_) | Block::Audio(_) => 1,
        Block::ToolResult(result) => {
            let pieces = result
                .content
                .iter()
                .filter_map(|piece| piece.block.as_ref());
            let is_file = |piece: &&Piece| !matches!(piece, Piece::Text(_) | Piece::Json(_));
            pieces.filter(is_file).count()
        }
        Block::GuardContent(_) => 1,
        Block::Text(_)
        | Block::ToolUse(_)
        | Block::Reasoning(_)
        | Block::CitedContent(_)
        | Block::SearchResult(_)
        | Block::CachePoint(_)
        | Block::ToolAddition(_)
        | Block::ToolRemoval(_) => 0,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::conformance::case_file;
    use crate::conformance::messages;
    use crate::proto::Pricing;

    /// A model that takes a dollar for each token.
    fn model(input: i64, output: i64) -> Model {
        Model {
            pricing: Some(Pricing {
                currency_code: "USD".to_owned(),
                input_nanos_per_million_tokens: input * 1_000_000,
                output_nanos_per_million_tokens: output * 1_000_000,
                ..Pricing::default()
            }),
            ..Model::default()
        }
    }

    fn cost(case: &Value, model: &Model) -> i64 {
        let case = case_file::read("x", &case.to_string()).unwrap();
        let request = messages::read(&case.request).unwrap();
        let models = std::iter::once(model);
        estimate(&case, &request, &Names::default(), models).unwrap()
    }

    fn case() -> Value {
        json!({
            "title": "x", "family": "unary", "call": "invoke",
            "request": {"prompt": "Hi", "inference_config": {"max_tokens": 100}},
        })
    }

    #[test]
    fn dearest_of_the_models_counts() {
        let case = case_file::read("x", &case().to_string()).unwrap();
        let request = messages::read(&case.request).unwrap();
        let of = |models: &[Model]| estimate(&case, &request, &Names::default(), models.iter());

        assert_eq!(of(&[model(0, 3), model(0, 7)]), Some(701));
        assert_eq!(of(&[Model::default()]), None);
    }

    #[test]
    fn each_call_of_a_case_counts_with_its_own_limit() {
        let mut both = case();
        both["call"] = json!("invoke_and_stream");
        let mut longer = case();
        longer["then"] =
            json!([{"prompt": "Hi", "request": {"inference_config": {"max_tokens": 900}}}]);

        assert_eq!(cost(&both, &model(0, 1)), 201);
        assert_eq!(cost(&longer, &model(0, 1)), 1_001);
    }

    #[test]
    fn step_reads_all_that_came_before_and_its_own_words() {
        let word = "x".repeat(5_000);
        let mut prompt = case();
        prompt["then"] = json!([{"prompt": word}]);
        let mut result = case();
        result["then"] = json!([{"tool_result": [{"text": word}]}]);
        let first = cost(&case(), &model(1, 0));

        // The first call, again with its answer, and the prompt; a result stands for each call.
        assert!(cost(&prompt, &model(1, 0)) >= 2 * first + 100 + 5_000);
        assert!(cost(&result, &model(1, 0)) >= 2 * first + 100 + 6 * 5_000);
    }

    #[test]
    fn picture_in_a_result_of_a_tool_counts() {
        let mut case = case();
        case["request"] = json!({"messages": [{"role": "ROLE_USER", "content": [
            {"tool_result": {"tool_use_id": "a", "content": [{"image": {"data": "AA=="}}]}},
        ]}]});

        assert!(cost(&case, &model(1, 0)) > TOKENS_PER_FILE);
    }
}
