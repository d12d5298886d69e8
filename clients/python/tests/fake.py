"""A server of the API that does as it is told, to see what a client does then."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import grpc
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.message import Message
from google.rpc.status_pb2 import Status

from bedrock_gateway import v1

SERVICE = "bedrock.gateway.v1.InferenceService"

Behaviour = Callable[[grpc.ServicerContext], Iterable[Message]]


@dataclass
class Fake:
    """A running server. `calls` has the headers of every attempt that reached it."""

    behaviours: dict[str, Behaviour] = field(default_factory=dict)
    calls: list[tuple[str, dict[str, str | bytes]]] = field(default_factory=list)
    requests: list[bytes] = field(default_factory=list)
    port: int = 0

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def attempts(self, method: str) -> int:
        return sum(called == method for called, _ in self.calls)

    def play(self, method: str, request: bytes, context: grpc.ServicerContext) -> Iterator[bytes]:
        self.calls.append((method, dict(context.invocation_metadata())))
        self.requests.append(request)
        for message in self.behaviours[method](context):
            yield message.SerializeToString()


@contextmanager
def running(credentials: grpc.ServerCredentials | None = None) -> Iterator[Fake]:
    """A fake on a free port."""
    fake = Fake()
    server = grpc.server(ThreadPoolExecutor(8))
    server.add_generic_rpc_handlers((_Handler(fake),))
    if credentials is None:
        fake.port = server.add_insecure_port("127.0.0.1:0")
    else:
        fake.port = server.add_secure_port("127.0.0.1:0", credentials)
    server.start()
    try:
        yield fake
    finally:
        server.stop(None).wait()


class _Handler(grpc.GenericRpcHandler):
    def __init__(self, fake: Fake) -> None:
        self._fake = fake

    def service(self, details: grpc.HandlerCallDetails) -> Any:
        method = details.method.rpartition("/")[2]
        if method not in self._fake.behaviours:
            return None

        def stream(request: bytes, context: grpc.ServicerContext) -> Iterator[bytes]:
            yield from self._fake.play(method, request, context)

        def unary(request: bytes, context: grpc.ServicerContext) -> bytes:
            return next(stream(request, context))

        if method == "InvokeStream":
            return grpc.unary_stream_rpc_method_handler(stream)
        return grpc.unary_unary_rpc_method_handler(unary)


def answer(text: str = "done") -> v1.InvokeResponse:
    return v1.InvokeResponse(text=text)


def fails(
    code: grpc.StatusCode,
    message: str = "no",
    details: Sequence[Message] = (),
    trailers: Sequence[tuple[str, str]] = (),
) -> Behaviour:
    """Ends every call with a status."""
    found: list[tuple[str, str | bytes]] = [*trailers]
    if details:
        found.append(("grpc-status-details-bin", encoded(code, message, details)))

    def behave(context: grpc.ServicerContext) -> Sequence[Message]:
        context.set_trailing_metadata(tuple(found))
        context.abort(code, message)

    return behave


def encoded(code: grpc.StatusCode, message: str, details: Sequence[Message]) -> bytes:
    """A `google.rpc.Status`."""
    status = Status(code=code.value[0], message=message)
    for detail in details:
        packed = AnyMessage()
        packed.Pack(detail)
        status.details.append(packed)
    return status.SerializeToString()


def then(*behaviours: Behaviour) -> Behaviour:
    """Behaves in each of these ways in turn; the last one stays."""
    left = list(behaviours)

    def behave(context: grpc.ServicerContext) -> Iterable[Message]:
        current = left.pop(0) if len(left) > 1 else left[0]
        return current(context)

    return behave


def answers(*messages: Message) -> Behaviour:
    return lambda _: messages
