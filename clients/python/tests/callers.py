"""Both clients as one, for tests of what they have in common."""

import asyncio
from collections.abc import AsyncIterable, Callable, Mapping
from typing import Any, Self, TypeVar

import bedrock_gateway
from bedrock_gateway import v1

_Item = TypeVar("_Item")

Connect = Callable[..., "Blocking | Asyncio"]


class Blocking:
    """The blocking client."""

    def __init__(self, address: str, **options: Any) -> None:
        self.client = bedrock_gateway.connect(address, **options)

    def invoke(self, request: Any, **options: Any) -> v1.InvokeResponse:
        return self.client.invoke(request, **options)

    def events(self, request: Any, **options: Any) -> list[v1.InvokeStreamResponse]:
        with self.client.stream(request, **options) as stream:
            return list(stream)

    def collect(self, request: Any, **options: Any) -> v1.InvokeResponse:
        with self.client.stream(request, **options) as stream:
            return stream.collect()

    def stream_headers(self, request: Any) -> tuple[Mapping[str, Any], v1.InvokeResponse]:
        with self.client.stream(request) as stream:
            return stream.headers, stream.collect()

    def leave_behind_first(self, request: Any) -> v1.InvokeStreamResponse:
        for event in self.client.stream(request):
            return event
        raise AssertionError("no event came")

    def count_tokens(self, request: Any, **options: Any) -> v1.CountTokensResponse:
        return self.client.count_tokens(request, **options)

    def list_models(self, **options: Any) -> list[v1.Model]:
        return list(self.client.list_models(**options))

    def list_models_page(self, **options: Any) -> v1.ListModelsResponse:
        return self.client.list_models_page(**options)

    def get_model(self, name: str, **options: Any) -> v1.Model:
        return self.client.get_model(name, **options)

    def health(self, *arguments: Any, **options: Any) -> bool:
        return self.client.health(*arguments, **options)

    def close(self) -> None:
        self.client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Asyncio(Blocking):
    """The client for asyncio, each of whose calls is waited for."""

    def __init__(self, address: str, **options: Any) -> None:
        async def connect() -> bedrock_gateway.AsyncClient:
            return bedrock_gateway.connect_async(address, **options)

        self._runner = asyncio.Runner()
        try:
            self._client = self._runner.run(connect())
        except BaseException:
            self._runner.close()
            raise

    def invoke(self, request: Any, **options: Any) -> v1.InvokeResponse:
        return self._runner.run(self._client.invoke(request, **options))

    def events(self, request: Any, **options: Any) -> list[v1.InvokeStreamResponse]:
        async def call() -> list[v1.InvokeStreamResponse]:
            async with self._client.stream(request, **options) as stream:
                return await _list(stream)

        return self._runner.run(call())

    def collect(self, request: Any, **options: Any) -> v1.InvokeResponse:
        async def call() -> v1.InvokeResponse:
            async with self._client.stream(request, **options) as stream:
                return await stream.collect()

        return self._runner.run(call())

    def stream_headers(self, request: Any) -> tuple[Mapping[str, Any], v1.InvokeResponse]:
        async def call() -> tuple[Mapping[str, Any], v1.InvokeResponse]:
            async with self._client.stream(request) as stream:
                return await stream.headers(), await stream.collect()

        return self._runner.run(call())

    def leave_behind_first(self, request: Any) -> v1.InvokeStreamResponse:
        async def call() -> v1.InvokeStreamResponse:
            async with self._client.stream(request) as stream:
                async for event in stream:
                    return event
            raise AssertionError("no event came")

        return self._runner.run(call())

    def count_tokens(self, request: Any, **options: Any) -> v1.CountTokensResponse:
        return self._runner.run(self._client.count_tokens(request, **options))

    def list_models(self, **options: Any) -> list[v1.Model]:
        return self._runner.run(_list(self._client.list_models(**options)))

    def list_models_page(self, **options: Any) -> v1.ListModelsResponse:
        return self._runner.run(self._client.list_models_page(**options))

    def get_model(self, name: str, **options: Any) -> v1.Model:
        return self._runner.run(self._client.get_model(name, **options))

    def health(self, *arguments: Any, **options: Any) -> bool:
        return self._runner.run(self._client.health(*arguments, **options))

    def close(self) -> None:
        self._runner.run(self._client.close())
        self._runner.close()

    def __exit__(self, *_: object) -> None:
        self.close()


async def _list(items: AsyncIterable[_Item]) -> list[_Item]:
    return [item async for item in items]
