"""The service config that all clients share: deadlines, retries, balancing, health checks.

The file beside this module is a copy of clients/service_config.json.
"""

import json
from collections.abc import Mapping
from importlib.resources import files
from typing import Any, Final

METHODS: Final = {
    "Invoke": "bedrock.gateway.v1.InferenceService",
    "InvokeStream": "bedrock.gateway.v1.InferenceService",
    "CountTokens": "bedrock.gateway.v1.InferenceService",
    "ListModels": "bedrock.gateway.v1.ModelService",
    "GetModel": "bedrock.gateway.v1.ModelService",
    "Check": "grpc.health.v1.Health",
}
"""The methods that a client calls, and their services."""

_CHECK_SECONDS: Final = 10.0


def read() -> dict[str, Any]:
    """The file."""
    text = (files(__package__) / "service_config.json").read_text(encoding="utf-8")
    config: dict[str, Any] = json.loads(text)
    return config


def timeouts(config: Mapping[str, Any]) -> dict[str, float]:
    """The deadline of each method, in seconds. That of a health check is not in the file."""
    return {"Check": _CHECK_SECONDS} | {
        method: _seconds(entry["timeout"])
        for method, service in METHODS.items()
        if (entry := _entry(config, service, method)) is not None
    }


def for_channel(config: Mapping[str, Any]) -> str:
    """The config as gRPC takes it, without the deadlines.

    gRPC would take the smaller of a call's own deadline and of that in the file, so that no call
    could be given more time than the file says. The client sets the deadline of every call itself.
    """
    methods = [
        {key: value for key, value in entry.items() if key != "timeout"}
        for entry in config["methodConfig"]
    ]
    return json.dumps({**config, "methodConfig": methods})


def _entry(config: Mapping[str, Any], service: str, method: str) -> Mapping[str, Any] | None:
    """What the file says of a method: where it is named itself, or else where its service is."""
    for name in ({"service": service, "method": method}, {"service": service}):
        for entry in config["methodConfig"]:
            if name in entry["name"]:
                found: Mapping[str, Any] = entry
                return found
    return None


def _seconds(duration: str) -> float:
    """Reads a duration of proto JSON, such as "1.5s"."""
    return float(duration.removesuffix("s"))
