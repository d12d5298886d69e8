//! Builds the gateway from its settings.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use tokio::net::TcpListener;
use tracing::error;
use tracing::info;
use tracing::warn;

use crate::app::acceptor;
use crate::app::error::StartError;
use crate::app::running::Running;
use crate::app::worker;
use crate::bedrock::Bedrock;
use crate::bedrock::Connector;
use crate::grpc;
use crate::grpc::Services;
use crate::health::Health;
use crate::health::Phase;
use crate::registry::Registry;
use crate::routing::Availability;
use crate::routing::Router;
use crate::settings::Settings;
use crate::shutdown::Shutdown;

/// Pause between two attempts to resolve credentials.
const CREDENTIALS_RETRY: Duration = Duration::from_secs(5);

/// Builds the gateway and starts to serve.
///
/// Returns as soon as it listens; it becomes ready when credentials were resolved once.
///
/// # Errors
/// [`StartError`] if the registry, the listener, the emulator or a worker cannot be had.
pub async fn start(settings: Settings) -> Result<Running, StartError> {
    let registry = Arc::new(Registry::load(&settings.registry, &settings.bedrock.region)?);
    log_warnings(&registry);
    let availability = Availability::new(
        settings.bedrock.region.clone(),
        settings.registry.try_retired_models,
    );
    let health = Health::new(Arc::clone(&registry), availability.clone());
    let shutdown = Shutdown::default();

    let listener = listen(settings.server.listen).await?;
    let address = listener.local_addr().map_err(|source| StartError::Listen {
        address: settings.server.listen,
        source,
    })?;
    #[cfg(feature = "emulator")]
    let emulator = start_emulator(&settings).await?;
    #[cfg(feature = "emulator")]
    let connector = match &emulator {
        Some(emulator) => Connector::to_emulator(&settings.bedrock, emulator.endpoint_url()),
        None => Connector::to_aws(&settings.bedrock).await,
    };
    #[cfg(not(feature = "emulator"))]
    let connector = Connector::to_aws(&settings.bedrock).await;
    let connector = Arc::new(connector);

    let mut handles = Vec::new();
    let mut ends = Vec::new();
    for number in 0..settings.server.workers.get() {
        let services = {
            let registry = Arc::clone(&registry);
            let availability = availability.clone();
            let connector = Arc::clone(&connector);
            let default_model = settings.registry.default_model.clone();
            let routing = settings.routing.clone();
            let health = health.clone();
            let cutting = shutdown.cutting().clone();
            move || {
                let provider = Arc::new(Bedrock::new(&connector));
                let router = Router::new(registry, provider, routing, availability, default_model);
                Services { router: Arc::new(router), health, cutting }
            }
        };
        let (server, routing) = (settings.server.clone(), settings.routing.clone());
        let routes = move || Ok(grpc::routes(services(), &server, &routing)?);
        let (handle, end) =
            worker::start(number, routes, settings.server.clone(), shutdown.clone()).await?;
        handles.push(handle);
        ends.push(end);
    }
    shutdown.spawn(acceptor::accept(listener, handles, shutdown.closing().clone()));
    shutdown.spawn(become_ready(connector, health.clone(), shutdown.clone()));
    info!(%address, models = registry.models().len(), region = settings.bedrock.region, "listening");
    Ok(Running {
        address,
        health,
        settings: settings.server,
        shutdown,
        workers: ends,
        #[cfg(feature = "emulator")]
        emulator,
    })
}

async fn listen(address: SocketAddr) -> Result<TcpListener, StartError> {
    TcpListener::bind(address)
        .await
        .map_err(|source| StartError::Listen { address, source })
}

fn log_warnings(registry: &Registry) {
    let today = Timestamp::now().to_zoned(TimeZone::UTC).date();
    for warning in registry.warnings(today) {
        warn!(model = %warning.model, "{}", warning.message);
    }
}

/// Resolves credentials once; until then the gateway lives but is not ready.
async fn become_ready(connector: Arc<Connector>, health: Health, shutdown: Shutdown) {
    let ready = async {
        while let Err(problem) = connector.credentials_ready().await {
            error!(%problem, "no AWS credentials: calls will fail");
            tokio::time::sleep(CREDENTIALS_RETRY).await;
        }
        health.enter(Phase::Serving);
        info!("serving");
    };
    shutdown.closing().run_until_cancelled(ready).await;
}
