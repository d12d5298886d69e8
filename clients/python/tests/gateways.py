"""A gateway in front of its emulator, for the tests."""

import json
import os
import queue
import subprocess
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

START_LIMIT_SECONDS = 60
EVENT_LIMIT_SECONDS = 60

_Found = TypeVar("_Found")


@dataclass(frozen=True)
class Gateway:
    """A running gateway, and the emulator that it calls."""

    address: str
    emulator: str

    def set_scenario(self, model: str, scenario: object) -> None:
        """Tells a model of the emulator what to do; `*` is all of them."""
        self._emulator("PUT", f"scenarios/{model}", json.dumps(scenario).encode())

    def journal(self) -> list[dict[str, Any]]:
        """What the emulator was asked, and how it ended."""
        entries: list[dict[str, Any]] = json.loads(self._emulator("GET", "journal"))
        return entries

    def reset(self) -> None:
        """Back to normal answers and an empty journal."""
        self._emulator("DELETE", "scenarios")
        self._emulator("DELETE", "journal")

    def environment(self) -> dict[str, str]:
        """For programs that call it."""
        kept = {key: value for key, value in os.environ.items() if key != "EMULATOR_URL"}
        return kept | {"GATEWAY_ADDRESS": self.address, "EMULATOR_URL": self.emulator}

    def _emulator(self, method: str, path: str, body: bytes | None = None) -> bytes:
        url = f"{self.emulator}/_emulator/{path}"
        request = urllib.request.Request(url, data=body, method=method)
        with urllib.request.urlopen(request, timeout=EVENT_LIMIT_SECONDS) as answer:
            content: bytes = answer.read()
        return content


@contextmanager
def running() -> Iterator[Gateway]:
    """A gateway of its own on free ports; or the one of GATEWAY_ADDRESS and EMULATOR_URL."""
    given = os.environ.get("GATEWAY_ADDRESS"), os.environ.get("EMULATOR_URL")
    if given[0] and given[1]:
        yield Gateway(given[0], given[1])
        return
    binary = os.environ.get("GATEWAY_BIN")
    assert binary, "set GATEWAY_BIN to the gateway's program, or GATEWAY_ADDRESS and EMULATOR_URL"
    command = [binary, "serve", "--emulator", "--listen", "127.0.0.1:0"]
    process = subprocess.Popen(
        command,
        env=_clean_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    lines: queue.Queue[str] = queue.Queue()
    reader = threading.Thread(target=_read, args=(process, lines), daemon=True)
    reader.start()
    try:
        address = _last_word(lines, "gateway listening on ")
        emulator = _last_word(lines, "emulator listening on ")
        yield Gateway(f"http://{address}", emulator)
    finally:
        # Not told to stop: it would wait for load balancers first.
        process.kill()
        process.wait()
        reader.join()


def until(look: Callable[[], _Found | None]) -> _Found:
    """What `look` gives, once it gives something."""
    limit = time.monotonic() + EVENT_LIMIT_SECONDS
    while (found := look()) is None:
        assert time.monotonic() < limit, "did not happen in time"
        time.sleep(0.01)
    return found


def _read(process: "subprocess.Popen[str]", lines: "queue.Queue[str]") -> None:
    assert process.stdout is not None
    with process.stdout as printed:
        for line in printed:
            lines.put(line)
    lines.put("")


def _last_word(lines: "queue.Queue[str]", beginning: str) -> str:
    line = lines.get(timeout=START_LIMIT_SECONDS)
    assert line.startswith(beginning), f"the gateway printed {line!r}"
    return line.removeprefix(beginning).strip()


def _clean_environment() -> dict[str, str]:
    """The environment without what would choose a region, credentials or settings."""
    kept = {
        key: value for key, value in os.environ.items() if not key.startswith(("AWS_", "BEDROCK_"))
    }
    return kept | {
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        # The models of the registry grow old; these tests must not.
        "BEDROCK_GATEWAY_REGISTRY_TRY_RETIRED_MODELS": "true",
    }
