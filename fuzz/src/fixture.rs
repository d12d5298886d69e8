//! A gateway over an upstream in memory, made once per process.

use std::sync::Arc;
use std::sync::LazyLock;

use bedrock_gateway::bedrock::Answer;
use bedrock_gateway::bedrock::Bedrock;
use bedrock_gateway::bedrock::InMemoryUpstream;
use bedrock_gateway::proto::InvokeRequest;
use bedrock_gateway::proto::stream_options::GuardrailProcessingMode;
use bedrock_gateway::provider::Adaptation;
use bedrock_gateway::provider::Call;
use bedrock_gateway::registry::Model;
use bedrock_gateway::registry::ParseChoices;
use bedrock_gateway::registry::Registry;
use bedrock_gateway::settings::ProfileAccount;
use bedrock_gateway::settings::RegistrySource;
use bytes::Bytes;
use tokio::runtime::Builder;
use tokio::runtime::Runtime;

pub(crate) struct Fixture {
    pub(crate) runtime: Runtime,
    pub(crate) upstream: InMemoryUpstream,
    pub(crate) bedrock: Arc<Bedrock>,
    pub(crate) registry: Arc<Registry>,
}

impl Fixture {
    /// For a static of each target.
    pub(crate) const fn lazy() -> LazyLock<Self> {
        LazyLock::new(Self::new)
    }

    fn new() -> Self {
        let mut builder = Builder::new_current_thread();
        let runtime = builder.enable_time().build().unwrap();
        let upstream = InMemoryUpstream::default();
        let bedrock = Arc::new(runtime.block_on(upstream.bedrock()));
        let registry = Registry::load(&RegistrySource::Embedded, &choices()).unwrap();
        Self {
            runtime,
            upstream,
            bedrock,
            registry: Arc::new(registry),
        }
    }

    pub(crate) fn model(&self) -> &Model {
        self.registry.models().first().unwrap()
    }
}

/// How registry files are read.
pub(crate) fn choices() -> ParseChoices {
    ParseChoices {
        region: "us-east-1".to_owned(),
        profile_account: ProfileAccount::PlainId,
    }
}

/// A call that changes nothing about its request.
pub(crate) fn call<'a>(
    model: &'a Model,
    request: &'a InvokeRequest,
    adaptation: &'a Adaptation,
) -> Call<'a> {
    Call {
        model,
        request,
        guardrail_processing_mode: GuardrailProcessingMode::Unspecified,
        adaptation,
    }
}

/// An answer with status 200 that arrives in these pieces.
pub(crate) fn answer(body: Vec<Bytes>) -> Answer {
    Answer {
        status: 200,
        headers: vec![("x-amzn-requestid".to_owned(), "r-1".to_owned())],
        body,
    }
}
