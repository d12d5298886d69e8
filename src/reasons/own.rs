//! Reasons that are the gateway's own.

use super::guidance::Actor;
use super::guidance::Guidance;
use super::guidance::Repeat;

/// Nothing was called yet.
const BEFORE_ANY_CALL: &str = "refuses the request before any model is called";

/// A model is passed over, which does not fail a call as long as another can answer.
const PASSES_OVER: &str = "passes the model over and tries the next one, if the request allows it; \
     the call ends with this reason if no other model suits";

pub(super) const INVALID_REQUEST: &Guidance = &Guidance {
    when: "a field, the deadline or another header breaks a rule of the API, or the request cannot \
           be put to any model",
    caller: "correct every field that is named and call again",
    operator: "nothing",
    actor: Actor::Caller,
    repeat: Repeat::AfterChange,
    gateway: BEFORE_ANY_CALL,
};

pub(super) const MODEL_NOT_FOUND: &Guidance = &Guidance {
    when: "the request, or a check of health, names a model that is neither a name nor an alias in \
           the registry",
    caller: "see `bedrock-gateway models` for the names there are; of a model that was removed, \
             the metadata key `replacement` names another",
    operator: "add the model to the registry if it should be there",
    actor: Actor::Caller,
    repeat: Repeat::AfterChange,
    gateway: BEFORE_ANY_CALL,
};

pub(super) const MODEL_DISABLED: &Guidance = &Guidance {
    when: "the model has `\"enabled\": false` in the registry",
    caller: "name another model, or ask the operator to turn it on",
    operator: "take `\"enabled\": false` out of the model's entry; the change takes effect at once",
    actor: Actor::Caller,
    repeat: Repeat::AfterChange,
    gateway: PASSES_OVER,
};

pub(super) const MODEL_SUSPENDED: &Guidance = &Guidance {
    when: "earlier calls of every model that suits failed, so that they are left alone for a while",
    caller: "wait as long as RetryInfo says, or allow fallback to more models",
    operator: "read in the attempts or in the log why each model is left alone, and end that",
    actor: Actor::Caller,
    repeat: Repeat::AfterDelay,
    gateway: "ends the call at once, but calls the model whose next try is due first all the same: \
              once a second, and without this limit if it was only throttled or not ready",
};

pub(super) const CAPABILITY_UNSUPPORTED: &Guidance = &Guidance {
    when: "the request needs what no model that may answer has, such as images, tools, reasoning or \
           the counting of tokens; or every model is passed over, for different reasons",
    caller: "the attempts say why each model is passed over: name a model that can do it, see \
             `bedrock-gateway models --json`, or leave out what no model takes",
    operator: "nothing, unless `features` in the registry deny what the model can do",
    actor: Actor::Caller,
    repeat: Repeat::AfterChange,
    gateway: PASSES_OVER,
};

pub(super) const CALLER_UNAUTHENTICATED: &Guidance = &Guidance {
    when: "never in this version, which does not authenticate callers",
    caller: "send credentials that the gateway knows",
    operator: "nothing",
    actor: Actor::Caller,
    repeat: Repeat::AfterChange,
    gateway: BEFORE_ANY_CALL,
};

pub(super) const CALLER_FORBIDDEN: &Guidance = &Guidance {
    when: "never in this version, in which callers have no rights of their own",
    caller: "ask the operator for the right to use this model or method",
    operator: "give the caller the right, if it should have it",
    actor: Actor::Caller,
    repeat: Repeat::AfterChange,
    gateway: BEFORE_ANY_CALL,
};

pub(super) const RATE_LIMITED: &Guidance = &Guidance {
    when: "never in this version, in which callers have no limits of their own",
    caller: "wait, and send less than the gateway allows you",
    operator: "raise the caller's limit, if it should have more",
    actor: Actor::Caller,
    repeat: Repeat::AfterDelay,
    gateway: BEFORE_ANY_CALL,
};

pub(super) const OVERLOADED: &Guidance = &Guidance {
    when: "as many calls run as server.max_concurrent_calls allows, or on one connection as \
           server.max_concurrent_calls_per_connection does",
    caller: "wait as long as RetryInfo says; without RetryInfo most calls are refused, so do not \
             call again by yourself",
    operator: "the gateway is at its limit: add instances, or raise server.max_concurrent_calls if \
               there is memory for more",
    actor: Actor::Operator,
    repeat: Repeat::AfterDelay,
    gateway: "refuses the call before its body is read; nothing waits in a queue",
};

pub(super) const NOT_SERVING: &Guidance = &Guidance {
    when: "the gateway is shutting down and takes no more calls, or ends one that did not finish in \
           time",
    caller: "call again in a moment; another instance takes the call",
    operator: "nothing; server.drain_timeout says how long calls under way may go on",
    actor: Actor::Caller,
    repeat: Repeat::AfterDelay,
    gateway: "ends the call and tries no further model",
};

pub(super) const DEADLINE_EXCEEDED: &Guidance = &Guidance {
    when: "the deadline passed before the answer was complete: the caller's own, or \
           routing.default_invoke_deadline or routing.default_stream_deadline if it set none",
    caller: "give the call more time (`invoke --timeout`), ask for fewer tokens, or stream",
    operator: "look at the latency of the attempts in the log; raise the default deadlines if \
               callers set none",
    actor: Actor::Caller,
    repeat: Repeat::AfterChange,
    gateway: "drops the call of the model that runs, and begins none that has no time left; circuits \
              stay as they are",
};

pub(super) const ATTEMPT_TIMEOUT: &Guidance = &Guidance {
    when: "one call of a model exceeded the gateway's limit, its first event did not come in time, \
           or nothing came between two events for too long",
    caller: "stream, ask for fewer tokens, or raise `attempt_timeout` in the request",
    operator: "Bedrock was too slow: raise routing.attempt_timeout (BEDROCK_TIMEOUT), \
               routing.first_event_timeout or routing.idle_timeout, or give the model a limit of \
               its own",
    actor: Actor::Operator,
    repeat: Repeat::AfterDelay,
    gateway: "",
};

pub(super) const STREAM_INTERRUPTED: &Guidance = &Guidance {
    when: "an attempt failed after the first piece of its answer had gone to the caller; the last \
           attempt says why",
    caller: "the answer broke off: start over, what came so far cannot be continued; with \
             RECOVERY_RESTART (`invoke --stream --restart`) the gateway does it",
    operator: "nothing, unless it happens often; the last attempt says why",
    actor: Actor::Caller,
    repeat: Repeat::AtOnce,
    gateway: "repeats nothing after the first piece of an answer was sent, unless the caller asked \
              for RECOVERY_RESTART; the circuit is treated as the reason of the last attempt says",
};

pub(super) const ALL_ATTEMPTS_FAILED: &Guidance = &Guidance {
    when: "several attempts failed, for different reasons",
    caller: "see the reason of each attempt; if there is a RetryInfo, call again after its delay",
    operator: "see the reason of each attempt",
    actor: Actor::Caller,
    repeat: Repeat::AfterDelay,
    gateway: "has tried every model that the request and its limits allow",
};

pub(super) const INTERNAL: &Guidance = &Guidance {
    when: "a defect of the gateway ended the call",
    caller: "report it to the operator with the request id",
    operator: "this is a defect of the gateway: report it with the request id and the line of the \
               log that begins with `panicked`",
    actor: Actor::Operator,
    repeat: Repeat::AfterChange,
    gateway: "ends this call alone; all others go on",
};

pub(super) const FIELD_NOT_IMPLEMENTED: &Guidance = &Guidance {
    when: "the request sets a field that this version cannot carry to Bedrock; this version carries \
           all fields that it knows",
    caller: "leave out the fields that are named, or have the gateway updated",
    operator: "update the gateway if callers need the fields",
    actor: Actor::Caller,
    repeat: Repeat::AfterChange,
    gateway: BEFORE_ANY_CALL,
};

pub(super) const MODEL_RETIRED: &Guidance = &Guidance {
    when: "the registry says that the model is past its end of life, or Bedrock said so when it was \
           called within the last day",
    caller: "name the replacement, or allow fallback to other models",
    operator: "replace the model in the registry; registry.try_retired_models calls it all the same, \
               for as long as Bedrock answers",
    actor: Actor::Caller,
    repeat: Repeat::AfterChange,
    gateway: PASSES_OVER,
};

pub(super) const MODEL_NOT_IN_REGION: &Guidance = &Guidance {
    when: "the registry says that the model is not offered in bedrock.region",
    caller: "name another model, or allow fallback to other models",
    operator: "change bedrock.region (AWS_REGION), or the model's `regions` in the registry if it \
               is offered there by now",
    actor: Actor::Operator,
    repeat: Repeat::AfterChange,
    gateway: PASSES_OVER,
};
