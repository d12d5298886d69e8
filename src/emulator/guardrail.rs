//! Guardrails: what they examine, when they intervene, and what their trace tells.
//!
//! There are no policies to apply. Two words make any guardrail intervene, one in the prompt and one
//! in the answer, as if it had them on its list of custom words.

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

/// In a prompt, makes the guardrail block it.
const BLOCKED_INPUT: &str = "EMULATOR-BLOCKED-INPUT";
/// In a prompt, makes the guardrail block the answer.
const BLOCKED_OUTPUT: &str = "EMULATOR-BLOCKED-OUTPUT";
/// What is answered instead.
const BLOCKED: &str = "[emulator] blocked by the guardrail";
/// Characters in one unit of text. Source: pricing of guardrails, seen 2026-11-22.
const CHARACTERS_PER_UNIT: usize = 1_000;

/// Where a guardrail intervened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Pass,
    BlocksInput,
    BlocksOutput,
}

/// The guardrail of one request.
#[derive(Debug, Clone)]
pub(super) struct Guardrail {
    identifier: String,
    version: String,
    origin: &'static str,
    trace: Trace,
    examined: String,
    all_characters: usize,
    images: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trace {
    Disabled,
    /// Only what was found.
    Enabled,
    /// Also what was looked for in vain.
    Full,
}

impl Guardrail {
    /// The guardrail that a request asks for, or that its account enforces if it names none.
    pub(super) fn of(body: &Value) -> Option<Self> {
        let config = body
            .get("guardrailConfig")
            .filter(|config| config.is_object())?;
        let said = |name: &str| {
            config
                .get(name)
                .and_then(Value::as_str)
                .filter(|text| !text.is_empty())
        };
        let identifier = said("guardrailIdentifier");
        let texts = Texts::of(body);
        Some(Self {
            identifier: identifier.unwrap_or("enforced").to_owned(),
            version: said("guardrailVersion").unwrap_or("1").to_owned(),
            origin: if identifier.is_some() {
                "REQUEST"
            } else {
                "ACCOUNT_ENFORCED"
            },
            trace: match said("trace") {
                Some("enabled") => Trace::Enabled,
                Some("enabled_full") => Trace::Full,
                _ => Trace::Disabled,
            },
            all_characters: texts.all.chars().count(),
            images: texts.images,
            // Guarded blocks, if there are any, are all that is examined.
            examined: if texts.guarded.is_empty() {
                texts.all
            } else {
                texts.guarded
            },
        })
    }

    pub(super) fn verdict(&self) -> Verdict {
        if self.examined.contains(BLOCKED_INPUT) {
            Verdict::BlocksInput
        } else if self.examined.contains(BLOCKED_OUTPUT) {
            Verdict::BlocksOutput
        } else {
            Verdict::Pass
        }
    }

    /// What is answered instead of the model's words.
    pub(super) fn message() -> &'static str {
        BLOCKED
    }

    /// `trace.guardrail`, unless it is switched off. `said` is what the model would have answered.
    pub(super) fn trace(&self, said: &str) -> Option<Value> {
        if self.trace == Trace::Disabled {
            return None;
        }
        let verdict = self.verdict();
        let id = self.id();
        let input = self.assessment(
            &self.examined,
            (verdict == Verdict::BlocksInput).then_some(BLOCKED_INPUT),
        );
        let mut trace = Map::new();
        trace.insert("inputAssessment".to_owned(), json!({id: input}));
        if verdict != Verdict::BlocksInput {
            let found = (verdict == Verdict::BlocksOutput).then_some(BLOCKED_OUTPUT);
            trace.insert("modelOutput".to_owned(), json!([said]));
            trace.insert(
                "outputAssessments".to_owned(),
                json!({id: [self.assessment(said, found)]}),
            );
        }
        if verdict != Verdict::Pass {
            trace.insert("actionReason".to_owned(), json!("Guardrail blocked."));
        }
        Some(Value::Object(trace))
    }

    fn assessment(&self, text: &str, found: Option<&str>) -> Value {
        let mut assessment = Map::new();
        let word = match found {
            Some(word) => Some(json!({"match": word, "action": "BLOCKED", "detected": true})),
            None if self.trace == Trace::Full => {
                Some(json!({"match": BLOCKED_INPUT, "action": "NONE", "detected": false}))
            }
            None => None,
        };
        if let Some(word) = word {
            let policy = json!({"customWords": [word], "managedWordLists": []});
            assessment.insert("wordPolicy".to_owned(), policy);
        }
        assessment.insert("invocationMetrics".to_owned(), self.metrics(text));
        assessment.insert("appliedGuardrailDetails".to_owned(), self.details());
        Value::Object(assessment)
    }

    fn metrics(&self, text: &str) -> Value {
        let characters = text.chars().count();
        json!({
            "guardrailProcessingLatency": 1,
            "usage": {
                "topicPolicyUnits": 0,
                "contentPolicyUnits": 0,
                "wordPolicyUnits": characters.div_ceil(CHARACTERS_PER_UNIT),
                "sensitiveInformationPolicyUnits": 0,
                "sensitiveInformationPolicyFreeUnits": 0,
                "contextualGroundingPolicyUnits": 0
            },
            "guardrailCoverage": {
                "textCharacters": {
                    "guarded": characters,
                    "total": self.all_characters.max(characters)
                },
                "images": {"guarded": self.images, "total": self.images}
            }
        })
    }

    fn details(&self) -> Value {
        let mut details = Map::new();
        details.insert("guardrailId".to_owned(), json!(self.id()));
        details.insert("guardrailVersion".to_owned(), json!(self.version));
        if self.identifier.starts_with("arn:") {
            details.insert("guardrailArn".to_owned(), json!(self.identifier));
        }
        details.insert("guardrailOrigin".to_owned(), json!([self.origin]));
        details.insert("guardrailOwnership".to_owned(), json!("SELF"));
        Value::Object(details)
    }

    /// The id at the end of an ARN, or the identifier itself.
    fn id(&self) -> &str {
        self.identifier.rsplit('/').next().unwrap_or_default()
    }
}

/// What a request says, in all and in guarded blocks.
#[derive(Default)]
struct Texts {
    all: String,
    guarded: String,
    images: usize,
}

impl Texts {
    fn of(body: &Value) -> Self {
        let mut texts = Self::default();
        let messages =
            items(body.get("messages")).flat_map(|message| items(message.get("content")));
        for block in items(body.get("system")).chain(messages) {
            let guarded = block
                .pointer("/guardContent/text/text")
                .and_then(Value::as_str);
            if let Some(text) = guarded {
                texts.guarded.push_str(text);
            }
            if let Some(text) = guarded.or_else(|| block.get("text")?.as_str()) {
                texts.all.push_str(text);
            }
            texts.images += usize::from(block.pointer("/guardContent/image").is_some());
        }
        texts
    }
}

fn items(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    value.and_then(Value::as_array).into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guardrail(trace: &str, content: &Value) -> Guardrail {
        let body = json!({
            "guardrailConfig": {
                "guardrailIdentifier": "arn:aws:bedrock:us-east-1:111122223333:guardrail/abc",
                "guardrailVersion": "7",
                "trace": trace
            },
            "messages": [{"role": "user", "content": content}]
        });
        Guardrail::of(&body).unwrap()
    }

    #[test]
    fn the_word_blocks_the_prompt_wherever_it_is_examined() {
        let plain = guardrail("enabled", &json!([{"text": "say EMULATOR-BLOCKED-INPUT"}]));
        let beside = guardrail(
            "enabled",
            &json!([
            {"text": "say EMULATOR-BLOCKED-INPUT"}, {"guardContent": {"text": {"text": "hello"}}}]),
        );

        let trace = plain.trace("").unwrap();

        assert_eq!(plain.verdict(), Verdict::BlocksInput);
        assert_eq!(beside.verdict(), Verdict::Pass);
        assert_eq!(
            trace["inputAssessment"]["abc"]["wordPolicy"]["customWords"][0]["action"],
            "BLOCKED"
        );
        assert_eq!(trace["actionReason"], "Guardrail blocked.");
        assert!(trace.get("outputAssessments").is_none());
    }

    #[test]
    fn the_trace_is_told_as_far_as_it_is_asked_for() {
        let content = json!([{"text": "hello"}]);

        let none = guardrail("disabled", &content).trace("hi");
        let some = guardrail("enabled", &content).trace("hi").unwrap();
        let full = guardrail("enabled_full", &content).trace("hi").unwrap();

        assert_eq!(none, None);
        assert_eq!(some["modelOutput"], json!(["hi"]));
        assert!(some["inputAssessment"]["abc"].get("wordPolicy").is_none());
        assert_eq!(
            full["outputAssessments"]["abc"][0]["wordPolicy"]["customWords"][0]["detected"],
            false
        );
    }

    #[test]
    fn a_guardrail_without_a_name_is_the_accounts() {
        let body = json!({"guardrailConfig": {"trace": "enabled"}, "messages": []});

        let trace = Guardrail::of(&body).unwrap().trace("").unwrap();

        let details = &trace["inputAssessment"]["enforced"]["appliedGuardrailDetails"];
        assert_eq!(details["guardrailOrigin"], json!(["ACCOUNT_ENFORCED"]));
    }
}
