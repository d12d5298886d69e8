//! From a request to its response: who, which model, which scenario, which answer.

use std::sync::Arc;

use bytes::Bytes;
use http::HeaderValue;
use http::Request;
use http::Response;
use http::StatusCode;
use http::header::DATE;
use http::request::Parts;
use http_body_util::BodyExt;
use http_body_util::Limited;
use hyper::body::Incoming;
use jiff::tz::TimeZone;
use serde_json::Value;
use tokio::time::Instant;

use crate::emulator::body::Broken;
use crate::emulator::body::ReplyBody;
use crate::emulator::catalog::Model;
use crate::emulator::connection::ResetSwitch;
use crate::emulator::control;
use crate::emulator::errors;
use crate::emulator::errors::Refusal;
use crate::emulator::journal::Outcome;
use crate::emulator::journal::Ticket;
use crate::emulator::operations;
use crate::emulator::operations::Call;
use crate::emulator::operations::Said;
use crate::emulator::respond;
use crate::emulator::respond::Exchange;
use crate::emulator::route;
use crate::emulator::route::Operation;
use crate::emulator::scenario::Fault;
use crate::emulator::scenario::Reply;
use crate::emulator::state::State;
use crate::emulator::validate;

/// A date as headers have it: RFC 9110, 5.6.7.
const HTTP_DATE: &str = "%a, %d %b %Y %H:%M:%S GMT";

/// The service takes 25 MB of body.
const MAX_BODY_BYTES: usize = 25 * 1024 * 1024;

/// Answers one request, with the time by the emulator's clock. An error ends the connection without
/// an answer.
pub(super) async fn handle(
    state: Arc<State>,
    reset: Arc<ResetSwitch>,
    request: Request<Incoming>,
) -> Result<Response<ReplyBody>, Broken> {
    let mut response = respond_to(Arc::clone(&state), reset, request).await?;
    let date = state.now().strftime(HTTP_DATE).to_string();
    if let Ok(date) = HeaderValue::from_str(&date) {
        response.headers_mut().insert(DATE, date);
    }
    Ok(response)
}

async fn respond_to(
    state: Arc<State>,
    reset: Arc<ResetSwitch>,
    request: Request<Incoming>,
) -> Result<Response<ReplyBody>, Broken> {
    let started = Instant::now();
    let (head, body) = request.into_parts();
    let Ok(body) = Limited::new(body, MAX_BODY_BYTES).collect().await else {
        return Ok(respond::html(StatusCode::PAYLOAD_TOO_LARGE));
    };
    let body = body.to_bytes();
    if let Some(path) = head.uri.path().strip_prefix(control::PREFIX) {
        return Ok(control::handle(&state, &head.method, path, &body));
    }
    let Some((operation, model_id)) = route::operation(&head.method, head.uri.path()) else {
        return Ok(respond::refusal(&Refusal::unknown_operation()));
    };
    let exchange = Exchange {
        framing: state.framing,
        reset,
    };
    let catalog = state.catalog();
    let key = catalog.key_of(&model_id);
    let ticket = state.journal.open(operation.name(), &model_id, key, &body);
    if let Err(refusal) = authenticate(&state, &head, &body) {
        return Ok(refuse(ticket, &refusal));
    }
    let scenario = state.scenarios.take(key.unwrap_or(&model_id));
    let scenario = scenario.unwrap_or_else(|| Arc::clone(&state.ordinary));
    ticket.plays(&scenario);
    let headers_delay = scenario.delay.headers();
    if !headers_delay.is_zero() {
        tokio::time::sleep(headers_delay).await;
    }
    if let Some(fault) = &scenario.fault {
        match before_the_answer(fault, operation, &ticket) {
            Before::Answer => {}
            Before::Response(response) => {
                ticket.close(Outcome::Fault(fault.name()));
                return Ok(response);
            }
            Before::Refusal(refusal) => return Ok(refuse(ticket, &refusal)),
            Before::Silence => std::future::pending().await,
            Before::Close => {
                ticket.close(Outcome::Fault(fault.name()));
                return Err(Broken);
            }
            Before::Reset => {
                exchange.reset.arm();
                ticket.close(Outcome::Fault(fault.name()));
                return Err(Broken);
            }
        }
    }
    let reply = scenario.reply.of_call(ticket.number());
    match answer(&state, operation, &model_id, &body, &reply, started) {
        Ok(said) => Ok(respond::said(said, &scenario, exchange, ticket)),
        Err(refusal) => Ok(refuse(ticket, &refusal)),
    }
}

fn authenticate(state: &State, head: &Parts, body: &[u8]) -> Result<(), Refusal> {
    match &state.authenticator {
        Some(authenticator) => authenticator.check(head, body, state.now()),
        None => Ok(()),
    }
}

fn refuse(ticket: Ticket, refusal: &Refusal) -> Response<ReplyBody> {
    ticket.close(Outcome::Refused(refusal.name.clone()));
    respond::refusal(refusal)
}

/// What a fault does in place of an answer.
enum Before {
    Answer,
    Refusal(Refusal),
    Response(Response<ReplyBody>),
    Silence,
    Close,
    Reset,
}

fn before_the_answer(fault: &Fault, operation: Operation, ticket: &Ticket) -> Before {
    match fault {
        Fault::Exception {
            name,
            status,
            message,
            members,
            retry_after,
        } => {
            let message = message.as_deref();
            let mut refusal = Refusal::new(
                name,
                message.unwrap_or_else(|| errors::default_message(name)),
            );
            if let Some(status) = status.and_then(|code| StatusCode::from_u16(code).ok()) {
                refusal.status = status;
            }
            refusal.members = members.clone().into_iter().collect();
            refusal.retry_after = retry_after.clone();
            Before::Refusal(refusal)
        }
        Fault::Garbage { status } => Before::Response(respond::garbage(*status, operation)),
        Fault::Hang { after_events: None } => {
            ticket.note(Outcome::Fault(fault.name()));
            Before::Silence
        }
        Fault::Cut { after_events: None } => Before::Close,
        Fault::Reset { after_events: None } => Before::Reset,
        Fault::Hang { .. }
        | Fault::Cut { .. }
        | Fault::Reset { .. }
        | Fault::StreamException { .. }
        | Fault::StreamError { .. }
        | Fault::Truncate { .. }
        | Fault::CorruptCrc { .. }
        | Fault::HalfFrame { .. }
        | Fault::HugeFrame { .. } => Before::Answer,
    }
}

fn answer(
    state: &State,
    operation: Operation,
    model_id: &str,
    body: &Bytes,
    reply: &Reply,
    started: Instant,
) -> Result<Said, Refusal> {
    let body = parse(body)?;
    validate::structure(&state.shapes, operation, &body)?;
    let catalog = state.catalog();
    let model = if operation == Operation::CountTokens {
        catalog.resolve_for_counting(model_id)?
    } else {
        catalog.resolve(model_id)?
    };
    check_lifecycle(state, model)?;
    let call = Call {
        body: &body,
        model,
        routes_to: catalog.routes_to(model),
        reply,
        started,
    };
    match operation {
        Operation::Converse | Operation::ConverseStream => {
            operations::converse(&call, &state.prompt_cache, operation.is_streamed())
        }
        Operation::InvokeModel | Operation::InvokeModelWithResponseStream => {
            operations::invoke_model(&call, operation.is_streamed())
        }
        Operation::CountTokens => operations::count_tokens(&call),
    }
}

fn parse(body: &Bytes) -> Result<Value, Refusal> {
    match serde_json::from_slice(body) {
        Ok(value @ Value::Object(_)) => Ok(value),
        _ => Err(Refusal::new("SerializationException", "")),
    }
}

fn check_lifecycle(state: &State, model: &Model) -> Result<(), Refusal> {
    if !state.enforces_lifecycle {
        return Ok(());
    }
    let today = state
        .today
        .unwrap_or_else(|| state.now().to_zoned(TimeZone::UTC).date());
    if model.is_ended(today) {
        return Err(Refusal::new(
            "ResourceNotFoundException",
            "This model version has reached the end of its life. Please refer to the AWS \
             documentation for more details.",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_that_are_no_object_or_too_deep_cannot_be_read() {
        let deep = format!(r#"{{"a":{}{}}}"#, "[".repeat(10_000), "]".repeat(10_000));

        for body in [deep.as_str(), "[]", "{", ""] {
            let refusal = parse(&Bytes::copy_from_slice(body.as_bytes())).unwrap_err();
            assert_eq!(refusal.name, "SerializationException");
        }
    }
}
