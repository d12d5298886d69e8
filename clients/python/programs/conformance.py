"""The conformance client: makes the calls that it reads as lines of JSON, and writes what came.

The gateway is that of GATEWAY_ADDRESS. Up to 16 calls run side by side, so that answers come in any
order. `--client blocking` uses the blocking client and threads, instead of asyncio. Ends with
exit code 0 at the end of input.
"""

import argparse
import asyncio
import base64
import json
import os
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import bedrock_gateway
from bedrock_gateway import AsyncClient, Client, Collector, GatewayError, Headers, v1

CALLS_AT_ONCE = 16
UNKNOWN = 2
CONTENT = ("content_block_start", "content_block_delta")


@dataclass
class Call:
    """A call to be made."""

    id: object
    method: str
    request: bytes
    timeout: float | None


@dataclass
class Outcome:
    """What came of a call, as far as it came."""

    id: object
    began: float = field(default_factory=time.monotonic)
    members: dict[str, Any] = field(default_factory=dict)
    collector: Collector | None = None

    def take_headers(self, headers: Headers) -> None:
        self.members["headers"] = headers

    def take_event(self, event: v1.InvokeStreamResponse) -> None:
        if self.collector is None:
            self.collector = Collector()
            self.members["events"] = []
        if "firstContentMs" not in self.members and event.WhichOneof("event") in CONTENT:
            self.members["firstContentMs"] = round((time.monotonic() - self.began) * 1000, 3)
        self.members["events"].append(encoded(event))
        self.collector.add(event)

    def take_end_of_stream(self) -> None:
        collector = self.collector or Collector()
        self.members["collected"] = encoded(collector.response())

    def take_response(self, response: Any) -> None:
        self.members["response"] = encoded(response)

    def take_error(self, error: Exception) -> None:
        if not isinstance(error, GatewayError):
            self.members["error"] = {"code": UNKNOWN, "message": f"{type(error).__name__}: {error}"}
            return
        if error.headers:
            self.members["headers"] = error.headers
        self.members["error"] = described(error)

    def line(self) -> str:
        return json.dumps({"id": self.id, **self.members}, separators=(",", ":"))


def encoded(message: Any) -> str:
    """Base64 of a message."""
    return base64.b64encode(message.SerializeToString()).decode()


def described(error: GatewayError) -> dict[str, Any]:
    """An error's members."""
    members: dict[str, Any] = {
        "code": error.code.value[0],
        "message": error.message,
        "trailers": error.trailers,
        "reason": error.reason,
        "requestId": error.request_id,
        "violations": [
            {"field": found.field, "reason": found.reason, "description": found.description}
            for found in error.field_violations
        ],
        "help": error.help,
        "attempts": len(error.attempts),
        "outputStarted": error.output_started,
        "retryable": error.is_retryable,
    }
    if error.status_details:
        members["details"] = base64.b64encode(error.status_details).decode()
    if error.retry_delay is not None:
        members["retryDelayMs"] = round(error.retry_delay.total_seconds() * 1000)
    return members


def read(line: str) -> Call:
    """The call that a line asks for."""
    members = json.loads(line)
    timeout_ms = members.get("timeoutMs")
    return Call(
        id=members["id"],
        method=members["method"],
        request=base64.b64decode(members["request"], validate=True),
        timeout=None if timeout_ms is None else timeout_ms / 1000,
    )


def unreadable(line: str, error: Exception) -> Outcome:
    """What is written about a line that cannot be read."""
    try:
        members = json.loads(line)
    except ValueError:
        members = None
    outcome = Outcome(members.get("id") if isinstance(members, dict) else None)
    message = f"the line cannot be read: {type(error).__name__}: {error}"
    outcome.members["error"] = {"code": UNKNOWN, "message": message}
    return outcome


def is_for_all_pages(request: v1.ListModelsRequest) -> bool:
    return not request.page_size and not request.page_token


def run_blocking(client: Client, call: Call) -> Outcome:
    """Makes a call with the blocking client."""
    outcome = Outcome(call.id)
    options: Any = {"timeout": call.timeout, "on_headers": outcome.take_headers}
    try:
        match call.method:
            case "Invoke":
                request = v1.InvokeRequest.FromString(call.request)
                outcome.take_response(client.invoke(request, **options))
            case "InvokeStream":
                streamed = v1.InvokeStreamRequest.FromString(call.request)
                with client.stream(streamed, timeout=call.timeout) as stream:
                    outcome.take_headers(stream.headers)
                    for event in stream:
                        outcome.take_event(event)
                outcome.take_end_of_stream()
            case "CountTokens":
                counted = v1.CountTokensRequest.FromString(call.request)
                outcome.take_response(client.count_tokens(counted, **options))
            case "ListModels":
                listed = v1.ListModelsRequest.FromString(call.request)
                if is_for_all_pages(listed):
                    models = client.list_models(**options)
                    outcome.take_response(v1.ListModelsResponse(models=models))
                else:
                    size, token = listed.page_size, listed.page_token
                    page = client.list_models_page(page_size=size, page_token=token, **options)
                    outcome.take_response(page)
            case "GetModel":
                name = v1.GetModelRequest.FromString(call.request).name
                model = client.get_model(name, **options)
                outcome.take_response(v1.GetModelResponse(model=model))
            case _:
                raise ValueError(f"no method is named {call.method!r}")
    except Exception as error:
        outcome.take_error(error)
    return outcome


async def run_asyncio(client: AsyncClient, call: Call) -> Outcome:
    """Makes a call with the client for asyncio."""
    outcome = Outcome(call.id)
    options: Any = {"timeout": call.timeout, "on_headers": outcome.take_headers}
    try:
        match call.method:
            case "Invoke":
                request = v1.InvokeRequest.FromString(call.request)
                outcome.take_response(await client.invoke(request, **options))
            case "InvokeStream":
                streamed = v1.InvokeStreamRequest.FromString(call.request)
                async with client.stream(streamed, timeout=call.timeout) as stream:
                    outcome.take_headers(await stream.headers())
                    async for event in stream:
                        outcome.take_event(event)
                outcome.take_end_of_stream()
            case "CountTokens":
                counted = v1.CountTokensRequest.FromString(call.request)
                outcome.take_response(await client.count_tokens(counted, **options))
            case "ListModels":
                listed = v1.ListModelsRequest.FromString(call.request)
                if is_for_all_pages(listed):
                    models = [model async for model in client.list_models(**options)]
                    outcome.take_response(v1.ListModelsResponse(models=models))
                else:
                    size, token = listed.page_size, listed.page_token
                    page = await client.list_models_page(
                        page_size=size, page_token=token, **options
                    )
                    outcome.take_response(page)
            case "GetModel":
                name = v1.GetModelRequest.FromString(call.request).name
                model = await client.get_model(name, **options)
                outcome.take_response(v1.GetModelResponse(model=model))
            case _:
                raise ValueError(f"no method is named {call.method!r}")
    except Exception as error:
        outcome.take_error(error)
    return outcome


def write(outcome: Outcome) -> None:
    sys.stdout.write(outcome.line() + "\n")
    sys.stdout.flush()


def serve_blocking(address: str) -> None:
    """Makes all calls with the blocking client."""
    lock = threading.Lock()

    with bedrock_gateway.connect(address) as client, ThreadPoolExecutor(CALLS_AT_ONCE) as threads:

        def serve(line: str) -> None:
            try:
                call = read(line)
            except Exception as error:
                outcome = unreadable(line, error)
            else:
                outcome = run_blocking(client, call)
            with lock:
                write(outcome)

        for served in [threads.submit(serve, line) for line in sys.stdin if line.strip()]:
            served.result()


async def serve_asyncio(address: str) -> None:
    """Makes all calls with the client for asyncio."""
    places = asyncio.Semaphore(CALLS_AT_ONCE)

    async with bedrock_gateway.connect_async(address) as client, asyncio.TaskGroup() as tasks:

        async def serve(line: str) -> None:
            try:
                call = read(line)
            except Exception as error:
                write(unreadable(line, error))
            else:
                write(await run_asyncio(client, call))
            finally:
                places.release()

        while line := await asyncio.to_thread(sys.stdin.readline):
            if line.strip():
                await places.acquire()
                tasks.create_task(serve(line))


def main() -> int:
    """Runs the program."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--client", choices=["asyncio", "blocking"], default="asyncio")
    options = parser.parse_args()
    address = os.environ.get("GATEWAY_ADDRESS")
    if not address:
        print("error: set GATEWAY_ADDRESS, for example to http://127.0.0.1:50051", file=sys.stderr)
        return 2
    if options.client == "blocking":
        serve_blocking(address)
    else:
        asyncio.run(serve_asyncio(address))
    return 0


if __name__ == "__main__":
    sys.exit(main())
