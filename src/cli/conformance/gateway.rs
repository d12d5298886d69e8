//! The gateway of a run: one that is named, or one of its own.

use std::net::Ipv4Addr;
use std::time::Duration;

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

/// A gateway that answers.
pub(super) struct Gateway {
    /// Where, for the report.
    pub(super) address: String,
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
            address: address.trim_start_matches("http://").to_owned(),
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
        settings.server.listen = (Ipv4Addr::LOCALHOST, 0).into();
        settings.server.drain_delay = Duration::ZERO;
        settings.server.workers = std::num::NonZeroUsize::MIN;
        if settings.bedrock.emulator {
            suit_emulator(&mut settings);
        }
        let running = app::start(settings).await?;
        let address = running.address().to_string();
        let channel = connect(&format!("http://{address}")).await?;
        #[cfg(feature = "emulator")]
        let own = running
            .emulator()
            .map(crate::emulator::Emulator::endpoint_url);
        #[cfg(not(feature = "emulator"))]
        let own: Option<String> = None;
        Ok(Self {
            address,
            channel,
            emulator: reached(control.or(own.as_deref())).await?,
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

/// Faults are played on purpose, and must not make the gateway pass over models. The emulator
/// retires none, and nobody is spared by waiting.
fn suit_emulator(settings: &mut Settings) {
    settings.registry.try_retired_models = true;
    settings.routing.backoff_base = Duration::from_millis(1);
    settings.routing.circuit.opens_after = 0;
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
