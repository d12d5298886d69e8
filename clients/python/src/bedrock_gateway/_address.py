"""Addresses of gateways, as people write them, and what gRPC dials for them."""

from dataclasses import dataclass
from urllib.parse import urlsplit

_HTTPS_PORT = 443

_FORMS = "write http://HOST:PORT for plain text, or https://HOST or https://HOST:PORT for TLS"


@dataclass(frozen=True, slots=True)
class Address:
    """Where a gateway is."""

    target: str
    """What gRPC dials. A name is looked up, and all of its addresses are used."""

    is_tls: bool
    """Whether the connection is encrypted."""


def parse(text: str) -> Address:
    """Reads `http://HOST:PORT`, `https://HOST` or `https://HOST:PORT`.

    Raises:
        ValueError: anything else; the message shows the forms that are allowed.
    """
    if "@" in text:
        # Not repeated: what stands before the @ is a password.
        problem = "an address takes no user name or password"
        raise ValueError(f"{problem}; {_FORMS}, and put credentials into the metadata")
    try:
        url = urlsplit(text)
        host, port = url.hostname, url.port
    except ValueError as error:
        raise ValueError(f"address {text!r}: {error}; {_FORMS}") from None

    if url.scheme not in ("http", "https"):
        problem = "the scheme is not http or https"
    elif not host:
        problem = "there is no host"
    elif any(character.isspace() for character in text):
        problem = "there is a space in it"
    elif url.path not in ("", "/") or url.query or url.fragment:
        problem = "there is more behind the host and port"
    elif port == 0:
        problem = "the port is 0"
    elif port is None and url.scheme == "http":
        problem = "there is no port"
    else:
        bracketed = f"[{host}]" if ":" in host else host
        return Address(f"dns:///{bracketed}:{port or _HTTPS_PORT}", url.scheme == "https")
    raise ValueError(f"address {text!r}: {problem}; {_FORMS}")
