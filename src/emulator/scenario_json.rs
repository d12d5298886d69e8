//! Scenarios as people write them, in a file or to the control endpoint.
//!
//! `{"reply": {"text": "hi"}, "delay": {"headersMs": 50}, "cut": {"afterEvents": 2}, "times": 3}`: what
//! is said, how long it takes, at most one fault, and for how many calls (always, if not given). A
//! list of such objects is used up one by one, and then the model answers as usual. Members of `reply`
//! are those of [`Reply`], faults are named as the variants of [`Fault`]. An unknown member is an
//! error; what stands in `content`, `members` and `events` is Bedrock's language and goes out as
//! written.

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::emulator::scenario::Delay;
use crate::emulator::scenario::Fault;
use crate::emulator::scenario::Reply;
use crate::emulator::scenario::Scenario;

/// Copies of a scenario that one member `times` may ask for.
const MAX_TIMES: u64 = 10_000;

/// Why a scenario could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("scenario for {model}: {problem}")]
pub struct ScenarioError {
    /// The model it was meant for.
    pub model: String,
    /// What is wrong, with the member's name.
    pub problem: String,
}

/// What was written for one model: scenarios to use up, and the one that stays.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Plan {
    pub(super) queue: Vec<Scenario>,
    pub(super) steady: Option<Scenario>,
}

impl Plan {
    /// Reads one scenario or a list; a list is used up, so is an object with `times`.
    pub(super) fn read(model: &str, written: &Value) -> Result<Self, ScenarioError> {
        let failed = |problem| ScenarioError {
            model: model.to_owned(),
            problem,
        };
        let mut plan = Self::default();
        if let Value::Array(items) = written {
            for item in items {
                let (scenario, times) = scenario(item).map_err(failed)?;
                plan.repeat(&scenario, times.unwrap_or(1));
            }
        } else {
            match scenario(written).map_err(failed)? {
                (scenario, None) => plan.steady = Some(scenario),
                (scenario, Some(times)) => plan.repeat(&scenario, times),
            }
        }
        Ok(plan)
    }

    fn repeat(&mut self, scenario: &Scenario, times: u64) {
        for _ in 0..times.min(MAX_TIMES) {
            self.queue.push(scenario.clone());
        }
    }
}

/// Reads a file of plans: `{"claude-opus-4-1": {…}, "*": [{…}, {…}]}`.
pub(super) fn read_file(text: &str) -> Result<Vec<(String, Plan)>, ScenarioError> {
    let all = "the scenario file";
    let models: Map<String, Value> = serde_json::from_str(text).map_err(|error| ScenarioError {
        model: all.to_owned(),
        problem: error.to_string(),
    })?;
    models
        .iter()
        .map(|(model, written)| Ok((model.clone(), Plan::read(model, written)?)))
        .collect()
}

fn scenario(written: &Value) -> Result<(Scenario, Option<u64>), String> {
    let members = written.as_object().ok_or("expected an object")?;
    let mut scenario = Scenario::default();
    let mut times = None;
    for (name, value) in members {
        match name.as_str() {
            "reply" => scenario.reply = reply(value)?,
            "delay" => scenario.delay = member::<Delay>(name, value)?,
            "times" => times = Some(member::<u64>(name, value)?),
            _ => {
                // Every other member is a fault, named as the variants of the enum are.
                let fault = serde_json::from_value::<Fault>(json!({ name: value }))
                    .map_err(|error| format!("`{name}`: {error}"))?;
                if let Some(first) = scenario.fault.replace(fault) {
                    let first = first.name();
                    return Err(format!("`{first}` and `{name}` cannot both happen"));
                }
            }
        }
    }
    Ok((scenario, times))
}

fn reply(value: &Value) -> Result<Reply, String> {
    let reply = member::<Reply>("reply", value)?;
    if reply.content.is_some() && (reply.text.is_some() || reply.tool_use.is_some()) {
        return Err("`reply`: `content` stands instead of `text` and `toolUse`".to_owned());
    }
    let blocks = reply.content.iter().flatten();
    if !blocks.chain(reply.events.iter().flatten()).all(is_union) {
        return Err("`reply`: `content` and `events` hold objects with one member".to_owned());
    }
    if reply.members.contains_key("output") {
        return Err("`reply`: `output` is said with `content`".to_owned());
    }
    Ok(reply)
}

fn is_union(value: &Value) -> bool {
    value.as_object().is_some_and(|members| members.len() == 1)
}

fn member<T: serde::de::DeserializeOwned>(name: &str, value: &Value) -> Result<T, String> {
    T::deserialize(value).map_err(|error| format!("`{name}`: {error}"))
}

/// A scenario as the control endpoint lists it.
pub(super) fn written(scenario: &Scenario) -> Value {
    let mut members = match scenario.fault.as_ref().map(serde_json::to_value) {
        Some(Ok(Value::Object(fault))) => fault,
        _ => Map::new(),
    };
    if scenario.reply != Reply::default() {
        members.insert("reply".to_owned(), json!(scenario.reply));
    }
    if scenario.delay != Delay::default() {
        members.insert("delay".to_owned(), json!(scenario.delay));
    }
    Value::Object(members)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(written: Value) -> Result<Plan, String> {
        Plan::read("m", &written).map_err(|error| error.to_string())
    }

    #[test]
    fn an_object_stays_and_a_list_is_used_up() {
        let steady = read(json!({"reply": {"text": "hi"}})).unwrap();
        let queued = read(json!([{"exception": {"name": "X"}}, {"hang": {}, "times": 2}])).unwrap();

        assert_eq!(steady.steady, Some(Scenario::reply("hi")));
        assert_eq!(queued.queue.len(), 3);
        assert_eq!(queued.steady, None);
    }

    #[test]
    fn an_unknown_member_is_an_error_that_names_it() {
        let top = read(json!({"thrott1e": {}})).unwrap_err();
        let nested = read(json!({"delay": {"header_ms": 3}})).unwrap_err();

        assert!(top.contains("thrott1e"), "{top}");
        assert!(nested.contains("header_ms"), "{nested}");
        let fault = read(json!({"cut": {"afterEvent": 3}})).unwrap_err();
        assert!(fault.contains("afterEvent"), "{fault}");
    }

    #[test]
    fn two_faults_in_one_scenario_are_an_error() {
        let error =
            read(json!({"cut": {"afterEvents": 1}, "truncate": {"afterEvents": 1}})).unwrap_err();

        assert!(error.contains("`cut` and `truncate`"), "{error}");
    }

    #[test]
    fn a_reply_that_says_two_things_or_no_block_is_an_error() {
        let twice = read(json!({"reply": {"text": "a", "content": []}})).unwrap_err();
        let no_block = read(json!({"reply": {"content": [{"text": "a", "image": {}}]}}));
        let no_event = read(json!({"reply": {"events": ["messageStart"]}}));
        let output = read(json!({"reply": {"members": {"output": {}}}})).unwrap_err();

        assert!(twice.contains("`content` stands instead"), "{twice}");
        assert!(no_block.unwrap_err().contains("objects with one member"));
        assert!(no_event.unwrap_err().contains("objects with one member"));
        assert!(output.contains("`output`"), "{output}");
    }

    #[test]
    fn what_is_listed_can_be_read_again() {
        let text = concat!(
            r#"{"reset":{"afterEvents":2},"reply":{"content":[{"toolUse":{"toolUseId":"t","name":"f","#,
            r#""input":{"z":1.50,"a":123456789012345678901234567890}}}],"#,
            r#""members":{"stopReason":"new"}},"delay":{"headersMs":5,"firstEventMs":0,"#,
            r#""firstTokenMs":0,"betweenEventsMs":1}}"#
        );

        let plan = read(serde_json::from_str(text).unwrap()).unwrap();

        assert_eq!(written(&plan.steady.unwrap()).to_string(), text);
    }
}
