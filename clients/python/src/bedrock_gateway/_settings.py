"""What a client is told once: where the gateway is, deadlines, metadata, TLS."""

import math
import os
import ssl
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import grpc

from bedrock_gateway import _address, _service_config

MAX_MESSAGE_BYTES: Final = 32 * 1024 * 1024
_KEEPALIVE_MS: Final = 60_000
_KEEPALIVE_TIMEOUT_MS: Final = 10_000

DISTRIBUTION: Final = "bedrock-gateway-client"


class Settings:
    """The settings of a client, checked. Metadata is not among them, since it may be secret."""

    def __init__(
        self,
        address: str,
        *,
        ca_file: str | os.PathLike[str] | None,
        certificate_file: str | os.PathLike[str] | None,
        key_file: str | os.PathLike[str] | None,
        timeouts: Mapping[str, float] | None,
    ) -> None:
        parsed = _address.parse(address)
        self.address = address
        self.target = parsed.target
        config = _service_config.read()
        self._timeouts = _service_config.timeouts(config) | _checked(timeouts or {})
        self.channel_options = _channel_options(config)
        self.credentials: grpc.ChannelCredentials | None = None
        if parsed.is_tls:
            self.credentials = _credentials(ca_file, certificate_file, key_file)
        elif ca_file or certificate_file or key_file:
            raise ValueError("certificates are for https:// addresses; this one is http://")

    def timeout(self, method: str, seconds: float | None) -> float:
        """The deadline of a call: its own, or that of the method."""
        if seconds is None:
            return self._timeouts[method]
        return _positive("timeout", seconds)


def _checked(timeouts: Mapping[str, float]) -> dict[str, float]:
    unknown = [repr(method) for method in timeouts if method not in _service_config.METHODS]
    if unknown:
        known = ", ".join(_service_config.METHODS)
        raise ValueError(f"timeouts: no method is named {', '.join(unknown)}; there are {known}")
    return {method: _positive(f"timeouts[{method!r}]", timeouts[method]) for method in timeouts}


def _positive(name: str, seconds: float) -> float:
    if not (math.isfinite(seconds) and seconds > 0):
        raise ValueError(f"{name} is {seconds}; it is a number of seconds above 0")
    return float(seconds)


def _channel_options(config: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Options that the blocking and the asynchronous channel have in common."""
    return [
        ("grpc.service_config", _service_config.for_channel(config)),
        ("grpc.enable_retries", 1),
        # Beyond this size of a request, gRPC would not repeat a call.
        ("grpc.per_rpc_retry_buffer_size", MAX_MESSAGE_BYTES),
        ("grpc.max_send_message_length", MAX_MESSAGE_BYTES),
        ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
        ("grpc.keepalive_time_ms", _KEEPALIVE_MS),
        ("grpc.keepalive_timeout_ms", _KEEPALIVE_TIMEOUT_MS),
        ("grpc.keepalive_permit_without_calls", 0),
        ("grpc.http2.max_pings_without_data", 0),
        ("grpc.primary_user_agent", f"{DISTRIBUTION}-python/{version(DISTRIBUTION)}"),
        # Clients with equal options would otherwise share connections, each of which takes a
        # limited number of calls at a time.
        ("grpc.use_local_subchannel_pool", 1),
    ]


def _credentials(
    ca_file: str | os.PathLike[str] | None,
    certificate_file: str | os.PathLike[str] | None,
    key_file: str | os.PathLike[str] | None,
) -> grpc.ChannelCredentials:
    if (certificate_file is None) != (key_file is None):
        raise ValueError("certificate_file and key_file go together: set both or neither")
    return grpc.ssl_channel_credentials(
        root_certificates=Path(ca_file).read_bytes() if ca_file else _system_roots(),
        private_key=Path(key_file).read_bytes() if key_file else None,
        certificate_chain=Path(certificate_file).read_bytes() if certificate_file else None,
    )


def _system_roots() -> bytes | None:
    """The authorities that this machine trusts. None if there are none: then gRPC has a list.

    gRPC itself does not look at them. `SSL_CERT_FILE` and `SSL_CERT_DIR` are obeyed, and
    `GRPC_DEFAULT_SSL_ROOTS_FILE_PATH`, which is gRPC's own.
    """
    if "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH" in os.environ:
        return None
    found = ssl.create_default_context().get_ca_certs(binary_form=True)
    if found:
        return "".join(map(ssl.DER_cert_to_PEM_cert, found)).encode()
    # Authorities in a folder are loaded only when they are asked for.
    folder = ssl.get_default_verify_paths().capath
    files = sorted(Path(folder).glob("*.[0-9]")) if folder else []
    return b"\n".join(path.read_bytes() for path in files) or None
