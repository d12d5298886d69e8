"""The conformance client as a program."""

import base64
import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

import pytest
from gateways import Gateway, running
from google.rpc.status_pb2 import Status

from bedrock_gateway import v1

PROGRAM = Path(__file__).resolve().parents[1] / "conformance"
MODEL = "claude-sonnet-4-5"


class Conformance:
    """The program, running."""

    def __init__(self, client: str, gateway: Gateway) -> None:
        self.gateway = gateway
        self._process = subprocess.Popen(
            [PROGRAM, "--client", client],
            env=gateway.environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def send(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer

    def call(self, method: str, request: Any, timeout_ms: int = 20_000) -> dict[str, Any]:
        sent = base64.b64encode(request.SerializeToString()).decode()
        line = {"id": 7, "method": method, "request": sent, "timeoutMs": timeout_ms}
        self.send(json.dumps(line))
        answer = self.answer()
        assert answer["id"] == 7
        return answer

    def end(self) -> int:
        self._process.communicate(timeout=60)
        return self._process.returncode

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()


@pytest.fixture(scope="module", params=["asyncio", "blocking"])
def program(request: pytest.FixtureRequest) -> Iterator[Conformance]:
    """The program with each of the clients; its tests take a model each, to be told what to do."""
    with running() as gateway, Conformance(request.param, gateway) as program:
        yield program
        assert program.end() == 0


def decoded(text: str, kind: Any) -> Any:
    return kind.FromString(base64.b64decode(text))


def test_every_method_is_answered(program: Conformance) -> None:
    invoked = program.call("Invoke", v1.InvokeRequest(prompt="Hi", model=MODEL))
    streamed = program.call("InvokeStream", v1.InvokeStreamRequest(prompt="Hi", model=MODEL))
    counted = program.call("CountTokens", v1.CountTokensRequest(prompt="Hi", model=MODEL))
    listed = program.call("ListModels", v1.ListModelsRequest())
    page = program.call("ListModels", v1.ListModelsRequest(page_size=2))
    got = program.call("GetModel", v1.GetModelRequest(name=MODEL))

    answer = decoded(invoked["response"], v1.InvokeResponse)
    joined = decoded(streamed["collected"], v1.InvokeResponse)
    assert answer.text == joined.text != ""
    assert invoked["headers"]["x-request-id"] == [answer.metadata.request_id]
    assert streamed["headers"]["x-request-id"] == [joined.metadata.request_id]
    assert streamed["firstContentMs"] > 0
    events = [decoded(event, v1.InvokeStreamResponse) for event in streamed["events"]]
    assert events[-1].metadata == joined.metadata
    assert decoded(counted["response"], v1.CountTokensResponse).input_tokens > 0
    models = decoded(listed["response"], v1.ListModelsResponse)
    first = decoded(page["response"], v1.ListModelsResponse)
    assert not models.next_page_token
    assert first.next_page_token
    assert list(first.models) == list(models.models)[:2]
    assert decoded(got["response"], v1.GetModelResponse).model.name == MODEL


def test_refusal_is_told_with_all_that_the_typed_error_knows(program: Conformance) -> None:
    for method in ("Invoke", "InvokeStream"):
        answer = program.call(method, v1.InvokeRequest())

        error = answer["error"]
        assert (error["code"], error["reason"]) == (3, "INVALID_REQUEST")
        assert [found["field"] for found in error["violations"]] == ["prompt"]
        assert error["help"] == "docs/errors.md#invalid_request"
        assert error["trailers"]["x-request-id"] == [error["requestId"]]
        assert decoded(error["details"], Status).code == 3
        assert error["attempts"] == 0
        assert not error["retryable"]
        assert "retryDelayMs" not in error


def test_throttled_model_is_told_with_delay_and_attempts(program: Conformance) -> None:
    program.gateway.set_scenario("claude-3-opus", {"exception": {"name": "ThrottlingException"}})
    request = v1.InvokeRequest(
        model="claude-3-opus",
        prompt="Hi",
        routing_config=v1.RoutingConfig(
            max_attempts=1, fallback_mode=v1.RoutingConfig.FALLBACK_MODE_DISABLED
        ),
    )

    error = program.call("Invoke", request)["error"]

    assert (error["code"], error["reason"]) == (8, "UPSTREAM_THROTTLED")
    assert error["attempts"] == 1
    assert error["retryDelayMs"] > 0
    assert error["retryable"]


def test_broken_stream_is_told_with_the_events_that_came(program: Conformance) -> None:
    program.gateway.set_scenario("claude-3-5-haiku", {"cut": {"afterEvents": 4}})
    request = v1.InvokeStreamRequest(model="claude-3-5-haiku", prompt="Hi")

    answer = program.call("InvokeStream", request)

    assert answer["headers"]["x-request-id"]
    assert len(answer["events"]) >= 2
    assert answer["error"]["reason"] == "STREAM_INTERRUPTED"
    assert answer["error"]["outputStarted"]
    assert "collected" not in answer


def test_deadline_of_the_line_is_kept(program: Conformance) -> None:
    program.gateway.set_scenario("claude-3-sonnet", {"hang": {}})
    request = v1.InvokeRequest(model="claude-3-sonnet", prompt="Hi")

    answer = program.call("Invoke", request, timeout_ms=400)

    assert answer["error"]["code"] == 4


def test_calls_run_side_by_side(program: Conformance) -> None:
    program.gateway.set_scenario("claude-opus-4-1", {"delay": {"headersMs": 1000}})
    slow = v1.InvokeRequest(model="claude-opus-4-1", prompt="Hi")
    requests = {"slow": slow, "fast": v1.InvokeRequest()}
    for name, request in requests.items():
        sent = base64.b64encode(request.SerializeToString()).decode()
        program.send(json.dumps({"id": name, "method": "Invoke", "request": sent}))

    assert [program.answer()["id"], program.answer()["id"]] == ["fast", "slow"]


@pytest.mark.parametrize(
    ("line", "id_"),
    [
        ("what?", None),
        ("[]", None),
        ('{"id": 3}', 3),
        ('{"id": 4, "method": "Invoke", "request": "%"}', 4),
        ('{"id": 5, "method": "Invoke", "request": "////"}', 5),
        ('{"id": 6, "method": "Fly", "request": ""}', 6),
    ],
)
def test_line_that_cannot_be_read_is_answered_too(
    program: Conformance, line: str, id_: int | None
) -> None:
    program.send(line)

    answer = program.answer()

    assert answer["id"] == id_
    assert answer["error"]["code"] == 2
    assert answer["error"]["message"]


def test_address_is_required() -> None:
    environment = {key: value for key, value in os.environ.items() if key != "GATEWAY_ADDRESS"}

    ended = subprocess.run(
        [PROGRAM], env=environment, input="", capture_output=True, text=True, check=False
    )

    assert ended.returncode == 2
    assert "set GATEWAY_ADDRESS" in ended.stderr
