use super::*;
use crate::proto::RoutingConfig;
use crate::routing::fixtures;

const REQUEST: u64 = 1;
const OTHER: u64 = 2;
const MODEL: u64 = 3;
const SETTING: u64 = 4;

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// A limit where a bit is set.
fn given(bits: u32, bit: u32, value: u64) -> Option<Duration> {
    (bits & (1 << bit) != 0).then(|| seconds(value))
}

/// Which level's value must be in force: the first that is set.
fn first_of(levels: &[Option<Duration>]) -> Duration {
    levels.iter().flatten().next().copied().unwrap()
}

#[tokio::test(start_paused = true)]
async fn limits_are_the_requests_else_the_models_else_the_settings() {
    let settings = RoutingSettings {
        attempt_timeout: seconds(SETTING),
        first_event_timeout: seconds(SETTING * 10),
        idle_timeout: seconds(SETTING * 100),
        ..fixtures::settings()
    };
    let setting = |factor| Some(seconds(SETTING * factor));
    for bits in 0..64 {
        let attempt = given(bits, 0, REQUEST);
        let first_event = given(bits, 1, OTHER);
        let idle = given(bits, 2, OTHER);
        let mut model = fixtures::model("m", 1);
        model.timeouts.attempt = given(bits, 3, MODEL);
        model.timeouts.first_event = given(bits, 4, MODEL * 10);
        model.timeouts.idle = given(bits, 5, MODEL * 100);
        let proto = |limit: Option<Duration>| limit.and_then(|limit| limit.try_into().ok());
        let mut turn = fixtures::turn(InvokeRequest {
            routing_config: Some(RoutingConfig {
                attempt_timeout: proto(attempt),
                ..RoutingConfig::default()
            }),
            ..InvokeRequest::default()
        });
        turn.stream_options.first_token_timeout = proto(first_event);
        turn.stream_options.idle_timeout = proto(idle);

        let limits = turn.limits(&model, &settings);

        let of_model = &model.timeouts;
        let expected = AttemptLimits {
            unary: first_of(&[attempt, of_model.attempt, setting(1)]),
            first_event: first_of(&[
                first_event,
                attempt,
                of_model.first_event,
                of_model.attempt,
                setting(10),
            ]),
            idle: first_of(&[idle, of_model.idle, setting(100)]),
            streamed: attempt,
        };
        assert_eq!(limits, expected, "{bits:06b}");
    }
}
