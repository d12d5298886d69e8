"""The blocking client. `_async_client` is the same for asyncio."""

import os
from collections.abc import Callable, Iterator, Mapping
from types import TracebackType
from typing import Final, Self, TypeAlias, TypeVar

import grpc
from google.protobuf.message import Message as ProtoMessage
from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse

from bedrock.gateway.v1.inference_service_pb2 import CountTokensResponse, InvokeResponse
from bedrock.gateway.v1.inference_service_pb2_grpc import InferenceServiceStub
from bedrock.gateway.v1.model_service_pb2 import (
    GetModelRequest,
    ListModelsRequest,
    ListModelsResponse,
)
from bedrock.gateway.v1.model_service_pb2_grpc import ModelServiceStub
from bedrock.gateway.v1.models_pb2 import Model
from bedrock.gateway.v1.stream_pb2 import InvokeStreamResponse
from bedrock_gateway import _metadata, _requests, errors
from bedrock_gateway._collector import Collector
from bedrock_gateway._metadata import Headers, Metadata, Pairs
from bedrock_gateway._settings import Settings

INFERENCE_SERVICE: Final = "bedrock.gateway.v1.InferenceService"
CHECK: Final = "/grpc.health.v1.Health/Check"

MetadataSource: TypeAlias = Metadata | Callable[[], Metadata]
"""Metadata of every call: fixed, or made anew for each call by a function."""

OnHeaders: TypeAlias = Callable[[Headers], object]
"""Is told the headers of an answer, once it has come."""

_Request = TypeVar("_Request", bound=ProtoMessage)
_Response = TypeVar("_Response", bound=ProtoMessage)


def connect(
    address: str,
    *,
    metadata: MetadataSource | None = None,
    timeouts: Mapping[str, float] | None = None,
    ca_file: str | os.PathLike[str] | None = None,
    certificate_file: str | os.PathLike[str] | None = None,
    key_file: str | os.PathLike[str] | None = None,
) -> "Client":
    """Makes a client of the gateway at an address. The connection is opened by the first call.

    Args:
        address: `http://HOST:PORT` for plain text; `https://HOST` or `https://HOST:PORT` for TLS.
            A name is looked up, and calls are spread over all of its addresses that are healthy.
        metadata: headers of every call, such as `authorization`, or a function that is asked for
            them before each call. They are never shown or logged.
        timeouts: the deadline in seconds by method, for calls that set none: `Invoke` (120),
            `InvokeStream` (600), `CountTokens`, `ListModels`, `GetModel`, `Check` (10 each).
        ca_file: PEM file of the authorities to trust, instead of those of this machine.
        certificate_file: PEM file of the certificate that shows who this client is.
        key_file: PEM file of the key of that certificate.

    Raises:
        ValueError: the address or another argument is malformed; the message says what is allowed.
        OSError: a file cannot be read.
    """
    settings = Settings(
        address,
        ca_file=ca_file,
        certificate_file=certificate_file,
        key_file=key_file,
        timeouts=timeouts,
    )
    return Client(settings, metadata)


class Client:
    """A gateway, to be called from any number of threads. Made by `connect`.

    One is enough for a program: it has one channel, whose connections carry many calls at a time.
    After a `fork`, make a new one. Used in a `with` block, it is closed at the end.

    Every call takes:

    - `timeout`: its deadline in seconds, all retries included, instead of that of the method;
    - `metadata`: headers of its own, which replace those of the client that have the same key;
    - `on_headers`: a function that is told the headers of the answer, `x-request-id` among them.

    Every call raises `GatewayError` if it fails, and ValueError if an argument is malformed or the
    client is closed. UNAVAILABLE is retried, twice or three times, before an answer begins and only
    if the gateway does not forbid it; nothing else is.
    """

    def __init__(self, settings: Settings, metadata: MetadataSource | None) -> None:
        self._settings = settings
        self._metadata: MetadataSource = (
            metadata if callable(metadata) else _metadata.checked(metadata or {})
        )
        # Not with `SingleThreadedUnaryStream`, which halves the CPU time of an event but keeps some
        # 20 KiB of every stream that is left early until the channel is closed (grpcio 1.85.3).
        target, options = settings.target, settings.channel_options
        if settings.credentials is None:
            self._channel = grpc.insecure_channel(target, options=options)
        else:
            self._channel = grpc.secure_channel(target, settings.credentials, options=options)
        self._is_closed = False
        self._inference = InferenceServiceStub(self._channel)
        self._models = ModelServiceStub(self._channel)
        self._check: grpc.UnaryUnaryMultiCallable[HealthCheckRequest, HealthCheckResponse] = (
            self._channel.unary_unary(
                CHECK,
                HealthCheckRequest.SerializeToString,
                HealthCheckResponse.FromString,
            )
        )

    def invoke(
        self,
        request: _requests.Invocation,
        *,
        timeout: float | None = None,
        metadata: Metadata | None = None,
        on_headers: OnHeaders | None = None,
    ) -> InvokeResponse:
        """Runs one turn of a conversation and returns the finished message.

        Args:
            request: a prompt, or an `InvokeRequest` with all that can be asked for.
            timeout: see `Client`.
            metadata: see `Client`.
            on_headers: see `Client`.

        Raises:
            GatewayError: INVALID_ARGUMENT, NOT_FOUND, FAILED_PRECONDITION, RESOURCE_EXHAUSTED,
                UNAVAILABLE, DEADLINE_EXCEEDED, UNAUTHENTICATED, PERMISSION_DENIED or INTERNAL.
        """
        call = self._inference.Invoke
        message = _requests.invoke(request)
        return self._unary(call, "Invoke", message, timeout, metadata, on_headers)

    def stream(
        self,
        request: _requests.Streaming,
        *,
        timeout: float | None = None,
        metadata: Metadata | None = None,
    ) -> "Stream":
        """Runs one turn of a conversation and streams the message while it is generated.

        The call begins at once; what it fails with is raised by the iteration.

        Args:
            request: a prompt, an `InvokeStreamRequest` with all that can be asked for, or an
                `InvokeRequest`.
            timeout: see `Client`; for the whole stream.
            metadata: see `Client`.
        """
        message = _requests.stream(request)
        seconds, pairs = self._prepared("InvokeStream", timeout, metadata)
        return Stream(self._inference.InvokeStream(message, timeout=seconds, metadata=pairs))

    def count_tokens(
        self,
        request: _requests.Countable,
        *,
        timeout: float | None = None,
        metadata: Metadata | None = None,
        on_headers: OnHeaders | None = None,
    ) -> CountTokensResponse:
        """Counts the input tokens that a request would use, without running a model.

        Args:
            request: a prompt, a `CountTokensRequest`, or the request that is going to be sent.
            timeout: see `Client`.
            metadata: see `Client`.
            on_headers: see `Client`.

        Raises:
            GatewayError: as for `invoke`; with the reason CAPABILITY_UNSUPPORTED, the model cannot
                count tokens.
        """
        call = self._inference.CountTokens
        message = _requests.count(request)
        return self._unary(call, "CountTokens", message, timeout, metadata, on_headers)

    def list_models(
        self,
        *,
        page_size: int = 0,
        timeout: float | None = None,
        metadata: Metadata | None = None,
        on_headers: OnHeaders | None = None,
    ) -> Iterator[Model]:
        """All models, in the order in which the gateway tries them.

        Pages are asked for when the iteration comes to them.

        Args:
            page_size: most models of a page, up to 1000. If 0, 100.
            timeout: see `Client`; for each page.
            metadata: see `Client`.
            on_headers: see `Client`; for each page.

        Raises:
            GatewayError: INVALID_ARGUMENT, UNAVAILABLE or DEADLINE_EXCEEDED.
        """
        token = ""
        while True:
            page = self.list_models_page(
                page_size=page_size,
                page_token=token,
                timeout=timeout,
                metadata=metadata,
                on_headers=on_headers,
            )
            yield from page.models
            token = page.next_page_token
            if not token:
                return

    def list_models_page(
        self,
        *,
        page_size: int = 0,
        page_token: str = "",
        timeout: float | None = None,
        metadata: Metadata | None = None,
        on_headers: OnHeaders | None = None,
    ) -> ListModelsResponse:
        """One page of the models.

        Args:
            page_size: most models of the page, up to 1000. If 0, 100.
            page_token: `next_page_token` of the page before, asked for with the same `page_size`.
            timeout: see `Client`.
            metadata: see `Client`.
            on_headers: see `Client`.

        Raises:
            GatewayError: INVALID_ARGUMENT, UNAVAILABLE or DEADLINE_EXCEEDED.
        """
        call = self._models.ListModels
        message = ListModelsRequest(page_size=page_size, page_token=page_token)
        return self._unary(call, "ListModels", message, timeout, metadata, on_headers)

    def get_model(
        self,
        name: str,
        *,
        timeout: float | None = None,
        metadata: Metadata | None = None,
        on_headers: OnHeaders | None = None,
    ) -> Model:
        """One model, by its name or an alias.

        Raises:
            GatewayError: NOT_FOUND, INVALID_ARGUMENT, UNAVAILABLE or DEADLINE_EXCEEDED.
        """
        call = self._models.GetModel
        message = GetModelRequest(name=name)
        return self._unary(call, "GetModel", message, timeout, metadata, on_headers).model

    def health(
        self,
        service: str = INFERENCE_SERVICE,
        *,
        timeout: float | None = None,
        metadata: Metadata | None = None,
        on_headers: OnHeaders | None = None,
    ) -> bool:
        """Whether the gateway serves. Never calls a model.

        Args:
            service: `bedrock.gateway.v1.InferenceService`, `bedrock.gateway.v1.ModelService`,
                `liveness`, or `models/NAME` for one model.
            timeout: see `Client`.
            metadata: see `Client`.
            on_headers: see `Client`.

        Raises:
            GatewayError: NOT_FOUND, if there is no such service; UNAVAILABLE, if the gateway cannot
                be reached or drains.
        """
        message = HealthCheckRequest(service=service)
        answer = self._unary(self._check, "Check", message, timeout, metadata, on_headers)
        return answer.status == HealthCheckResponse.SERVING

    def close(self) -> None:
        """Closes the connections. Calls that are under way end with CANCELLED."""
        self._is_closed = True
        self._channel.close()

    def _unary(
        self,
        callable_: "grpc.UnaryUnaryMultiCallable[_Request, _Response]",
        method: str,
        request: _Request,
        timeout: float | None,
        metadata: Metadata | None,
        on_headers: OnHeaders | None,
    ) -> _Response:
        seconds, pairs = self._prepared(method, timeout, metadata)
        try:
            response, call = callable_.with_call(request, timeout=seconds, metadata=pairs)
        except grpc.RpcError as error:
            raise errors.from_rpc_error(error) from None
        if on_headers is not None:
            on_headers(_metadata.headers(call.initial_metadata()))
        return response

    def _prepared(
        self, method: str, timeout: float | None, metadata: Metadata | None
    ) -> tuple[float, Pairs]:
        """The deadline of a call in seconds, and its metadata."""
        if self._is_closed:
            raise ValueError("the client is closed")
        seconds = self._settings.timeout(method, timeout)
        common = self._metadata() if callable(self._metadata) else self._metadata
        pairs = _metadata.checked({**common, **(metadata or {})})
        return seconds, tuple(pairs.items())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Client({self._settings.address!r})"


class Stream:
    """The events of an answer while it is generated. Made by `Client.stream`.

    Iterate over it, once. Leaving the loop early, or the `with` block, ends the call, and the
    gateway stops the model; tokens that were under way may be billed. An iteration that comes to
    its end has delivered the whole message; one that does not raises.

    ```python
    with client.stream("Write a haiku about rivers.") as stream:
        for event in stream:
            print(event.content_block_delta.text, end="")
    ```
    """

    def __init__(self, call: "grpc._CallIterator[InvokeStreamResponse]") -> None:
        self._call = call
        self._first: InvokeStreamResponse | None = None
        self._is_iterated = False

    @property
    def headers(self) -> Headers:
        """Headers of the answer, `x-request-id` among them. Waits for the first event.

        Raises:
            GatewayError: the call failed before it.
        """
        if not self._is_iterated and self._first is None:
            try:
                self._first = next(self._call, None)
            except grpc.RpcError as error:
                raise errors.from_rpc_error(error) from None
        return _metadata.headers(self._call.initial_metadata())

    def collect(self) -> InvokeResponse:
        """Reads the stream to its end and joins the events into one answer.

        Raises:
            GatewayError: the call failed; what came before is not an answer. As for
                `Client.invoke`, and ABORTED with the reason STREAM_INTERRUPTED.
        """
        collector = Collector()
        for event in self:
            collector.add(event)
        return collector.response()

    def cancel(self) -> None:
        """Ends the call. May be called from any thread; an iteration raises `Cancelled`."""
        self._call.cancel()

    def __iter__(self) -> Iterator[InvokeStreamResponse]:
        if self._is_iterated:
            raise RuntimeError("a stream can be read once")
        self._is_iterated = True
        return self._events()

    def _events(self) -> Iterator[InvokeStreamResponse]:
        event = self._first
        try:
            if event is not None:
                yield event
            for event in self._call:
                yield event
        except grpc.RpcError as error:
            raise errors.from_rpc_error(error) from None
        finally:
            self._call.cancel()
        if event is None or not event.HasField("metadata"):
            raise errors.incomplete()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.cancel()
