"""The samples, as a reader runs them."""

import runpy
from collections.abc import Callable
from pathlib import Path

import pytest
from gateways import Gateway

SAMPLES = Path(__file__).resolve().parents[1] / "samples"

# What a reader sees of each, in this order.
SHOWS = {
    "basic": ["[emulator]", "-- claude-opus-4-1: ", "tokens in"],
    "stream": ["[emulator]", "-- claude-opus-4-1: STOP_REASON_END_TURN, "],
    "tools": ["-- the model called get_weather(", "was sent 3 message(s)"],
    "images": ["-- at most 20 images", "-- the request has ", "[emulator]"],
    "errors": [
        "refused: INVALID_ARGUMENT (INVALID_REQUEST)",
        "prompt is required",
        "inference_config.max_tokens is 0",
        "failed: NOT_FOUND, MODEL_NOT_FOUND, retryable: False",
        "throttled: UPSTREAM_THROTTLED; waiting for 0:00:0",
        "answered after all: [emulator]",
    ],
    "fallback": [
        "1. claude-opus-4-1: FAILED ERROR_REASON_UPSTREAM_THROTTLED (ThrottlingException)",
        "2. claude-sonnet-4-5: SUCCEEDED",
        "claude-sonnet-4-5 answered, for 0.0",
    ],
    "cancel": ["left after '", "too late: DEADLINE_EXCEEDED", "the task was "],
}


@pytest.fixture
def run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[[str, dict[str, str]], str]:
    """Runs a sample as the program that it is, and gives what it printed."""

    def run(name: str, environment: dict[str, str]) -> str:
        for key in ("GATEWAY_ADDRESS", "EMULATOR_URL"):
            monkeypatch.delenv(key, raising=False)
        for key, value in environment.items():
            monkeypatch.setenv(key, value)
        runpy.run_path(str(SAMPLES / f"{name}.py"), run_name="__main__")
        printed = capsys.readouterr()
        assert printed.err == ""
        return printed.out

    return run


def test_every_sample_is_run() -> None:
    assert {path.stem for path in SAMPLES.glob("*.py")} == set(SHOWS)


@pytest.mark.parametrize("name", SHOWS)
def test_sample_shows_what_a_reader_expects(
    name: str, scripted_gateway: Gateway, run: Callable[[str, dict[str, str]], str]
) -> None:
    shown = run(name, scripted_gateway.environment())

    rest = shown
    for expected in SHOWS[name]:
        _, found, rest = rest.partition(expected)
        assert found, f"{expected!r} is not there, or not in its place:\n{shown}"


@pytest.mark.parametrize("name", ["errors", "fallback"])
def test_sample_without_the_emulator_says_so(
    name: str, gateway: Gateway, run: Callable[[str, dict[str, str]], str]
) -> None:
    environment = gateway.environment()
    del environment["EMULATOR_URL"]

    assert "EMULATOR_URL is not set" in run(name, environment)
