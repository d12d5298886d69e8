//! What the gateway calls: Bedrock in a region, or the embedded emulator.

use std::sync::Arc;

use crate::app::error::StartError;
use crate::bedrock::BedrockConfig;
use crate::bedrock::Credentials;
use crate::settings::Settings;
use crate::telemetry::Metrics;

/// What the gateway calls.
pub(super) struct Upstream {
    /// How to reach it.
    pub(super) bedrock: BedrockConfig,
    /// The emulator, which lives as long as the gateway.
    #[cfg(feature = "emulator")]
    pub(super) emulator: Option<crate::emulator::Emulator>,
}

/// Loads credentials for AWS, or starts the emulator and uses its own.
///
/// # Errors
/// [`StartError`] if the emulator cannot be started.
pub(super) async fn connect(
    settings: &Settings,
    metrics: Arc<Metrics>,
) -> Result<Upstream, StartError> {
    if settings.bedrock.emulator {
        #[cfg(feature = "emulator")]
        return connect_emulator(settings, metrics).await;
        #[cfg(not(feature = "emulator"))]
        return Err(StartError::NoEmulator);
    }
    Ok(Upstream {
        bedrock: BedrockConfig::load(&settings.bedrock, Credentials::Chain, metrics).await,
        #[cfg(feature = "emulator")]
        emulator: None,
    })
}

#[cfg(feature = "emulator")]
async fn connect_emulator(
    settings: &Settings,
    metrics: Arc<Metrics>,
) -> Result<Upstream, StartError> {
    use std::net::Ipv4Addr;

    use crate::app::listen::listen;
    use crate::emulator::EMULATOR_ACCESS_KEY_ID;
    use crate::emulator::EMULATOR_SECRET_ACCESS_KEY;
    use crate::emulator::Emulator;
    use crate::emulator::Options;
    use crate::registry::Registry;
    use crate::settings::BedrockSettings;

    let address = (Ipv4Addr::LOCALHOST, 0).into();
    let listener = listen(address).map_err(|source| StartError::Listen { address, source })?;
    let options = Options {
        registry: vec![Registry::text(&settings.registry.file)?],
        region: settings.bedrock.region.clone(),
        ..Options::default()
    };
    let emulator = Emulator::start(listener, options)?;
    let settings = BedrockSettings {
        endpoint: emulator.endpoint_url().parse().ok(),
        ..settings.bedrock.clone()
    };
    // The chain is never asked: off AWS it would wait for an instance's metadata.
    let credentials = Credentials::Static {
        access_key_id: EMULATOR_ACCESS_KEY_ID.to_owned(),
        secret_access_key: EMULATOR_SECRET_ACCESS_KEY.to_owned(),
        session_token: None,
    };
    Ok(Upstream {
        bedrock: BedrockConfig::load(&settings, credentials, metrics).await,
        emulator: Some(emulator),
    })
}
