"""Requests, made of what a caller may write instead of them."""

from typing import TypeAlias

from bedrock.gateway.v1.inference_service_pb2 import (
    CountTokensRequest,
    InvokeRequest,
    InvokeStreamRequest,
)

Invocation: TypeAlias = str | InvokeRequest
Streaming: TypeAlias = str | InvokeRequest | InvokeStreamRequest
Countable: TypeAlias = str | InvokeRequest | InvokeStreamRequest | CountTokensRequest


def invoke(request: Invocation) -> InvokeRequest:
    """A prompt, or the request itself."""
    match request:
        case str():
            return InvokeRequest(prompt=request)
        case InvokeRequest():
            return request
    raise _wrong(request, "a prompt (str) or an InvokeRequest")


def stream(request: Streaming) -> InvokeStreamRequest:
    """A prompt, the request itself, or an `InvokeRequest`, whose fields are the same."""
    match request:
        case str():
            return InvokeStreamRequest(prompt=request)
        case InvokeRequest():
            return InvokeStreamRequest.FromString(request.SerializeToString())
        case InvokeStreamRequest():
            return request
    raise _wrong(request, "a prompt (str), an InvokeStreamRequest or an InvokeRequest")


def count(request: Countable) -> CountTokensRequest:
    """A prompt, the request itself, or that of an answer, of which what counts is taken."""
    match request:
        case str():
            return CountTokensRequest(prompt=request)
        case InvokeRequest() | InvokeStreamRequest():
            counted = CountTokensRequest.FromString(request.SerializeToString())
            counted.DiscardUnknownFields()
            return counted
        case CountTokensRequest():
            return request
    raise _wrong(request, "a prompt (str), a CountTokensRequest or an InvokeRequest")


def _wrong(request: object, allowed: str) -> TypeError:
    return TypeError(f"a request is {allowed}, not {type(request).__name__}")
