//! Where models are read from: a running gateway, or a registry file.

use std::path::PathBuf;
use std::time::Duration;

use tonic::Request;
use tonic::transport::Channel;

use crate::cli::connection::DEFAULT_ADDRESS;
use crate::cli::connection::connect;
use crate::cli::connection::parse_address;
use crate::cli::failure::Failure;
use crate::cli::models::reading_flags::FILE_FLAG;
use crate::cli::models::reading_flags::ReadingFlags;
use crate::cli::models::registry_file;
use crate::cli::models::registry_file::RegistryFile;
use crate::cli::streams::Streams;
use crate::conformance;
use crate::conformance::ListError;
use crate::proto::GetModelRequest;
use crate::proto::Model;
use crate::proto::model::State;
use crate::proto::model_service_client::ModelServiceClient;
use crate::registry::Registry;
use crate::settings::Environment;
use crate::settings::Settings;

/// Time for one call. The gateway answers from memory.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Flags that say where models are read from.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct SourceArgs {
    /// The gateway to ask.
    #[arg(long, value_name = "URL", default_value = DEFAULT_ADDRESS, value_parser = parse_address)]
    address: String,
    /// Read this registry file instead, without a gateway. `auto` is the one that `serve` would
    /// take, `-` standard input.
    #[arg(id = FILE_FLAG, long, value_name = "FILE", conflicts_with = "address")]
    registry: Option<PathBuf>,
    #[command(flatten)]
    reading: ReadingFlags<true>,
}

impl SourceArgs {
    /// All models, in the order in which they are tried.
    ///
    /// # Errors
    /// Nobody answers, or the file or the settings are wrong.
    pub(super) async fn models(
        &self,
        environment: &Environment,
        streams: &mut Streams<'_>,
    ) -> anyhow::Result<Result<Vec<Model>, Failure>> {
        if let Some((registry, settings)) = self.registry(environment, streams)? {
            let models = registry.models().iter();
            let described = models.map(|model| registry_file::describe(model, &settings));
            return Ok(Ok(described.collect()));
        }
        Ok(list(connect(&self.address).await?).await)
    }

    /// The model with this name or alias.
    ///
    /// # Errors
    /// As for [`SourceArgs::models`].
    pub(super) async fn model(
        &self,
        name: &str,
        environment: &Environment,
        streams: &mut Streams<'_>,
    ) -> anyhow::Result<Result<Model, Failure>> {
        if let Some((registry, settings)) = self.registry(environment, streams)? {
            let found = registry.find(name);
            return Ok(found
                .map(|model| registry_file::describe(model, &settings))
                .ok_or_else(|| unknown(&registry, name, &settings)));
        }
        Ok(get(connect(&self.address).await?, name).await)
    }

    /// The file, if one is to be read.
    fn registry(
        &self,
        environment: &Environment,
        streams: &mut Streams<'_>,
    ) -> anyhow::Result<Option<(Registry, Settings)>> {
        let Some(path) = &self.registry else {
            return Ok(None);
        };
        let settings = self.reading.settings(environment)?;
        let file = RegistryFile::open(path, &settings, streams.input)?;
        Ok(Some((file.load(&settings)?, settings)))
    }
}

/// All models of a gateway.
pub(in crate::cli) async fn list(channel: Channel) -> Result<Vec<Model>, Failure> {
    let listed = conformance::list_models(channel).await;
    listed.map_err(|error| match error {
        ListError::Refused(status) => Failure::Call(status),
        ListError::Endless => broken("the list of models does not end"),
    })
}

async fn get(channel: Channel, name: &str) -> Result<Model, Failure> {
    let mut request = Request::new(GetModelRequest {
        name: name.to_owned(),
    });
    request.set_timeout(TIMEOUT);
    let response = ModelServiceClient::new(channel).get_model(request).await?;
    let model = response.into_inner().model;
    model.ok_or_else(|| broken("the answer holds no model"))
}

fn broken(what: &str) -> Failure {
    Failure::Broken(
        what.to_owned(),
        "what answers there is no bedrock-gateway, or another version of it",
    )
}

/// Why a registry has no such model.
fn unknown(registry: &Registry, name: &str, settings: &Settings) -> Failure {
    let advice = "`bedrock-gateway models list` with the same flags names all models";
    if let Some(removed) = registry.removed(name) {
        let note = match removed.note.as_str() {
            "" => String::new(),
            note => format!(" ({note})"),
        };
        let what = format!(
            "model \"{name}\" was removed; use \"{}\"{note}",
            removed.replacement
        );
        return Failure::Broken(what, "name the replacement instead");
    }
    let is_callable = |model: &_| registry_file::describe(model, settings).state() == State::Active;
    let what = match registry.nearest(name, is_callable) {
        Some(near) => format!("no model is named \"{name}\"; did you mean \"{near}\"?"),
        None => format!("no model is named \"{name}\""),
    };
    Failure::Broken(what, advice)
}
