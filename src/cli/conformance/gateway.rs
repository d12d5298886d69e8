//! The gateway of a run: one that is named, or one of its own.

use std::net::Ipv4Addr;
use std::time::Duration;

use anyhow::Context as _;
use tonic::transport::Channel;

use super::command::WrongInput;
use crate::app;
use crate::app::Running;
use crate::cli::connection::Unreachable;
use crate::cli::connection::connect;
use crate::conformance::ControlError;
use crate::conformance::EmulatorControl;
use crate::settings;
use crate::settings::Environment;
use crate::settings::Flags;
use crate::settings::Settings;
use crate::telemetry::init_logs;

/// A gateway that answers.
pub(super) struct Gateway {
    /// Where.
    pub(super) address: String,
    /// What is called, for the report.
    pub(super) name: String,
    /// The connection to it.
    pub(super) channel: Channel,
    /// The emulator behind it, if it is known.
    pub(super) emulator: Option<EmulatorControl>,
    running: Option<Running>,
}

impl Gateway {
    /// Connects to the one at `address`.
    ///
    /// # Errors
    /// [`WrongInput`] if settings were given, too; [`Unreachable`].
    pub(super) async fn at(
        address: String,
        flags: &Flags,
        control: Option<&str>,
    ) -> anyhow::Result<Self> {
        if flags.file.is_some() || !flags.values.is_empty() {
            let problem = "--address names a gateway that runs; settings such as --emulator are for one of its own";
            return Err(WrongInput(problem.to_owned()).into());
        }
        let channel = connect(&address).await?;
        Ok(Self {
            name: address.trim_start_matches("http://").to_owned(),
            address,
            channel,
            emulator: reached(control).await?,
            running: None,
        })
    }

    /// Starts one with these settings, on a free port of this machine.
    ///
    /// # Errors
    /// What is wrong with the settings, or why it does not start.
    pub(super) async fn start(
        flags: &Flags,
        environment: &Environment,
        control: Option<&str>,
    ) -> anyhow::Result<Self> {
        let mut settings = settings::load(flags, environment)?;
        refuse_what_is_ignored(flags, &settings, control)?;
        let emulator = reached(control).await?;
        if flags.values.keys().any(|key| key.starts_with("log.")) {
            init_logs(&settings.log).context("logs cannot be started")?;
        }
        settings.server.listen = (Ipv4Addr::LOCALHOST, 0).into();
        settings.server.drain_delay = Duration::ZERO;
        settings.server.workers = std::num::NonZeroUsize::MIN;
        if settings.bedrock.emulator {
            suit_emulator(&mut settings, flags);
        }
        let name = match (&settings.bedrock.endpoint, settings.bedrock.emulator) {
            (_, true) => "own gateway, emulator".to_owned(),
            (Some(endpoint), false) => format!("own gateway, {endpoint}"),
            (None, false) => format!("own gateway, AWS {}", settings.bedrock.region),
        };
        let running = app::start(settings).await?;
        let address = format!("http://{}", running.address());
        let channel = connect(&address).await?;
        #[cfg(feature = "emulator")]
        let own = running
            .emulator()
            .map(crate::emulator::Emulator::endpoint_url);
        #[cfg(not(feature = "emulator"))]
        let own: Option<String> = None;
        Ok(Self {
            address,
            name,
            channel,
            emulator: emulator.or(reached(own.as_deref()).await?),
            running: Some(running),
        })
    }

    /// Ends it, if it is one of its own.
    pub(super) async fn end(self) {
        if let Some(running) = self.running {
            running.drain(std::future::ready(())).await;
        }
    }
}

/// What the flags ask for and a gateway of one's own does not do.
fn refuse_what_is_ignored(
    flags: &Flags,
    settings: &Settings,
    control: Option<&str>,
) -> Result<(), WrongInput> {
    let ignored = ["server.listen", "server.workers", "server.drain_delay"];
    if let Some(key) = ignored.iter().find(|key| flags.values.contains_key(*key)) {
        return Err(WrongInput(format!(
            "{key} means nothing here: the gateway listens on a free port of this machine, has one \
             worker and ends at once"
        )));
    }
    if settings.bedrock.emulator && control.is_some() {
        let problem = "--emulator-control names the emulator of a gateway that runs; that of \
                       --emulator is known";
        return Err(WrongInput(problem.to_owned()));
    }
    Ok(())
}

/// Faults are played on purpose, and must not make the gateway pass over models. The emulator
/// retires none, and nobody is spared by waiting. Flags say more.
fn suit_emulator(settings: &mut Settings, flags: &Flags) {
    let is_open = |key| !flags.values.contains_key(key);
    if is_open("registry.try_retired_models") {
        settings.registry.try_retired_models = true;
    }
    if is_open("routing.backoff_base") {
        settings.routing.backoff_base = Duration::from_millis(1);
    }
    if is_open("routing.circuit_opens_after") {
        settings.routing.circuit.opens_after = 0;
    }
}

/// The control endpoint, once it has answered.
async fn reached(url: Option<&str>) -> anyhow::Result<Option<EmulatorControl>> {
    let Some(url) = url else { return Ok(None) };
    let control = EmulatorControl::at(url)
        .map_err(|error| WrongInput(format!("--emulator-control: {error}")))?;
    match control.check().await {
        Ok(()) => Ok(Some(control)),
        Err(ControlError::Unreachable { cause, .. } | ControlError::Refused(cause)) => {
            Err(Unreachable::emulator(url, cause).into())
        }
        Err(error @ ControlError::Address(_)) => Err(WrongInput(error.to_string()).into()),
    }
}
