//! The bytes of a call under way: what the SDK does not write into a request, how much is read of
//! the answer, and what is kept of it, by reference.
//!
//! One interceptor serves all calls of a client, and finds the call it works for in the task that
//! runs it: the SDK would make a layer of configuration for an interceptor of each call, which is
//! 4 % of the instructions of a call (callgrind, November 2026).

use std::cell::Cell;
use std::pin::Pin;

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::AfterDeserializationInterceptorContextRef;
use aws_smithy_runtime_api::client::interceptors::context::BeforeDeserializationInterceptorContextMut;
use aws_smithy_runtime_api::client::interceptors::context::BeforeTransmitInterceptorContextMut;
use aws_smithy_runtime_api::client::interceptors::dyn_dispatch_hint;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::ConfigBag;

use super::limited_body;
use super::raw_frames::RawFrames;
use super::raw_json::RawJson;

tokio::task_local! {
    static UNDER_WAY: Exchange;
}

/// A request's JSON, and room for the bytes of its answer.
pub(super) struct Exchange {
    json: RawJson,
    frames: Option<RawFrames>,
    answer: Cell<Option<SdkBody>>,
}

impl Exchange {
    /// A call whose answer is a single document.
    pub(super) fn new(json: RawJson) -> Self {
        Self {
            json,
            frames: None,
            answer: Cell::default(),
        }
    }

    /// A call whose answer is a stream; its frames are left here.
    pub(super) fn streamed(json: RawJson, frames: RawFrames) -> Self {
        Self {
            frames: Some(frames),
            ..Self::new(json)
        }
    }

    /// Makes the call, and gives the body of an answer that is a single document. `call` is large,
    /// and moved about here: it comes in a box.
    pub(super) async fn run<T>(
        self,
        call: Pin<Box<impl Future<Output = T>>>,
    ) -> (T, Option<SdkBody>) {
        let call = async {
            let output = call.await;
            (output, UNDER_WAY.with(|exchange| exchange.answer.take()))
        };
        UNDER_WAY.scope(self, call).await
    }
}

/// Puts a request's JSON into its body, and keeps what comes back. Fails a call that is not an
/// [`Exchange`].
#[derive(Debug)]
pub(super) struct BodyInterceptor;

#[dyn_dispatch_hint]
impl Intercept for BodyInterceptor {
    fn name(&self) -> &'static str {
        "BodyInterceptor"
    }

    fn modify_before_signing(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        UNDER_WAY.try_with(|exchange| {
            let request = context.request_mut();
            if let Some(spliced) = exchange.json.spliced(request.body().bytes())? {
                request
                    .headers_mut()
                    .insert("content-length", spliced.len().to_string());
                *request.body_mut() = SdkBody::from(spliced);
            }
            Ok(())
        })?
    }

    fn modify_before_deserialization(
        &self,
        context: &mut BeforeDeserializationInterceptorContextMut<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        UNDER_WAY.try_with(|exchange| {
            let response = context.response_mut();
            let body = response.take_body();
            *response.body_mut() = match &exchange.frames {
                _ if !response.status().is_success() => limited_body::failure(body),
                Some(frames) => frames.watch(body),
                None => limited_body::answer(body),
            };
        })?;
        Ok(())
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        UNDER_WAY.try_with(|exchange| {
            // A copy of a reference; the body of a stream has none.
            exchange.answer.set(context.response().body().try_clone());
        })?;
        Ok(())
    }
}
