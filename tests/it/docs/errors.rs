//! docs/errors.md: written from the reasons of the API, the table of what follows from a failure, and
//! the table of what people do about it.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::time::Duration;

use bedrock_gateway::grpc::status::help;
use bedrock_gateway::grpc::status::reason_name;
use bedrock_gateway::proto::ErrorReason;
use bedrock_gateway::proto::FILE_DESCRIPTOR_SET;
use bedrock_gateway::provider::CircuitEffect;
use bedrock_gateway::provider::ErrorKind;
use bedrock_gateway::provider::NextModel;
use bedrock_gateway::provider::SameModel;
use bedrock_gateway::reasons::Actor;
use bedrock_gateway::reasons::Repeat;
use bedrock_gateway::reasons::guidance;
use bedrock_gateway::routing::RouteError;
use prost_reflect::DescriptorPool;
use serde_json::Value;
use tonic::Code;

use super::page::Page;
use crate::proto::comments;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
const PAGE: &str = "docs/errors.md";

/// All kinds of failure, in the order of their definition.
const KINDS: [ErrorKind; 29] = [
    ErrorKind::Throttled,
    ErrorKind::DailyQuota,
    ErrorKind::Quota,
    ErrorKind::NotReady,
    ErrorKind::Unavailable,
    ErrorKind::Internal,
    ErrorKind::Unreachable,
    ErrorKind::OutOfConnections,
    ErrorKind::ModelTimeout,
    ErrorKind::AttemptTimeout,
    ErrorKind::ModelError,
    ErrorKind::ModelRejected,
    ErrorKind::AccessDenied,
    ErrorKind::PromptCachingRefused,
    ErrorKind::Credentials,
    ErrorKind::NotFound,
    ErrorKind::UseCaseMissing,
    ErrorKind::Legacy,
    ErrorKind::EndOfLife,
    ErrorKind::NeedsProfile,
    ErrorKind::ContextTooLong,
    ErrorKind::FieldRefused,
    ErrorKind::CannotCount,
    ErrorKind::Validation,
    ErrorKind::InvalidRequest,
    ErrorKind::UnknownClient,
    ErrorKind::UnknownServer,
    ErrorKind::BadAnswer,
    ErrorKind::Truncated,
];

const INTRODUCTION: &str = "\
# Errors

<!-- Generated from the program. To write it anew: UPDATE_GENERATED=1 cargo test generated -->

A call that fails ends with a gRPC status: a code, a message for people, and details for programs. \
Decide by the reason in `google.rpc.ErrorInfo`, never by the message. A reason keeps its meaning and \
its code; new ones may come, and a program that does not know one decides by the code. \
[troubleshooting.md](troubleshooting.md) begins with what one sees and shows how to reproduce it.

| detail | when | what it says |
| --- | --- | --- |
| `google.rpc.ErrorInfo` | always | the reason; the domain `bedrock.gateway`; in `metadata` under `help` the \
section of this page, as a path from the root of the gateway's source, and facts such as `model`, `region`, `upstreamError`, `upstreamRequestId`, `attempts`, \
`field`, `replacement` |
| `google.rpc.RequestInfo` | always | the request id, also in the trailer `x-request-id` and in the log |
| `google.rpc.RetryInfo` | if the same request may succeed later | how long to wait; the trailer \
`grpc-retry-pushback-ms` says the same to gRPC libraries that retry by themselves, or -1, not to, \
if a model was called in vain |
| `google.rpc.BadRequest` | if fields are at fault | every one, with what is wrong |
| `google.rpc.PreconditionFailure` | with FAILED_PRECONDITION | what has to be mended before |
| `bedrock.gateway.v1.InvocationFailure` | if a model was called or passed over | every attempt with model, \
reason, time, tokens and cost; whether content was sent before |

All details together stay below 4.5 KiB, so that the trailers fit in the 8 KiB that many clients and \
proxies allow.

";

#[test]
fn generated_page_of_errors_is_current() {
    let generated = generated();
    let path = Path::new(ROOT).join(PAGE);
    if std::env::var_os("UPDATE_GENERATED").is_some() {
        fs::write(&path, &generated).unwrap();
    }

    assert!(
        fs::read_to_string(&path).unwrap_or_default() == generated,
        "{PAGE} is stale: run `UPDATE_GENERATED=1 cargo test generated` and commit what changed"
    );
}

#[test]
fn every_reason_has_a_section_where_errors_point() {
    let anchors = Page::read(PAGE).anchors();

    for reason in reasons() {
        let section = help(reason);
        let (page, anchor) = section.split_once('#').unwrap();
        assert_eq!(page, PAGE);
        assert!(anchors.iter().any(|there| there == anchor), "{section}");
    }
}

/// What reached callers, as it was reviewed: with a delay where the page says so, and with a section
/// that is there.
#[test]
fn errors_on_the_wire_keep_what_the_page_says() {
    let anchors = Page::read(PAGE).anchors();
    let mut seen = 0;
    for entry in fs::read_dir(Path::new(ROOT).join("tests/golden/failures")).unwrap() {
        let path = entry.unwrap().path();
        if !path.to_string_lossy().ends_with(".status.json") {
            continue;
        }
        let file: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        let nested = ["beforeContent", "afterContent"].map(|when| file.get(when));
        for status in nested.into_iter().flatten().chain([&file]) {
            let Some(name) = status["reason"].as_str() else {
                continue;
            };
            let reason = ErrorReason::from_str_name(&format!("ERROR_REASON_{name}")).unwrap();
            let has_delay = status.get("retryDelay").is_some();
            let repeat = guidance(reason).unwrap().repeat;
            let anchor = status["metadata"]["help"]
                .as_str()
                .and_then(|help| help.split_once('#'));
            let anchor = anchor
                .map(|(_, anchor)| anchor.to_owned())
                .unwrap_or_default();
            let place = path.display();
            assert_eq!(has_delay, repeat == Repeat::AfterDelay, "{place}: {name}");
            assert!(anchors.contains(&anchor), "{place}: {name}: {anchor}");
            seen += 1;
        }
    }

    assert!(seen > 20, "{seen}");
}

fn reasons() -> impl Iterator<Item = ErrorReason> {
    (1..).map_while(|number| ErrorReason::try_from(number).ok())
}

fn generated() -> String {
    let comments = reason_comments();
    let kinds = kind_comments();
    let mut text = INTRODUCTION.to_owned();
    text +=
        "| reason | code | the same request again | who can end it |\n| --- | --- | --- | --- |\n";
    for reason in reasons() {
        let guidance = guidance(reason).unwrap();
        let name = reason_name(reason);
        let _ = writeln!(
            text,
            "| [{name}](#{}) | {} | {} | {} |",
            name.to_ascii_lowercase(),
            code_name(RouteError::new(reason, String::new()).code),
            again(guidance.repeat),
            match guidance.actor {
                Actor::Caller => "the caller",
                Actor::Operator => "the operator",
            }
        );
    }
    for reason in reasons() {
        section(&mut text, reason, &comments, &kinds);
    }
    text
}

fn section(
    text: &mut String,
    reason: ErrorReason,
    comments: &[(String, String)],
    kinds: &[(String, String)],
) {
    let guidance = guidance(reason).unwrap();
    let (_, comment) = comments
        .iter()
        .find(|(name, _)| name == reason.as_str_name())
        .unwrap();
    let (code, meaning) = comment.split_once(". ").unwrap();
    let of_program = code_name(RouteError::new(reason, String::new()).code);
    assert!(
        code.starts_with(&of_program),
        "{reason:?}: {code}, {of_program}"
    );
    let _ = write!(
        text,
        "\n## {}\n\n{meaning}\n\n- **Code:** {code}.\n- **When:** {}.\n- **The caller:** {}.\n\
         - **The operator:** {}.\n- **The same request again:** {}.\n",
        reason_name(reason),
        guidance.when,
        guidance.caller,
        guidance.operator,
        again(guidance.repeat),
    );
    if !guidance.gateway.is_empty() {
        let _ = writeln!(text, "- **The gateway itself:** {}.", guidance.gateway);
    }
    let rows = KINDS
        .iter()
        .zip(kinds)
        .filter(|(kind, _)| kind.consequence().reason == reason);
    for (index, (kind, (_, comment))) in rows.enumerate() {
        if index == 0 {
            *text += "\n| what failed | the same model again | another model | the circuit of the model |\n\
                 | --- | --- | --- | --- |\n";
        }
        assert_eq!(code_name(kind.consequence().code), of_program, "{kind:?}");
        *text += &row(*kind, comment);
    }
}

fn row(kind: ErrorKind, comment: &str) -> String {
    let consequence = kind.consequence();
    let same_model = match consequence.same_model {
        SameModel::Never => "no",
        SameModel::Once => "once",
        SameModel::Yes => "as often as the limits on retries allow",
        SameModel::IfLast => "only if no other is left, after the delay that Bedrock asks for",
        SameModel::WithoutCachePoints => "once, at once, without cache points",
        SameModel::WithoutRefused => "at once, without what it refused, if that may be left out",
    };
    let next_model = match consequence.next_model {
        NextModel::Never => "no",
        NextModel::Yes => "yes",
        NextModel::LargerWindow => "one with a larger context window",
    };
    let circuit = match consequence.circuit {
        CircuitEffect::Nothing => "stays as it is".to_owned(),
        CircuitEffect::Counts => "counts it; several open the circuit".to_owned(),
        CircuitEffect::Suspends(suspension) => {
            let steps: Vec<_> = suspension.steps.iter().copied().map(duration).collect();
            let in_a_row = if steps.len() > 1 { ", in a row" } else { "" };
            format!("left alone for {}{in_a_row}", steps.join(", "))
        }
    };
    let what = comment.trim_end_matches('.');
    format!("| {what} | {same_model} | {next_model} | {circuit} |\n")
}

fn again(repeat: Repeat) -> &'static str {
    match repeat {
        Repeat::AtOnce => "at once",
        Repeat::AfterDelay => "after the delay in RetryInfo",
        Repeat::AfterChange => "only after a change",
    }
}

/// "10m".
fn duration(duration: Duration) -> String {
    match duration.as_secs() {
        seconds if seconds % 3_600 == 0 => format!("{} h", seconds / 3_600),
        seconds if seconds % 60 == 0 => format!("{} min", seconds / 60),
        seconds => format!("{seconds} s"),
    }
}

/// "RESOURCE_EXHAUSTED".
fn code_name(code: Code) -> String {
    let mut name = String::new();
    for letter in format!("{code:?}").chars() {
        if letter.is_ascii_uppercase() && !name.is_empty() {
            name.push('_');
        }
        name.push(letter.to_ascii_uppercase());
    }
    name
}

/// Reasons with their comments in the definition of the API, on one line each.
fn reason_comments() -> Vec<(String, String)> {
    let pool = DescriptorPool::decode(FILE_DESCRIPTOR_SET).unwrap();
    let reasons = pool
        .get_enum_by_name("bedrock.gateway.v1.ErrorReason")
        .unwrap();
    let comments = comments(&reasons).into_iter();
    comments
        .map(|(name, comment)| {
            let words: Vec<_> = comment.split_whitespace().collect();
            (name, words.join(" "))
        })
        .collect()
}

/// Kinds of failure with their comments in the source, as in [`KINDS`].
fn kind_comments() -> Vec<(String, String)> {
    let source = include_str!("../../../src/provider/error.rs");
    let (_, definition) = source.split_once("pub enum ErrorKind {\n").unwrap();
    let (definition, _) = definition.split_once("\n}\n").unwrap();
    let mut kinds = Vec::new();
    let mut comment = Vec::new();
    for line in definition.lines().map(str::trim) {
        match line.strip_prefix("/// ") {
            Some(words) => comment.push(words),
            None => {
                kinds.push((line.trim_end_matches(',').to_owned(), comment.join(" ")));
                comment.clear();
            }
        }
    }
    let names: Vec<_> = kinds.iter().map(|(name, _)| name.clone()).collect();
    assert_eq!(
        names,
        KINDS.map(|kind| format!("{kind:?}")),
        "KINDS is not complete"
    );
    kinds
}
