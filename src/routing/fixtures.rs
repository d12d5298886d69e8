//! Models, settings and requests for the tests of this module.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::deadline::Deadline;
use crate::proto::InvokeRequest;
use crate::proto::StreamOptions;
use crate::registry::CallReason;
use crate::registry::Capabilities;
use crate::registry::Lifecycle;
use crate::registry::Limits;
use crate::registry::MediaLimits;
use crate::registry::Model;
use crate::registry::Target;
use crate::registry::Timeouts;
use crate::routing::turn::Turn;
use crate::settings::CircuitSettings;
use crate::settings::RetryBudgetSettings;
use crate::settings::RoutingSettings;

pub(super) fn settings() -> RoutingSettings {
    RoutingSettings {
        fallback: true,
        max_retries: 3,
        max_attempts: NonZeroU32::new(10).unwrap(),
        attempt_timeout: Duration::from_secs(30),
        first_event_timeout: Duration::from_secs(30),
        idle_timeout: Duration::from_secs(30),
        invoke_stream_threshold_tokens: 1024,
        default_invoke_deadline: Duration::from_secs(120),
        default_stream_deadline: Duration::from_secs(600),
        max_deadline: Duration::from_secs(3600),
        reply_reserve: Duration::from_millis(20),
        min_attempt_time: Duration::from_millis(250),
        backoff_base: Duration::from_millis(100),
        backoff_cap: Duration::from_secs(2),
        retry_budget: RetryBudgetSettings {
            percent: 10,
            min_per_second: 1,
        },
        circuit: CircuitSettings {
            opens_after: 5,
            open_time: Duration::from_secs(2),
            open_time_cap: Duration::from_secs(60),
        },
    }
}

/// A model that can do everything.
pub(super) fn model(name: &str, priority: i32) -> Model {
    Model {
        name: name.to_owned(),
        aliases: Vec::new(),
        display_name: name.to_owned(),
        description: String::new(),
        provider: "anthropic".to_owned(),
        target: Target {
            invocation_id: format!("us.{name}"),
            base_model_id: name.to_owned(),
            region: "us-east-1".to_owned(),
            destination_regions: Vec::new(),
            is_prompt: false,
            reason: CallReason::ModelId,
        },
        priority,
        disabled: false,
        capabilities: Capabilities::unrestricted(),
        limits: Limits {
            context_window_tokens: 200_000,
            max_output_tokens: 8_192,
            default_max_tokens: 1_024,
            media: MediaLimits::default(),
        },
        lifecycle: Lifecycle::default(),
        prices: None,
        timeouts: Timeouts::default(),
        regions: Vec::new(),
    }
}

/// A call with one minute to go.
pub(super) fn turn(request: InvokeRequest) -> Turn {
    let arrived = Instant::now();
    Turn {
        request: Arc::new(request),
        request_id: "call-1".to_owned(),
        arrived,
        deadline: Deadline::after(arrived, Duration::from_secs(60)),
        stream_options: StreamOptions::default(),
        cutting: CancellationToken::new(),
    }
}

/// The smallest request. Short enough that `Invoke` runs over Converse.
pub(super) fn prompt() -> InvokeRequest {
    InvokeRequest {
        prompt: "Hi".to_owned(),
        ..InvokeRequest::default()
    }
}
