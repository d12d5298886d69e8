"""Metadata: the headers of a call and of its answer."""

import re
from collections.abc import Iterable, Mapping
from typing import TypeAlias

Metadata: TypeAlias = Mapping[str, str | bytes]
"""Headers of a call by key. Keys that end in `-bin` have `bytes`, all others printable ASCII."""

Headers: TypeAlias = Mapping[str, tuple[str, ...]]
"""Headers or trailers that came, by key, each with its values in order. Without the binary ones."""

Pairs: TypeAlias = tuple[tuple[str, str | bytes], ...]
"""Metadata as gRPC takes it."""

_KEY = re.compile(r"[0-9a-z_.-]+")
_TEXT = re.compile(r"[\x20-\x7e]*")


def checked(metadata: Metadata) -> dict[str, str | bytes]:
    """The metadata, if gRPC can send it. Values, which may be secret, are not repeated.

    Raises:
        ValueError: keys or values that cannot be sent, all of them.
    """
    problems = [problem for key, value in metadata.items() if (problem := _problem(key, value))]
    if problems:
        raise ValueError("; ".join(problems))
    return dict(metadata)


def _problem(key: str, value: object) -> str | None:
    if not _KEY.fullmatch(key):
        return f"metadata {key!r}: a key has only the characters 0-9, a-z, _, . and -"
    if key.endswith("-bin"):
        if not isinstance(value, bytes):
            return f"metadata {key!r}: a key that ends in -bin has bytes as its value"
    elif not isinstance(value, str):
        return f"metadata {key!r}: the value is not a str; keys of bytes end in -bin"
    elif not _TEXT.fullmatch(value):
        return f"metadata {key!r}: the value has a character that is not printable ASCII"
    return None


def headers(metadata: Iterable[tuple[str, str | bytes]] | None) -> dict[str, tuple[str, ...]]:
    """What came, by key, without what is binary."""
    found: dict[str, tuple[str, ...]] = {}
    for key, value in metadata or ():
        if isinstance(value, str):
            found[key] = (*found.get(key, ()), value)
    return found
