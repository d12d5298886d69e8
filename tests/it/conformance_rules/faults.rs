//! A fault for each rule, or more.

use super::*;

/// All of them.
pub(super) fn all_faults() -> Vec<Planted> {
    let mut all = faults_of_answers();
    all.extend(faults_of_ledgers());
    all.extend(faults_of_costs());
    all.extend(faults_of_streams());
    all.extend(faults_of_failures());
    all.extend(other_faults());
    all
}

fn faults_of_answers() -> Vec<Planted> {
    let planted = |rule, case, change| Planted {
        rule,
        case,
        broken: Break::Answer(change),
    };
    vec![
        planted("answer-is-whole", whole, |answer| answer.metadata = None),
        planted("model-as-asked", whole, |answer| {
            metadata(answer, |metadata| {
                metadata.requested_model = "other".to_owned();
            });
        }),
        planted("request-id-everywhere", whole, |answer| {
            metadata(answer, |metadata| {
                metadata.request_id = "another".to_owned();
            });
        }),
        planted("stop-reason-known", whole, |answer| {
            answer.raw_stop_reason.clear();
        }),
        planted("latency-within-the-call", whole, |answer| {
            metadata(answer, |metadata| {
                metadata.total_latency.as_mut().unwrap().seconds = 3600;
            });
        }),
        planted("role-is-assistant", whole, |answer| {
            answer.message.as_mut().unwrap().role = Role::User.into();
        }),
        planted("text-is-the-message", whole, |answer| answer.text.push('!')),
        planted("blocks-have-a-kind", whole, |answer| {
            blocks(answer).push(ContentBlock { block: None });
        }),
        planted("stop-reason-matches-content", whole, |answer| {
            answer.stop_reason = StopReason::ToolUse.into();
        }),
        planted("tool-use-complete", with_tool, |answer| {
            if let Some(Block::ToolUse(call)) = &mut blocks(answer)[1].block {
                call.input_json.pop();
            }
        }),
        planted("tool-was-offered", with_tool, |answer| {
            if let Some(Block::ToolUse(call)) = &mut blocks(answer)[1].block {
                call.name.push('s');
            }
        }),
        planted("reasoning-names-its-model", whole, |answer| {
            let block = Some(Block::Reasoning(ReasoningBlock::default()));
            blocks(answer).insert(0, ContentBlock { block });
        }),
    ]
}

fn faults_of_ledgers() -> Vec<Planted> {
    let planted = |rule, case, change| Planted {
        rule,
        case,
        broken: Break::Answer(change),
    };
    vec![
        planted("ledger-ends-with-success", whole, |answer| {
            ledger(answer)[0].state = State::Cancelled.into();
        }),
        planted("ledger-in-order", whole, |answer| {
            ledger(answer)[0].number = 5;
        }),
        planted("ledger-says-why", whole, |answer| {
            ledger(answer).insert(0, attempt(1, State::Skipped));
            ledger(answer)[1].number = 2;
        }),
        planted("ledger-matches-answer", whole, |answer| {
            ledger(answer)[0].model = "other".to_owned();
        }),
        planted("usage-present", whole, |answer| {
            metadata(answer, |metadata| metadata.usage = None);
        }),
        planted("usage-adds-up", whole, |answer| {
            metadata(answer, |metadata| {
                metadata.usage.as_mut().unwrap().total_tokens = 31;
            });
        }),
        planted("max-tokens-kept", whole, |answer| {
            metadata(answer, |metadata| {
                let usage = metadata.usage.as_mut().unwrap();
                (usage.output_tokens, usage.total_tokens) = (100, 110);
                let cost = metadata.cost.as_mut().unwrap();
                (cost.output_nanos, cost.total_nanos) = (1_500_000, 1_530_000);
                metadata.total_cost.clone_from(&metadata.cost);
            });
        }),
        planted("cost-present", whole, |answer| {
            metadata(answer, |metadata| {
                (metadata.cost, metadata.total_cost) = (None, None);
            });
        }),
        planted("cost-adds-up", whole, |answer| {
            metadata(answer, |metadata| {
                metadata.cost.as_mut().unwrap().total_nanos += 1;
                metadata.total_cost.clone_from(&metadata.cost);
            });
        }),
        planted("cost-follows-prices", whole, |answer| {
            metadata(answer, |metadata| {
                let cost = metadata.cost.as_mut().unwrap();
                (cost.input_nanos, cost.total_nanos) = (30_001, 330_001);
                metadata.total_cost.clone_from(&metadata.cost);
            });
        }),
    ]
}

fn faults_of_costs() -> Vec<Planted> {
    let planted = |rule, change| Planted {
        rule,
        case: whole,
        broken: Break::Answer(change),
    };
    vec![
        planted("cost-follows-prices", |answer| {
            metadata(answer, |metadata| {
                metadata.cost.as_mut().unwrap().currency_code = "EUR".to_owned();
                metadata.total_cost.clone_from(&metadata.cost);
            });
        }),
        planted("cost-follows-prices", |answer| {
            metadata(answer, |metadata| {
                metadata.usage.as_mut().unwrap().cache_write_input_tokens = 1_000;
                metadata.total_cost.clone_from(&metadata.cost);
            });
        }),
        planted("total-cost-covers-attempts", |answer| {
            metadata(answer, |metadata| {
                metadata.total_cost.as_mut().unwrap().total_nanos += 1;
            });
        }),
        planted("total-cost-covers-attempts", |answer| {
            metadata(answer, |metadata| metadata.total_cost = None);
        }),
    ]
}

fn faults_of_streams() -> Vec<Planted> {
    let planted = |rule, case, change| Planted {
        rule,
        case,
        broken: Break::Events(change),
    };
    vec![
        planted("stream-complete", streamed, |events| drop(events.pop())),
        planted("event-order", streamed, |events| events.swap(0, 1)),
        planted("block-order", streamed, |events| drop(events.remove(3))),
        planted("delta-matches-block", streamed, |events| {
            if let Event::ContentBlockDelta(delta) = &mut events[2] {
                delta.delta = Some(Delta::ToolUse(Default::default()));
            }
        }),
        planted("message-start-names-the-answer", streamed, |events| {
            if let Event::MessageStart(start) = &mut events[0] {
                start.model = "other".to_owned();
            }
        }),
        planted("heartbeat-only-on-request", streamed, |events| {
            events.insert(2, Event::Heartbeat(HeartbeatEvent {}));
        }),
        planted("restart-only-on-request", streamed, |events| {
            let discards = AttemptEvent {
                output_discarded: true,
                ..AttemptEvent::default()
            };
            events.insert(0, Event::Attempt(Box::new(discards)));
        }),
        planted("time-to-first-token-present", streamed, |events| {
            if let Some(Event::Metadata(metadata)) = events.last_mut() {
                metadata.time_to_first_token = None;
            }
        }),
        planted("unary-equals-stream", both, |events| {
            if let Event::ContentBlockDelta(delta) = &mut events[2] {
                delta.delta = Some(Delta::Text("well don".to_owned()));
            }
        }),
    ]
}

fn faults_of_failures() -> Vec<Planted> {
    let planted = |rule, case, change| Planted {
        rule,
        case,
        broken: Break::Failure(change),
    };
    vec![
        planted("error-names-its-reason", refused, |failure| {
            failure.info.reason = "BAD_DAY".to_owned();
        }),
        planted("code-matches-reason", refused, |failure| {
            failure.code = Code::Internal;
        }),
        planted("error-has-request-id", refused, |failure| {
            failure.request_id = None;
        }),
        planted("violations-name-fields", refused, |failure| {
            failure.violations.clear();
        }),
        planted("failure-tells-the-attempts", throttled, |failure| {
            let metadata = failure.failure.as_mut().unwrap().metadata.as_mut().unwrap();
            metadata.attempts.clear();
        }),
        planted("failure-ledger-in-order", throttled, |failure| {
            let metadata = failure.failure.as_mut().unwrap().metadata.as_mut().unwrap();
            metadata.attempts[1].number = 3;
        }),
        planted("failure-cost-covers-attempts", throttled, |failure| {
            let metadata = failure.failure.as_mut().unwrap().metadata.as_mut().unwrap();
            metadata.attempts[0].cost = Some(Cost {
                total_nanos: 5,
                ..Cost::default()
            });
        }),
        planted("output-started-is-true", interrupted, |failure| {
            failure.failure.as_mut().unwrap().output_started = false;
        }),
    ]
}

fn other_faults() -> Vec<Planted> {
    let planted = |rule, case, broken| Planted { rule, case, broken };
    vec![
        planted("ends-by-its-deadline", impatient, Break::Silence),
        planted(
            "headers-name-the-model",
            whole,
            Break::Headers(|headers| drop(headers.remove("x-served-model"))),
        ),
        planted(
            "count-is-positive",
            counted,
            Break::Count(|count| count.input_tokens = 0),
        ),
        planted(
            "count-names-the-model",
            counted,
            Break::Count(|count| count.model.clear()),
        ),
        planted(
            "models-in-order",
            listed,
            Break::List(|models| models.reverse()),
        ),
        planted(
            "models-unique",
            listed,
            Break::List(|models| models[1].aliases.push(MODEL.to_owned())),
        ),
        planted(
            "models-described",
            listed,
            Break::List(|models| models[1].state = model::State::Unspecified.into()),
        ),
        planted(
            "model-as-listed",
            got,
            Break::Model(|model| model.max_output_tokens += 1),
        ),
        planted(
            "model-as-listed",
            got,
            Break::Model(|model| model.name = "second".to_owned()),
        ),
        planted("model-as-listed", got_unlisted, Break::Nothing),
        planted(
            "pages-are-the-list",
            paged,
            Break::List(|models| {
                if models.len() == 1 {
                    models.clear();
                }
            }),
        ),
    ]
}
