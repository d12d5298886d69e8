//! Rules of the ledger of attempts, and of the tokens in it.

use crate::conformance::rules::Rule;
use crate::conformance::rules::holds;
use crate::conformance::rules::seen::AnswerSeen;
use crate::proto::Attempt;
use crate::proto::ErrorReason;
use crate::proto::attempt::State;
use crate::proto::content_block::Block;

/// In the order in which they are checked.
pub(super) fn rules<'a>() -> Vec<Rule<AnswerSeen<'a>>> {
    vec![
        Rule {
            name: "ledger-ends-with-success",
            promise: "the last attempt of an answer succeeded, none before it did, and none is running",
            check: ends_with_success,
        },
        Rule {
            name: "ledger-in-order",
            promise: "attempts are numbered from 1, and those that were made have a start and a latency",
            check: |seen| is_in_order(&seen.metadata.attempts, 1),
        },
        Rule {
            name: "ledger-says-why",
            promise: "an attempt that failed or was skipped has a reason, one that succeeded has none",
            check: |seen| says_why(&seen.metadata.attempts),
        },
        Rule {
            name: "ledger-matches-answer",
            promise: "model, usage and cost of the answer are those of its last attempt",
            check: matches_answer,
        },
        Rule {
            name: "usage-present",
            promise: "an answer says how many tokens it took",
            check: has_usage,
        },
        Rule {
            name: "usage-adds-up",
            promise: "no count of tokens is negative, and the total is the sum",
            check: usage_adds_up,
        },
        Rule {
            name: "max-tokens-kept",
            promise: "no more tokens are generated than the request allows",
            check: keeps_max_tokens,
        },
    ]
}

fn ends_with_success(seen: &AnswerSeen<'_>) -> Result<(), String> {
    let Some((last, before)) = seen.metadata.attempts.split_last() else {
        return Err("there is no attempt".to_owned());
    };
    holds(last.state() == State::Succeeded, || {
        format!("the last one is {}", last.state().as_str_name())
    })?;
    let is_wrong = |attempt: &&Attempt| match attempt.state() {
        State::Unspecified | State::Running | State::Succeeded => true,
        State::Failed | State::Skipped | State::Cancelled => false,
    };
    let wrong = before.iter().find(is_wrong);
    wrong.map_or(Ok(()), |attempt| {
        Err(format!(
            "attempt {} before it is {}",
            attempt.number,
            attempt.state().as_str_name()
        ))
    })
}

/// `first` is the number that the first one has.
pub(super) fn is_in_order(attempts: &[Attempt], first: i32) -> Result<(), String> {
    for (number, attempt) in (first..).zip(attempts) {
        holds(attempt.number == number, || {
            format!("attempt {number} is numbered {}", attempt.number)
        })?;
        let was_made = attempt.start_time.is_some() && attempt.latency.is_some();
        holds(was_made || attempt.state() == State::Skipped, || {
            format!("attempt {number} has no start or no latency")
        })?;
    }
    Ok(())
}

pub(super) fn says_why(attempts: &[Attempt]) -> Result<(), String> {
    for attempt in attempts {
        let number = attempt.number;
        let has_reason = attempt
            .error
            .as_ref()
            .is_some_and(|error| error.reason() != ErrorReason::Unspecified && error.code != 0);
        match attempt.state() {
            State::Failed | State::Skipped => {
                holds(has_reason, || format!("attempt {number} does not"))?;
            }
            State::Succeeded => holds(attempt.error.is_none(), || {
                format!("attempt {number} succeeded and has an error")
            })?,
            State::Unspecified | State::Running | State::Cancelled => {}
        }
    }
    Ok(())
}

fn matches_answer(seen: &AnswerSeen<'_>) -> Result<(), String> {
    let metadata = seen.metadata;
    let Some(last) = metadata.attempts.last() else {
        return Ok(());
    };
    holds(last.model == metadata.model, || {
        format!(
            "the last attempt is of {}, the answer of {}",
            last.model, metadata.model
        )
    })?;
    holds(last.usage == metadata.usage, || {
        "its usage is another".to_owned()
    })?;
    holds(last.cost == metadata.cost, || {
        "its cost is another".to_owned()
    })
}

fn has_usage(seen: &AnswerSeen<'_>) -> Result<(), String> {
    holds(seen.metadata.usage.is_some(), || "it does not".to_owned())
}

fn usage_adds_up(seen: &AnswerSeen<'_>) -> Result<(), String> {
    let Some(usage) = &seen.metadata.usage else {
        return Ok(());
    };
    let plain = [usage.input_tokens, usage.output_tokens];
    let cached = [
        usage.cache_read_input_tokens,
        usage.cache_write_input_tokens,
    ];
    let counts = plain.iter().chain(&cached);
    holds(counts.clone().all(|count| *count >= 0), || {
        "a count is negative".to_owned()
    })?;
    let sum = |counts: &[i32]| counts.iter().map(|count| i64::from(*count)).sum::<i64>();
    let (without, total) = (sum(&plain), i64::from(usage.total_tokens));
    let with = without + sum(&cached);
    // Upstreams differ in whether what the cache held counts.
    holds(total == with || total == without, || {
        format!("total_tokens is {total}, the sum {with}")
    })
}

fn keeps_max_tokens(seen: &AnswerSeen<'_>) -> Result<(), String> {
    let config = seen.asked.request.inference_config.as_ref();
    let limit = config.and_then(|config| config.max_tokens);
    let blocks = &seen.message.content;
    // Of some models, reasoning does not count.
    let reasons = blocks
        .iter()
        .any(|block| matches!(block.block, Some(Block::Reasoning(_))));
    match (limit, &seen.metadata.usage) {
        (Some(limit), Some(usage)) if !reasons => holds(usage.output_tokens <= limit, || {
            format!("{} were generated, {limit} allowed", usage.output_tokens)
        }),
        _ => Ok(()),
    }
}
