//! Logs: lines of text or JSON on standard error, times in UTC.
//!
//! Libraries are held at `warn` whatever the filter says: at `debug` and `trace` the AWS SDK, hyper
//! and h2 log request and response bodies, which are prompts and answers. The SDK's sources of
//! credentials are never heard.

use std::fmt;
use std::io;
use std::io::IsTerminal as _;

use tracing::Level;
use tracing::Metadata;
use tracing::Subscriber;
use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::EnvFilter;
use tracing_subscriber::filter::FilterExt as _;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::FormatTime;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::registry::Registry;
use tracing_subscriber::reload;

use crate::settings::LogFormat;
use crate::settings::LogSettings;

/// Start of every target of this program.
const OWN_TARGET: &str = "bedrock_gateway";

/// Start of every target of the sources of credentials. They log what a program printed and what a
/// server answered; what of it may be shown, this program says itself.
const CREDENTIALS_TARGET: &str = "aws_config";

/// Why logging could not be started.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The filter is malformed. Checked settings hold no such filter.
    #[error("the log filter is malformed")]
    Filter(#[from] tracing_subscriber::filter::ParseError),
    /// Nothing is logged any more.
    #[error("the log filter cannot be changed")]
    Change(#[from] reload::Error),
    /// The process logs already.
    #[error("logging is already set up")]
    AlreadySet(#[from] tracing::subscriber::SetGlobalDefaultError),
}

/// The filter of the log, which can be changed.
#[derive(Clone, Debug)]
pub struct LogFilter(reload::Handle<EnvFilter, Registry>);

impl LogFilter {
    /// From now on this decides what is logged.
    ///
    /// # Errors
    /// [`LogError`]; the filter stays as it was.
    pub fn set(&self, filter: &str) -> Result<(), LogError> {
        self.0.reload(EnvFilter::try_new(filter)?)?;
        Ok(())
    }
}

/// Sends the events of this process to standard error. Once per process.
///
/// # Errors
/// [`LogError`]; a second call is an error.
pub fn init_logs(settings: &LogSettings) -> Result<LogFilter, LogError> {
    let is_terminal = io::stderr().is_terminal();
    let (subscriber, filter) = subscriber(settings, io::stderr, is_terminal)?;
    tracing::subscriber::set_global_default(subscriber)?;
    Ok(filter)
}

fn subscriber<W>(
    settings: &LogSettings,
    writer: W,
    with_colours: bool,
) -> Result<(Box<dyn Subscriber + Send + Sync>, LogFilter), LogError>
where
    W: for<'writer> MakeWriter<'writer> + Send + Sync + 'static,
{
    let (filter, handle) = reload::Layer::new(EnvFilter::try_new(&settings.filter)?);
    let filter = filter.and(filter_fn(may_be_logged));
    let lines = tracing_subscriber::fmt::layer()
        .with_timer(UtcTime)
        .with_writer(writer);
    let lines = match settings.format {
        LogFormat::Text => lines.with_ansi(with_colours).boxed(),
        LogFormat::Json => lines.json().flatten_event(true).boxed(),
    };
    let subscriber = Registry::default().with(lines.with_filter(filter));
    Ok((Box::new(subscriber), LogFilter(handle)))
}

/// Everything of ours, and of others what is worth a warning and holds no secret.
fn may_be_logged(metadata: &Metadata<'_>) -> bool {
    let is_of = |library: &str| {
        let rest = metadata.target().strip_prefix(library);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
    };
    is_of(OWN_TARGET) || (*metadata.level() <= Level::WARN && !is_of(CREDENTIALS_TARGET))
}

/// RFC 3339 in UTC with milliseconds.
struct UtcTime;

impl FormatTime for UtcTime {
    fn format_time(&self, writer: &mut Writer<'_>) -> fmt::Result {
        write!(writer, "{:.3}", jiff::Timestamp::now())
    }
}

#[cfg(test)]
#[path = "logs_tests.rs"]
mod tests;
