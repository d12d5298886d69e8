//! What a call brings in its metadata: its identifier and its deadline.

use std::time::Duration;
use std::time::SystemTime;

use http::HeaderMap;
use tokio::time::Instant;
use tonic::Request;
use tonic::metadata::MetadataMap;
use tonic::metadata::MetadataValue;
use uuid::Builder;

use crate::deadline::BadGrpcTimeout;
use crate::deadline::Deadline;
use crate::deadline::parse_grpc_timeout;
use crate::grpc::validate::Reason;
use crate::grpc::validate::Violations;
use crate::settings::RoutingSettings;

/// Metadata key of the call's identifier, in both directions.
pub(super) const REQUEST_ID: &str = "x-request-id";

const MAX_REQUEST_ID_BYTES: usize = 128;

/// A call that has just arrived.
pub(super) struct Arrival {
    /// The caller's identifier, or one of ours if it sent none that is well-formed.
    pub(super) request_id: String,
    /// When it arrived.
    pub(super) at: Instant,
    timeout: Option<Result<Duration, BadGrpcTimeout>>,
}

/// When the head of a request arrived: its body may have taken a while since then.
#[derive(Clone, Copy)]
pub(super) struct ReceivedAt(pub(super) Instant);

impl Arrival {
    /// Reads the metadata of a call.
    pub(super) fn read<T>(request: &Request<T>) -> Self {
        let metadata = request.metadata();
        let received = request.extensions().get::<ReceivedAt>();
        Self {
            request_id: request_id(
                metadata
                    .get(REQUEST_ID)
                    .and_then(|value| value.to_str().ok()),
            ),
            at: received.map_or_else(Instant::now, |received| received.0),
            timeout: timeout(metadata.as_ref()),
        }
    }

    /// When the call must be answered. A part of the time is kept for sending the reply, so that
    /// the caller hears from us before it gives up.
    ///
    /// # Errors
    /// [`Violations`] if `grpc-timeout` is malformed.
    pub(super) fn deadline(
        &self,
        default: Duration,
        settings: &RoutingSettings,
    ) -> Result<Deadline, Violations> {
        let time = match &self.timeout {
            None => default,
            Some(Ok(time)) => *time,
            Some(Err(error)) => {
                let violation = format_args!("{error}");
                return Err(Violations::of("grpc-timeout", Reason::BadFormat, violation));
            }
        };
        Ok(deadline(self.at, time, settings))
    }
}

/// When a call that arrived at this moment must be answered, if its caller waits for this time.
pub(super) fn deadline(at: Instant, time: Duration, settings: &RoutingSettings) -> Deadline {
    let time = time.min(settings.max_deadline);
    let reserve = settings.reply_reserve.min(time / 4);
    Deadline::after(at, time - reserve)
}

/// The caller's `grpc-timeout`, if it sent one.
pub(super) fn timeout(headers: &HeaderMap) -> Option<Result<Duration, BadGrpcTimeout>> {
    let value = headers.get("grpc-timeout")?;
    let text = value.to_str().or(Err(BadGrpcTimeout));
    Some(text.and_then(parse_grpc_timeout))
}

/// The identifier that the caller gave, or one of ours if that is missing or not well-formed.
pub(super) fn request_id(given: Option<&str>) -> String {
    match given {
        Some(id) if is_well_formed(id) => id.to_owned(),
        _ => new_request_id(),
    }
}

/// Tells the caller the call's identifier.
pub(super) fn identify(metadata: &mut MetadataMap, request_id: &str) {
    if let Ok(id) = MetadataValue::try_from(request_id) {
        metadata.insert(REQUEST_ID, id);
    }
}

/// A UUID of version 7. It need not be hard to guess, so no system call is made for it.
fn new_request_id() -> String {
    let since_epoch = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
    let milliseconds = u64::try_from(since_epoch.as_millis()).unwrap_or(u64::MAX);
    let [high @ .., _, _, _, _, _, _] = fastrand::u128(..).to_be_bytes();
    Builder::from_unix_timestamp_millis(milliseconds, &high)
        .into_uuid()
        .to_string()
}

fn is_well_formed(id: &str) -> bool {
    (1..=MAX_REQUEST_ID_BYTES).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_request_id(id: &str) -> Request<()> {
        let mut request = Request::new(());
        let id = MetadataValue::try_from(id).unwrap();
        request.metadata_mut().insert(REQUEST_ID, id);
        request
    }

    #[test]
    fn well_formed_request_id_is_kept() {
        let arrival = Arrival::read(&with_request_id("order-7/retry:2"));

        assert_eq!(arrival.request_id, "order-7/retry:2");
    }

    #[test]
    fn malformed_request_id_is_replaced() {
        for id in ["", "two words", &"x".repeat(129)] {
            let arrival = Arrival::read(&with_request_id(id));

            let replaced = uuid::Uuid::parse_str(&arrival.request_id).unwrap();
            assert_eq!(replaced.get_version_num(), 7, "{id}");
        }
    }
}
