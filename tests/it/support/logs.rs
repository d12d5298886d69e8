//! What the gateways of this process log, call by call.

use std::io;
use std::io::Write;
use std::sync::Mutex;
use std::sync::Once;

use serde_json::Value;
use tracing::Level;

static KEEPING: Once = Once::new();
static LINES: Mutex<Vec<u8>> = Mutex::new(Vec::new());

struct Lines;

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LINES.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// From here on, keeps what is logged.
pub(crate) fn keep() {
    KEEPING.call_once(|| {
        tracing_subscriber::fmt()
            .json()
            .flatten_event(true)
            .with_max_level(Level::INFO)
            .with_writer(|| Lines)
            .init();
    });
}

/// The causes of failed attempts that were logged for a call.
pub(crate) fn causes(request_id: &str) -> Vec<Value> {
    let lines = lines_where("request_id", request_id);
    lines
        .into_iter()
        .filter(|line| line["message"] == "attempt failed")
        .map(|line| line["cause"].clone())
        .collect()
}

/// The lines with this value.
pub(crate) fn lines_where(name: &str, value: &str) -> Vec<Value> {
    let lines = LINES.lock().unwrap();
    serde_json::Deserializer::from_slice(&lines)
        .into_iter::<Value>()
        .map(Result::unwrap)
        .filter(|line| line[name] == value)
        .collect()
}

/// What was wrong with configurations that were refused, where it names this word.
pub(crate) fn refusals(word: &str) -> Vec<String> {
    let lines = lines_where("message", "configuration refused: the one in force stays");
    let problems = lines.iter().filter_map(|line| line["problems"].as_str());
    let named = problems.filter(|problems| problems.contains(word));
    named.map(str::to_owned).collect()
}
