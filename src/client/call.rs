//! One call of a method: its deadline, its attempts, its end.

use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

use tokio::time::Instant;
use tokio::time::sleep;
use tokio::time::timeout_at;
use tonic::Request;
use tonic::Response;
use tonic::Status;
use tonic::metadata::MetadataValue;

use super::error::Error;
use super::options::CallOptions;
use super::retry::Failed;
use super::retry::Retries;
use super::retry::Throttle;
use super::service_config::ServiceConfig;
use super::transport::Committed;

/// How much longer than the deadline this side waits: the gateway's own word on a missed deadline
/// says more than ours.
const PATIENCE: Duration = Duration::from_secs(1);

/// Time of a call for which neither the caller nor the service config has one.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(60);

/// How many attempts came before this one; gRFC A6 names the key.
const PREVIOUS_ATTEMPTS: &str = "grpc-previous-rpc-attempts";

/// A method of the API.
#[derive(Clone, Copy)]
pub(super) struct Method {
    pub(super) service: &'static str,
    pub(super) name: &'static str,
}

/// What all calls of a client share.
pub(super) struct Rules {
    config: ServiceConfig,
    throttle: Mutex<Throttle>,
}

/// The time of a call.
#[derive(Clone, Copy, Debug)]
pub(super) struct Time {
    /// What the gateway was given.
    pub(super) timeout: Duration,
    /// When this side gives up.
    pub(super) end: Instant,
}

impl Rules {
    pub(super) fn new(config: ServiceConfig) -> Self {
        let throttle = Mutex::new(Throttle::new(config.throttling));
        Self { config, throttle }
    }

    /// Calls a method until an attempt is answered or no other one follows.
    pub(super) async fn call<M: Clone, R, Sent>(
        &self,
        method: Method,
        options: &CallOptions,
        message: M,
        send: impl Fn(Request<M>) -> Sent,
    ) -> Result<(Response<R>, Time), Error>
    where
        Sent: Future<Output = Result<Response<R>, Status>>,
    {
        let config = self.config.method(method.service, method.name);
        let configured = config.and_then(|config| config.timeout);
        let timeout = options.timeout.or(configured).unwrap_or(DEFAULT_TIMEOUT);
        let policy = config.and_then(|config| config.retry.as_ref());
        let deadline = Instant::now() + timeout;
        let time = Time {
            timeout,
            end: deadline + PATIENCE,
        };
        let mut retries = Retries::default();
        loop {
            let committed = Committed::default();
            let mut request = Request::new(message.clone());
            *request.metadata_mut() = options.metadata.clone();
            request.set_timeout(timeout);
            if retries.made() > 0 {
                let made = MetadataValue::from(retries.made());
                request.metadata_mut().insert(PREVIOUS_ATTEMPTS, made);
                request.set_timeout(deadline.saturating_duration_since(Instant::now()));
            }
            request.extensions_mut().insert(committed.clone());
            let outcome = timeout_at(time.end, send(request)).await;
            let error = match outcome {
                Ok(Ok(response)) => {
                    self.throttle().success();
                    return Ok((response, time));
                }
                Ok(Err(status)) => Error::of_status(status),
                Err(_elapsed) => return Err(Error::silence(timeout)),
            };
            let failed = Failed {
                code: error.code(),
                pushback: error.pushback(),
                is_committed: committed.is_committed(),
            };
            let left = deadline.saturating_duration_since(Instant::now());
            let chance = fastrand::f64();
            let wait = retries.next(failed, policy, &mut self.throttle(), chance, left);
            match wait {
                Some(wait) => sleep(wait).await,
                None => return Err(error),
            }
        }
    }

    fn throttle(&self) -> std::sync::MutexGuard<'_, Throttle> {
        self.throttle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
