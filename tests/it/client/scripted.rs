//! A gateway that answers with what a test wants, in order, and keeps the metadata of each call.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::Mutex;

use bedrock_gateway::proto::CountTokensRequest;
use bedrock_gateway::proto::CountTokensResponse;
use bedrock_gateway::proto::InvokeRequest;
use bedrock_gateway::proto::InvokeResponse;
use bedrock_gateway::proto::InvokeStreamRequest;
use bedrock_gateway::proto::InvokeStreamResponse;
use bedrock_gateway::proto::inference_service_server::InferenceService;
use bedrock_gateway::proto::inference_service_server::InferenceServiceServer;
use futures_util::Stream;
use futures_util::stream;
use tokio::net::TcpListener;
use tonic::Request;
use tonic::Response;
use tonic::Status;
use tonic::metadata::MetadataMap;
use tonic::transport::Server;

/// What `InvokeStream` gives: a status before any headers, or what follows on them.
pub(super) type Streamed = Result<Vec<Result<InvokeStreamResponse, Status>>, Status>;

/// A gateway that answers with what a test wants; without a script every call is answered.
#[derive(Clone, Default)]
pub(super) struct Scripted {
    pub(super) answers: Arc<Mutex<VecDeque<Result<InvokeResponse, Status>>>>,
    pub(super) streams: Arc<Mutex<VecDeque<Streamed>>>,
    seen: Arc<Mutex<Vec<MetadataMap>>>,
}

impl Scripted {
    /// One that fails so at first.
    pub(super) fn failing(failures: impl IntoIterator<Item = Status>) -> Self {
        let scripted = Self::default();
        let failures = failures.into_iter().map(Err).collect();
        *scripted.answers.lock().unwrap() = failures;
        scripted
    }

    /// Serves until the test's runtime ends.
    pub(super) async fn start(&self) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let accepted = stream::unfold(listener, |listener| async {
            Some((listener.accept().await.map(|(socket, _)| socket), listener))
        });
        let server = Server::builder()
            .add_service(InferenceServiceServer::new(self.clone()))
            .serve_with_incoming(accepted);
        tokio::spawn(server);
        address
    }

    /// A value of the metadata of each call, in order.
    pub(super) fn seen(&self, key: &str) -> Vec<Option<String>> {
        let seen = self.seen.lock().unwrap();
        seen.iter()
            .map(|metadata| Some(metadata.get(key)?.to_str().unwrap().to_owned()))
            .collect()
    }
}

#[tonic::async_trait]
impl InferenceService for Scripted {
    async fn invoke(
        &self,
        request: Request<InvokeRequest>,
    ) -> Result<Response<InvokeResponse>, Status> {
        self.seen.lock().unwrap().push(request.metadata().clone());
        let next = self.answers.lock().unwrap().pop_front();
        next.unwrap_or_else(|| Ok(InvokeResponse::default()))
            .map(Response::new)
    }

    type InvokeStreamStream =
        Pin<Box<dyn Stream<Item = Result<InvokeStreamResponse, Status>> + Send>>;

    async fn invoke_stream(
        &self,
        request: Request<InvokeStreamRequest>,
    ) -> Result<Response<Self::InvokeStreamStream>, Status> {
        self.seen.lock().unwrap().push(request.metadata().clone());
        let next = self.streams.lock().unwrap().pop_front();
        let events = next.unwrap_or_else(|| Ok(Vec::new()))?;
        Ok(Response::new(Box::pin(stream::iter(events))))
    }

    async fn count_tokens(
        &self,
        _request: Request<CountTokensRequest>,
    ) -> Result<Response<CountTokensResponse>, Status> {
        Err(Status::unimplemented("not scripted"))
    }
}
