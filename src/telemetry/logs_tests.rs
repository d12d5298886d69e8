use std::io::Write;
use std::sync::Arc;
use std::sync::Mutex;

use super::*;

/// Keeps what is logged.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What is logged while `work` runs.
fn logged(format: LogFormat, filter: &str, work: impl FnOnce()) -> String {
    let lines = Lines::default();
    let writer = lines.clone();
    let settings = LogSettings {
        format,
        every_call: false,
        filter: filter.to_owned(),
    };

    let (subscriber, _) = subscriber(&settings, move || writer.clone(), false).unwrap();
    tracing::subscriber::with_default(subscriber, work);

    String::from_utf8(lines.0.lock().unwrap().clone()).unwrap()
}

#[test]
fn libraries_are_held_at_warn_whatever_the_filter_says() {
    let filter = "trace,aws_smithy_runtime=trace,hyper::proto=debug,bedrock_gateway_tools=trace";

    let text = logged(LogFormat::Text, filter, || {
        tracing::debug!(target: "aws_smithy_runtime", "a prompt");
        tracing::info!(target: "hyper::proto::h1", "a prompt");
        tracing::trace!(target: "h2", "a prompt");
        tracing::debug!(target: "bedrock_gateway_tools", "a prompt");
        tracing::error!(target: "aws_config::meta::credentials::chain", "a secret");
        tracing::warn!(target: "aws_smithy_runtime", "no region");
        tracing::debug!(target: "bedrock_gateway::routing", "next model");
    });

    assert!(!text.contains("a prompt"), "{text}");
    assert!(!text.contains("a secret"), "{text}");
    assert!(text.contains("no region"), "{text}");
    assert!(text.contains("next model"), "{text}");
}

#[test]
fn the_filter_decides_about_our_own_events() {
    let text = logged(
        LogFormat::Text,
        "warn,bedrock_gateway::routing=info",
        || {
            tracing::info!(target: "bedrock_gateway::grpc", "hidden");
            tracing::info!(target: "bedrock_gateway::routing", "shown");
        },
    );

    assert!(!text.contains("hidden"), "{text}");
    assert!(text.contains("shown"), "{text}");
}

#[test]
fn json_lines_are_objects_with_utc_times() {
    let text = logged(LogFormat::Json, "info", || {
        tracing::info!(target: "bedrock_gateway", model = "claude-sonnet-4-5", "answered");
    });

    let line: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(line["message"], "answered");
    assert_eq!(line["model"], "claude-sonnet-4-5");
    assert_eq!(line["level"], "INFO");
    let time = line["timestamp"].as_str().unwrap();
    assert!(time.parse::<jiff::Timestamp>().is_ok() && time.ends_with('Z'));
    assert_eq!(time.len(), "2026-11-22T00:00:00.000Z".len());
}

#[test]
fn text_lines_are_plain_without_a_terminal() {
    let text = logged(LogFormat::Text, "info", || {
        tracing::info!(target: "bedrock_gateway", "answered");
    });

    assert!(text.ends_with("INFO bedrock_gateway: answered\n"), "{text}");
}

#[test]
fn filter_changes_while_the_process_logs() {
    let lines = Lines::default();
    let writer = lines.clone();
    let settings = LogSettings {
        format: LogFormat::Text,
        every_call: false,
        filter: "error".to_owned(),
    };
    let (subscriber, filter) = subscriber(&settings, move || writer.clone(), false).unwrap();

    tracing::subscriber::with_default(subscriber, || {
        let log = |words: &str| {
            tracing::info!(target: "bedrock_gateway", "{words}");
            tracing::info!(target: "hyper", "{words} of a library");
        };
        log("before");
        filter.set("trace").unwrap();
        log("after");
    });

    let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    assert!(text.contains("after"), "{text}");
    assert!(
        !text.contains("before") && !text.contains("library"),
        "{text}"
    );
}
