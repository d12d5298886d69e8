//! Dresses answers, refusals and broken things as HTTP responses with the service's headers.

use std::sync::Arc;

use bytes::Bytes;
use http::HeaderValue;
use http::Response;
use http::StatusCode;
use http::header::CONTENT_LENGTH;
use http::header::CONTENT_TYPE;
use http::header::RETRY_AFTER;
use uuid::Uuid;

use crate::emulator::body::Player;
use crate::emulator::body::ReplyBody;
use crate::emulator::body::Step;
use crate::emulator::connection::ResetSwitch;
use crate::emulator::errors::Refusal;
use crate::emulator::faults;
use crate::emulator::frames::EVENT_STREAM;
use crate::emulator::journal::Outcome;
use crate::emulator::journal::Ticket;
use crate::emulator::operations::Said;
use crate::emulator::options::Framing;
use crate::emulator::route::Operation;
use crate::emulator::scenario::Scenario;

const REQUEST_ID: &str = "x-amzn-requestid";
const ERROR_TYPE: &str = "x-amzn-errortype";
const JSON: &str = "application/json";

/// What a response needs to know of its connection.
pub(super) struct Exchange {
    pub(super) framing: Framing,
    pub(super) reset: Arc<ResetSwitch>,
}

impl Exchange {
    fn play(self, steps: Vec<Step>, ticket: Ticket, outcome: Outcome) -> ReplyBody {
        let player = Player::new(steps, self.framing, self.reset, ticket, outcome);
        ReplyBody::Played(Box::new(player))
    }
}

/// An answer, in pieces or broken where the scenario says so.
pub(super) fn said(
    said: Said,
    scenario: &Scenario,
    exchange: Exchange,
    ticket: Ticket,
) -> Response<ReplyBody> {
    let fault = scenario.fault.as_ref();
    let outcome = fault.map_or(Outcome::Answered, |fault| Outcome::Fault(fault.name()));
    match said {
        Said::Streamed { events, is_raw } => {
            let steps = faults::steps(events, scenario.delay, fault);
            let body = exchange.play(steps, ticket, outcome);
            let mut response = response(StatusCode::OK, EVENT_STREAM, body);
            if is_raw {
                let headers = response.headers_mut();
                headers.insert(
                    "x-amzn-bedrock-content-type",
                    HeaderValue::from_static(JSON),
                );
            }
            response
        }
        Said::Whole { body, counted } => {
            let body = Bytes::from(body.to_string());
            let length = HeaderValue::from(body.len());
            let broken = fault.and_then(|fault| faults::broken_body(&body, fault));
            let mut response = match broken {
                Some(steps) => {
                    let body = exchange.play(steps, ticket, outcome);
                    response(StatusCode::OK, JSON, body)
                }
                None => {
                    ticket.close(Outcome::Answered);
                    response(StatusCode::OK, JSON, ReplyBody::whole(body))
                }
            };
            let headers = response.headers_mut();
            headers.insert(CONTENT_LENGTH, length);
            if let Some((input, output)) = counted {
                headers.insert("x-amzn-bedrock-input-token-count", HeaderValue::from(input));
                headers.insert(
                    "x-amzn-bedrock-output-token-count",
                    HeaderValue::from(output),
                );
                headers.insert("x-amzn-bedrock-invocation-latency", HeaderValue::from(1));
            }
            response
        }
    }
}

pub(super) fn refusal(refusal: &Refusal) -> Response<ReplyBody> {
    let mut response = response(refusal.status, JSON, ReplyBody::whole(refusal.body()));
    let headers = response.headers_mut();
    // A name that fits no header can only come from a scenario, and then goes without.
    if let Ok(error_type) = HeaderValue::from_str(&refusal.error_type()) {
        headers.insert(ERROR_TYPE, error_type);
    }
    if let Some(Ok(seconds)) = refusal.retry_after.as_deref().map(HeaderValue::from_str) {
        headers.insert(RETRY_AFTER, seconds);
    }
    response
}

/// What a proxy in between answers.
pub(super) fn html(status: StatusCode) -> Response<ReplyBody> {
    let reason = status.canonical_reason().unwrap_or("Unknown");
    let code = status.as_u16();
    let page = format!(
        "<html>\r\n<head><title>{code} {reason}</title></head>\r\n<body>\r\n<center><h1>{code} \
         {reason}</h1></center>\r\n</body>\r\n</html>\r\n"
    );
    let mut response = Response::new(ReplyBody::whole(page));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static("text/html"));
    response
}

/// A body nobody can read.
pub(super) fn garbage(status: u16, operation: Operation) -> Response<ReplyBody> {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY);
    if !status.is_success() {
        return html(status);
    }
    if operation.is_streamed() {
        let noise = Bytes::from_static(b"\x00\x00\xff\xfe neither lengths nor checksums \x07\x80");
        response(status, EVENT_STREAM, ReplyBody::whole(noise))
    } else {
        response(status, JSON, ReplyBody::whole("{\"output\":{\"message\":"))
    }
}

pub(super) fn json(status: StatusCode, body: impl Into<Bytes>) -> Response<ReplyBody> {
    response(status, JSON, ReplyBody::whole(body))
}

fn response(status: StatusCode, kind: &'static str, body: ReplyBody) -> Response<ReplyBody> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    let mut text = Uuid::encode_buffer();
    let id: &str = Uuid::now_v7().as_hyphenated().encode_lower(&mut text);
    if let Ok(id) = HeaderValue::from_str(id) {
        headers.insert(REQUEST_ID, id);
    }
    response
}
