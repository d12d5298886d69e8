//! Reasons that come from Bedrock, or from the way there.

use super::guidance::Actor;
use super::guidance::Guidance;
use super::guidance::Repeat;

pub(super) const VALIDATION_FAILED: &Guidance = &Guidance {
    when: "Bedrock or the model refuses the request; the message is theirs, shortened",
    caller: "the model refuses the request; its message says which part: correct it, or name another \
             model",
    operator: "nothing, unless the registry claims what the model cannot do",
    actor: Actor::Caller,
    repeat: Repeat::AfterChange,
    gateway: "",
};

pub(super) const CONTEXT_WINDOW_EXCEEDED: &Guidance = &Guidance {
    when: "the input, or input and max_tokens together, does not fit the model's context window; \
           found by Bedrock, or by the gateway from the least number of tokens the input can have",
    caller: "shorten the conversation, lower max_tokens, or name a model with a larger context",
    operator: "add a model with a larger context to the registry, for fallback",
    actor: Actor::Caller,
    repeat: Repeat::AfterChange,
    gateway: "",
};

pub(super) const THROTTLED: &Guidance = &Guidance {
    when: "the account's requests or tokens per minute for the model are used up",
    caller: "wait as long as RetryInfo says, allow fallback to other models, and set max_tokens: \
             Bedrock counts all of it against the quota when a call begins",
    operator: "the account's rate is used up: ask AWS for a higher quota, use an inference profile, \
               or add models to fall back to",
    actor: Actor::Caller,
    repeat: Repeat::AfterDelay,
    gateway: "",
};

pub(super) const QUOTA_EXCEEDED: &Guidance = &Guidance {
    when: "the account's tokens of the day, or another fixed quota, are used up",
    caller: "allow fallback to other models; waiting for a short time does not help",
    operator: "a quota of the account is used up: ask AWS to raise it, or wait for the next day",
    actor: Actor::Operator,
    repeat: Repeat::AfterChange,
    gateway: "",
};

pub(super) const ACCESS_DENIED: &Guidance = &Guidance {
    when: "the gateway's role may not call the model, the account has no access to it, or the model \
           does not take cache points",
    caller: "allow fallback to other models, and tell the operator",
    operator: "give the gateway's role bedrock:InvokeModel and bedrock:InvokeModelWithResponseStream \
               on the model and its inference profile in every region of the profile, as `bedrock-gateway iam-policy` writes it; the \
               account in profile ARNs must be your own (registry.profile_account)",
    actor: Actor::Operator,
    repeat: Repeat::AfterChange,
    gateway: "",
};

pub(super) const CREDENTIALS_INVALID: &Guidance = &Guidance {
    when: "the gateway has no AWS credentials, or AWS rejects them: unknown, expired, wrongly signed",
    caller: "tell the operator; no model can answer",
    operator: "AWS refuses the gateway's credentials: check that they are set, not expired, and that \
               its clock is right; the log says which",
    actor: Actor::Operator,
    repeat: Repeat::AfterChange,
    gateway: "",
};

pub(super) const RESOURCE_NOT_FOUND: &Guidance = &Guidance {
    when: "Bedrock does not know the model id or inference profile of the registry, does not offer \
           it any more or not to the account, or offers it only through an inference profile",
    caller: "allow fallback to other models, and tell the operator",
    operator: "Bedrock does not offer this to the account: check model id, inference profile and \
               region in the registry; if the message speaks of use case details, fill in the form \
               in the model catalog of the Bedrock console; if of a legacy model, replace it",
    actor: Actor::Operator,
    repeat: Repeat::AfterChange,
    gateway: "",
};

pub(super) const MODEL_NOT_READY: &Guidance = &Guidance {
    when: "Bedrock is loading the model, as it does for imported and provisioned ones",
    caller: "the model is being loaded: call again after the delay that RetryInfo names",
    operator: "nothing",
    actor: Actor::Caller,
    repeat: Repeat::AfterDelay,
    gateway: "",
};

pub(super) const MODEL_ERROR: &Guidance = &Guidance {
    when: "the model failed while it processed the request",
    caller: "the model failed: call again, or allow fallback",
    operator: "nothing, unless it happens often",
    actor: Actor::Caller,
    repeat: Repeat::AfterDelay,
    gateway: "",
};

pub(super) const MODEL_TIMEOUT: &Guidance = &Guidance {
    when: "Bedrock gave the model up because it took too long; the tokens may be billed",
    caller: "the model took too long: ask for fewer tokens, or stream",
    operator: "nothing, unless it happens often",
    actor: Actor::Caller,
    repeat: Repeat::AfterDelay,
    gateway: "",
};

pub(super) const INTERNAL: &Guidance = &Guidance {
    when: "Bedrock had an internal error",
    caller: "Bedrock has trouble: call again later, or allow fallback",
    operator: "look at the AWS Health Dashboard if it stays",
    actor: Actor::Caller,
    repeat: Repeat::AfterDelay,
    gateway: "",
};

pub(super) const UNAVAILABLE: &Guidance = &Guidance {
    when: "Bedrock, or a proxy before it, has no capacity for the call",
    caller: "Bedrock has trouble: call again later, or allow fallback",
    operator: "look at the AWS Health Dashboard if it stays; inference profiles reach the capacity \
               of several regions",
    actor: Actor::Caller,
    repeat: Repeat::AfterDelay,
    gateway: "",
};

pub(super) const UNREACHABLE: &Guidance = &Guidance {
    when: "there was no answer: name resolution, connection or TLS failed, or the connection was \
           lost before the answer began",
    caller: "call again later, and tell the operator",
    operator: "the gateway cannot reach Bedrock: check its network, DNS, bedrock.endpoint and \
               bedrock.region",
    actor: Actor::Operator,
    repeat: Repeat::AfterDelay,
    gateway: "",
};

pub(super) const PROTOCOL_ERROR: &Guidance = &Guidance {
    when: "Bedrock's answer could not be read, or it failed in a way that this version does not know",
    caller: "Bedrock's answer was damaged: call again, and tell the operator if it stays",
    operator: "look for a proxy between the gateway and Bedrock; report an exception that has no \
               place in this list",
    actor: Actor::Caller,
    repeat: Repeat::AfterDelay,
    gateway: "",
};

pub(super) const STREAM_TRUNCATED: &Guidance = &Guidance {
    when: "the stream from Bedrock ended before the message was complete and before the first piece \
           of it went to the caller",
    caller: "Bedrock's answer was damaged: call again, and tell the operator if it stays",
    operator: "look for a proxy between the gateway and Bedrock that cuts long answers",
    actor: Actor::Caller,
    repeat: Repeat::AfterDelay,
    gateway: "",
};
