//! Builds the gateway from its settings.

use std::sync::Arc;
use std::time::Duration;

use tonic::service::Routes;
use tracing::info;

use crate::app::acceptor::Acceptor;
use crate::app::configuration;
use crate::app::connection::Surroundings;
use crate::app::error::StartError;
use crate::app::listen::listen;
use crate::app::running::Running;
use crate::app::upstream;
use crate::app::worker;
use crate::app::worker::WorkerEnd;
use crate::app::worker::WorkerHandle;
use crate::bedrock::Bedrock;
use crate::bedrock::BedrockConfig;
use crate::grpc;
use crate::grpc::Admission;
use crate::grpc::Parts;
use crate::grpc::Services;
use crate::health::Health;
use crate::health::Phase;
use crate::routing::PolicyInForce;
use crate::routing::Router;
use crate::settings::ServerSettings;
use crate::settings::Settings;
use crate::shutdown::Shutdown;
use crate::telemetry::EveryCall;
use crate::telemetry::LogLimit;
use crate::telemetry::Metrics;

/// Least time between two lines in a worker's log about clients that send too much.
const FLOOD_WARNING_INTERVAL: Duration = Duration::from_secs(10);

/// Builds the gateway and starts to serve.
///
/// Returns as soon as it listens; it becomes ready when credentials were resolved once.
///
/// # Errors
/// [`StartError`] if the registry, the listener, the emulator or a worker cannot be had.
pub async fn start(settings: Settings) -> Result<Running, StartError> {
    let metrics = Arc::new(Metrics::default());
    let policy = configuration::policy(&settings)?.counting(Arc::clone(&metrics));
    let registry = Arc::clone(&policy.registry);
    configuration::log_warnings(&registry, None);
    let policy = PolicyInForce::new(policy);
    let every_call = EveryCall::new(settings.log.every_call);
    let health = Health::new(policy.clone());
    let shutdown = Shutdown::default();

    let address = settings.server.listen;
    let listener = listen(address).map_err(|source| StartError::Listen { address, source })?;
    let address = listener.local_addr().map_err(|source| StartError::Listen {
        address: settings.server.listen,
        source,
    })?;
    let upstream = upstream::connect(&settings, Arc::clone(&metrics)).await?;

    let admission = Arc::new(Admission::new(&settings.server, Arc::clone(&metrics)));
    let worker = Worker {
        policy: policy.clone(),
        bedrock: upstream.bedrock.clone(),
        health: health.clone(),
        admission: Arc::clone(&admission),
        metrics: Arc::clone(&metrics),
        server: settings.server.clone(),
        log_every_call: every_call.clone(),
        shared: shared_services(&settings.server)?,
        shutdown: shutdown.clone(),
    };
    let mut handles = Vec::new();
    let mut ends = Vec::new();
    for number in 0..settings.server.workers.get() {
        let (handle, end) = worker.clone().start(number).await?;
        handles.push(handle);
        ends.push(end);
    }
    let acceptor = Acceptor::new(listener, handles, &settings.server, Arc::clone(&metrics));
    shutdown.spawn(acceptor.run(shutdown.closing().clone()));
    shutdown.spawn(keep_credentials(
        upstream.bedrock,
        health.clone(),
        shutdown.clone(),
    ));
    info!(%address, models = registry.models().len(), region = settings.bedrock.region, "listening");
    Ok(Running {
        address,
        health,
        policy,
        every_call,
        admission,
        metrics,
        settings: settings.server,
        shutdown,
        workers: ends,
        #[cfg(feature = "emulator")]
        emulator: upstream.emulator.map(Arc::new),
    })
}

/// What every worker is built from.
#[derive(Clone)]
struct Worker {
    policy: PolicyInForce,
    bedrock: BedrockConfig,
    health: Health,
    admission: Arc<Admission>,
    metrics: Arc<Metrics>,
    server: ServerSettings,
    log_every_call: EveryCall,
    shared: Routes,
    shutdown: Shutdown,
}

impl Worker {
    async fn start(self, number: usize) -> Result<(WorkerHandle, WorkerEnd), StartError> {
        let surroundings = Surroundings {
            settings: self.server.clone(),
            metrics: Arc::clone(&self.metrics),
            shutdown: self.shutdown.clone(),
            floods: LogLimit::one_per(FLOOD_WARNING_INTERVAL),
        };
        worker::start(number, move || self.services(), surroundings).await
    }

    /// The services, made on the worker's own thread: clients belong to its runtime.
    fn services(self) -> Services {
        let bedrock = Arc::new(Bedrock::new(&self.bedrock));
        let router = Arc::new(Router::new(self.policy, bedrock));
        let parts = Parts {
            router,
            health: self.health,
            closing: self.shutdown.closing().clone(),
            cutting: self.shutdown.cutting().clone(),
            log_every_call: self.log_every_call,
            admission: self.admission,
            metrics: self.metrics,
            shared: self.shared,
        };
        Services::new(parts, &self.server)
    }
}

fn shared_services(server: &ServerSettings) -> Result<Routes, StartError> {
    if server.reflection {
        Ok(grpc::reflection()?)
    } else {
        Ok(Routes::default())
    }
}

/// Keeps credentials; until there are some, the gateway lives but is not ready. After that it stays
/// ready, because another replica would have none either.
async fn keep_credentials(bedrock: BedrockConfig, health: Health, shutdown: Shutdown) {
    let ready = async {
        bedrock.wait_for_credentials().await;
        health.enter(Phase::Serving);
        info!(bearer_token = bedrock.uses_bearer_token(), "serving");
    };
    let kept = async { tokio::join!(bedrock.keep_credentials(), ready) };
    shutdown.closing().run_until_cancelled(kept).await;
}
