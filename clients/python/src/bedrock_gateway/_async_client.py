"""The client for asyncio. It has the methods of the blocking one, in `_client`."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from inspect import isawaitable
from types import TracebackType
from typing import Self, TypeAlias, TypeVar

import grpc
from google.protobuf.message import Message as ProtoMessage
from grpc import aio
from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse

from bedrock.gateway.v1.inference_service_pb2 import (
    CountTokensResponse,
    InvokeResponse,
    InvokeStreamRequest,
)
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
from bedrock_gateway._client import CHECK, INFERENCE_SERVICE, OnHeaders
from bedrock_gateway._collector import Collector
from bedrock_gateway._metadata import Headers, Metadata, Pairs
from bedrock_gateway._settings import Settings

AsyncMetadataSource: TypeAlias = Metadata | Callable[[], Metadata | Awaitable[Metadata]]
"""Metadata of every call: fixed, or made anew for each call by a function or coroutine function."""

_Request = TypeVar("_Request", bound=ProtoMessage)
_Response = TypeVar("_Response", bound=ProtoMessage)
_Call: TypeAlias = "aio.UnaryStreamCall[InvokeStreamRequest, InvokeStreamResponse]"


def connect_async(
    address: str,
    *,
    metadata: AsyncMetadataSource | None = None,
    timeouts: Mapping[str, float] | None = None,
    ca_file: str | os.PathLike[str] | None = None,
    certificate_file: str | os.PathLike[str] | None = None,
    key_file: str | os.PathLike[str] | None = None,
) -> "AsyncClient":
    """Makes a client for asyncio. Takes what `connect` takes; must run where an event loop runs.

    Args:
        address: see `connect`.
        metadata: see `connect`; the function may also be a coroutine function.
        timeouts: see `connect`.
        ca_file: see `connect`.
        certificate_file: see `connect`.
        key_file: see `connect`.

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
    return AsyncClient(settings, metadata)


class AsyncClient:
    """A gateway, to be called from the tasks of one event loop. Made by `connect_async`.

    One is enough for a program: it has one channel, whose connections carry many calls at a time.
    After a `fork`, make a new one. Used in an `async with` block, it is closed at the end.

    Every call takes:

    - `timeout`: its deadline in seconds, all retries included, instead of that of the method;
    - `metadata`: headers of its own, which replace those of the client that have the same key;
    - `on_headers`: a function that is told the headers of the answer, `x-request-id` among them.

    Every call raises `GatewayError` if it fails, and ValueError if an argument is malformed or the
    client is closed. UNAVAILABLE is retried, twice or three times, before an answer begins and only
    if the gateway does not forbid it; nothing else is. A task that is cancelled, `asyncio.timeout`
    included, ends its call, and the gateway stops the model.
    """

    def __init__(self, settings: Settings, metadata: AsyncMetadataSource | None) -> None:
        self._settings = settings
        self._metadata: AsyncMetadataSource = (
            metadata if callable(metadata) else _metadata.checked(metadata or {})
        )
        target, options = settings.target, settings.channel_options
        if settings.credentials is None:
            self._channel = aio.insecure_channel(target, options=options)
        else:
            self._channel = aio.secure_channel(target, settings.credentials, options=options)
        self._is_closed = False
        self._inference = InferenceServiceStub(self._channel)
        self._models = ModelServiceStub(self._channel)
        self._check: aio.UnaryUnaryMultiCallable[HealthCheckRequest, HealthCheckResponse] = (
            self._channel.unary_unary(
                CHECK,
                HealthCheckRequest.SerializeToString,
                HealthCheckResponse.FromString,
            )
        )

    async def invoke(
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
            timeout: see `AsyncClient`.
            metadata: see `AsyncClient`.
            on_headers: see `AsyncClient`.

        Raises:
            GatewayError: INVALID_ARGUMENT, NOT_FOUND, FAILED_PRECONDITION, RESOURCE_EXHAUSTED,
                UNAVAILABLE, DEADLINE_EXCEEDED, UNAUTHENTICATED, PERMISSION_DENIED or INTERNAL.
        """
        call = self._inference.Invoke
        message = _requests.invoke(request)
        return await self._unary(call, "Invoke", message, timeout, metadata, on_headers)

    def stream(
        self,
        request: _requests.Streaming,
        *,
        timeout: float | None = None,
        metadata: Metadata | None = None,
    ) -> "AsyncStream":
        """Runs one turn of a conversation and streams the message while it is generated.

        The call begins with the iteration, which raises what it fails with.

        Args:
            request: a prompt, an `InvokeStreamRequest` with all that can be asked for, or an
                `InvokeRequest`.
            timeout: see `AsyncClient`; for the whole stream.
            metadata: see `AsyncClient`.
        """
        message = _requests.stream(request)

        async def start() -> _Call:
            seconds, pairs = await self._prepared("InvokeStream", timeout, metadata)
            return self._inference.InvokeStream(message, timeout=seconds, metadata=pairs)

        return AsyncStream(start)

    async def count_tokens(
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
            timeout: see `AsyncClient`.
            metadata: see `AsyncClient`.
            on_headers: see `AsyncClient`.

        Raises:
            GatewayError: as for `invoke`; with the reason CAPABILITY_UNSUPPORTED, the model cannot
                count tokens.
        """
        call = self._inference.CountTokens
        message = _requests.count(request)
        return await self._unary(call, "CountTokens", message, timeout, metadata, on_headers)

    async def list_models(
        self,
        *,
        page_size: int = 0,
        timeout: float | None = None,
        metadata: Metadata | None = None,
        on_headers: OnHeaders | None = None,
    ) -> AsyncIterator[Model]:
        """All models, in the order in which the gateway tries them.

        Pages are asked for when the iteration comes to them.

        Args:
            page_size: most models of a page, up to 1000. If 0, 100.
            timeout: see `AsyncClient`; for each page.
            metadata: see `AsyncClient`.
            on_headers: see `AsyncClient`; for each page.

        Raises:
            GatewayError: INVALID_ARGUMENT, UNAVAILABLE or DEADLINE_EXCEEDED.
        """
        token = ""
        while True:
            page = await self.list_models_page(
                page_size=page_size,
                page_token=token,
                timeout=timeout,
                metadata=metadata,
                on_headers=on_headers,
            )
            for model in page.models:
                yield model
            token = page.next_page_token
            if not token:
                return

    async def list_models_page(
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
            timeout: see `AsyncClient`.
            metadata: see `AsyncClient`.
            on_headers: see `AsyncClient`.

        Raises:
            GatewayError: INVALID_ARGUMENT, UNAVAILABLE or DEADLINE_EXCEEDED.
        """
        call = self._models.ListModels
        message = ListModelsRequest(page_size=page_size, page_token=page_token)
        return await self._unary(call, "ListModels", message, timeout, metadata, on_headers)

    async def get_model(
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
        answer = await self._unary(call, "GetModel", message, timeout, metadata, on_headers)
        return answer.model

    async def health(
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
            timeout: see `AsyncClient`.
            metadata: see `AsyncClient`.
            on_headers: see `AsyncClient`.

        Raises:
            GatewayError: NOT_FOUND, if there is no such service; UNAVAILABLE, if the gateway cannot
                be reached or drains.
        """
        message = HealthCheckRequest(service=service)
        answer = await self._unary(self._check, "Check", message, timeout, metadata, on_headers)
        return answer.status == HealthCheckResponse.SERVING

    async def close(self) -> None:
        """Closes the connections. Calls that are under way end with CANCELLED."""
        self._is_closed = True
        await self._channel.close()

    async def _unary(
        self,
        callable_: "aio.UnaryUnaryMultiCallable[_Request, _Response]",
        method: str,
        request: _Request,
        timeout: float | None,
        metadata: Metadata | None,
        on_headers: OnHeaders | None,
    ) -> _Response:
        seconds, pairs = await self._prepared(method, timeout, metadata)
        call = callable_(request, timeout=seconds, metadata=pairs)
        try:
            response = await call
        except grpc.RpcError as error:
            raise errors.from_rpc_error(error) from None
        except asyncio.CancelledError:
            raise _cancelled() from None
        if on_headers is not None:
            on_headers(_metadata.headers(await call.initial_metadata()))
        return response

    async def _prepared(
        self, method: str, timeout: float | None, metadata: Metadata | None
    ) -> tuple[float, Pairs]:
        """The deadline of a call in seconds, and its metadata."""
        if self._is_closed:
            raise ValueError("the client is closed")
        seconds = self._settings.timeout(method, timeout)
        common = self._metadata() if callable(self._metadata) else self._metadata
        if isawaitable(common):
            common = await common
        pairs = _metadata.checked({**common, **(metadata or {})})
        return seconds, tuple(pairs.items())

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    def __repr__(self) -> str:
        return f"AsyncClient({self._settings.address!r})"


class AsyncStream:
    """The events of an answer while it is generated. Made by `AsyncClient.stream`.

    Iterate over it, once. Leaving the `async with` block early, or cancelling the task, ends the
    call, and the gateway stops the model; tokens that were under way may be billed. (Leaving a loop
    that no such block surrounds does the same, but only when the event loop finds out.) An
    iteration that comes to its end has delivered the whole message; one that does not raises.

    ```python
    async with client.stream("Write a haiku about rivers.") as stream:
        async for event in stream:
            print(event.content_block_delta.text, end="")
    ```
    """

    def __init__(self, start: Callable[[], Awaitable[_Call]]) -> None:
        self._start = start
        self._call: _Call | None = None
        self._first: InvokeStreamResponse | None = None
        self._is_iterated = False
        self._is_cancelled = False

    async def headers(self) -> Headers:
        """Headers of the answer, `x-request-id` among them. Waits for the first event.

        Raises:
            GatewayError: the call failed before it.
        """
        call = await self._started()
        if not self._is_iterated and self._first is None:
            self._first = await self._read(call)
        return _metadata.headers(await call.initial_metadata())

    async def collect(self) -> InvokeResponse:
        """Reads the stream to its end and joins the events into one answer.

        Raises:
            GatewayError: the call failed; what came before is not an answer. As for
                `AsyncClient.invoke`, and ABORTED with the reason STREAM_INTERRUPTED.
        """
        collector = Collector()
        async for event in self:
            collector.add(event)
        return collector.response()

    def cancel(self) -> None:
        """Ends the call. An iteration in another task raises `Cancelled`."""
        self._is_cancelled = True
        if self._call is not None:
            self._call.cancel()

    async def _started(self) -> _Call:
        if self._call is None:
            self._call = await self._start()
            if self._is_cancelled:
                self._call.cancel()
        return self._call

    def __aiter__(self) -> AsyncIterator[InvokeStreamResponse]:
        if self._is_iterated:
            raise RuntimeError("a stream can be read once")
        self._is_iterated = True
        return self._events()

    async def _events(self) -> AsyncIterator[InvokeStreamResponse]:
        call = await self._started()
        event = None
        try:
            following = self._first or await self._read(call)
            while following is not None:
                event = following
                yield event
                following = await self._read(call)
        finally:
            call.cancel()
        if event is None or not event.HasField("metadata"):
            raise errors.incomplete()

    async def _read(self, call: _Call) -> InvokeStreamResponse | None:
        """The next event, or None at the end."""
        try:
            event = await call.read()
        except grpc.RpcError as error:
            raise errors.from_rpc_error(error) from None
        except asyncio.CancelledError:
            raise _cancelled() from None
        return event if isinstance(event, InvokeStreamResponse) else None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.cancel()


def _cancelled() -> BaseException:
    """What a cancelled call raises: the task's own cancellation, if that is what ended it."""
    task = asyncio.current_task()
    if task is None or task.cancelling():
        return asyncio.CancelledError()
    return errors.Cancelled(grpc.StatusCode.CANCELLED, "the call was ended by the client")
