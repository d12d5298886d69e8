"""The gateway as grpcurl sees it."""

import grpc
import pytest
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import (
    ProtoReflectionDescriptorDatabase,
)

from emulator import tell_emulator
from grpcurl import (
    HEALTH,
    INFERENCE,
    INVALID_ARGUMENT,
    MODELS,
    NOT_FOUND,
    RESOURCE_EXHAUSTED,
    call,
    grpcurl,
    wait_until_serving,
    watch,
)
from programs import Gateway

MODEL = "claude-sonnet-4-5"
NEXT_MODEL = "claude-opus-4-1"
THROTTLED_ONCE = {"exception": {"name": "ThrottlingException"}, "times": 1}


def test_list_names_every_service(gateway):
    services = grpcurl(gateway.address, "list").text().split()

    assert set(services) >= {
        INFERENCE,
        MODELS,
        HEALTH,
        "grpc.reflection.v1.ServerReflection",
        "grpc.reflection.v1alpha.ServerReflection",
    }


def test_list_names_every_method(gateway):
    methods = grpcurl(gateway.address, "list", INFERENCE).text().split()

    assert set(methods) == {
        f"{INFERENCE}.Invoke",
        f"{INFERENCE}.InvokeStream",
        f"{INFERENCE}.CountTokens",
    }


def test_describe_shows_the_comments(gateway):
    described = grpcurl(gateway.address, "describe", "bedrock.gateway.v1.InvokeRequest").text()

    assert "// The smallest useful request is" in described
    assert "string prompt = 2;" in described


@pytest.mark.parametrize(
    "symbol",
    [
        "bedrock.gateway.v1.ErrorReason",
        "bedrock.gateway.v1.InvocationFailure",
        "google.rpc.BadRequest",
        "google.rpc.ErrorInfo",
        "google.rpc.RetryInfo",
        "google.protobuf.Struct",
        HEALTH,
    ],
)
def test_describe_knows(gateway, symbol):
    assert symbol in grpcurl(gateway.address, "describe", symbol).text()


def test_reflection_v1alpha_serves_old_clients(gateway):
    with grpc.insecure_channel(gateway.address) as channel:
        database = ProtoReflectionDescriptorDatabase(channel)

        assert INFERENCE in database.get_services()
        described = database.FindFileContainingSymbol("bedrock.gateway.v1.InvokeRequest")

    assert described.package == "bedrock.gateway.v1"


def test_invoke_answers_with_text_usage_cost_and_ledger(gateway):
    reply = call(gateway, f"{INFERENCE}/Invoke", {"model": MODEL, "prompt": "Hi"}).message()

    assert reply["text"]
    assert reply["stopReason"] == "STOP_REASON_END_TURN"
    metadata = reply["metadata"]
    assert metadata["model"] == MODEL
    assert metadata["usage"]["inputTokens"] > 0
    assert metadata["usage"]["outputTokens"] > 0
    assert int(metadata["cost"]["totalNanos"]) > 0
    assert [attempt["state"] for attempt in metadata["attempts"]] == ["STATE_SUCCEEDED"]


def test_invoke_needs_no_more_than_a_prompt(gateway):
    assert call(gateway, f"{INFERENCE}/Invoke", {"prompt": "Hi"}).message()["text"]


def test_stream_is_complete_and_in_order(gateway):
    request = {"model": MODEL, "prompt": "Count to ten."}

    events = call(gateway, f"{INFERENCE}/InvokeStream", request).messages()

    kinds = [next(iter(event)) for event in events if "attempt" not in event]
    assert kinds[:2] == ["messageStart", "contentBlockStart"]
    assert kinds[-3:] == ["contentBlockStop", "messageStop", "metadata"]
    assert set(kinds[2:-3]) == {"contentBlockDelta"}
    assert "".join(
        event["contentBlockDelta"].get("text", "")
        for event in events
        if "contentBlockDelta" in event
    )
    assert events[-1]["metadata"]["model"] == MODEL


def test_stream_and_unary_call_say_the_same(gateway):
    request = {"model": MODEL, "prompt": "Say something."}

    whole = call(gateway, f"{INFERENCE}/Invoke", request).message()["text"]
    events = call(gateway, f"{INFERENCE}/InvokeStream", request).messages()

    streamed = "".join(event.get("contentBlockDelta", {}).get("text", "") for event in events)
    assert streamed == whole


def test_throttled_model_falls_back_and_the_ledger_says_so(scripted_gateway):
    tell_emulator(scripted_gateway, MODEL, THROTTLED_ONCE)

    reply = call(
        scripted_gateway, f"{INFERENCE}/Invoke", {"model": MODEL, "prompt": "Hi"}
    ).message()

    first, second = reply["metadata"]["attempts"]
    assert (first["model"], first["state"]) == (MODEL, "STATE_FAILED")
    assert first["error"]["reason"] == "ERROR_REASON_UPSTREAM_THROTTLED"
    assert first["error"]["upstreamError"] == "ThrottlingException"
    assert (second["model"], second["state"]) == (NEXT_MODEL, "STATE_SUCCEEDED")
    assert reply["metadata"]["model"] == NEXT_MODEL


def test_throttled_stream_falls_back_unseen(scripted_gateway):
    tell_emulator(scripted_gateway, MODEL, THROTTLED_ONCE)

    events = call(
        scripted_gateway, f"{INFERENCE}/InvokeStream", {"model": MODEL, "prompt": "Hi"}
    ).messages()

    starts = [event["messageStart"] for event in events if "messageStart" in event]
    assert [start["model"] for start in starts] == [NEXT_MODEL]
    assert events[-1]["metadata"]["model"] == NEXT_MODEL


def test_failure_without_fallback_is_decoded_whole(scripted_gateway):
    tell_emulator(scripted_gateway, MODEL, THROTTLED_ONCE)
    request = {
        "model": MODEL,
        "prompt": "Hi",
        "routing_config": {"fallback_mode": "FALLBACK_MODE_DISABLED", "max_attempts": 1},
    }

    status = call(scripted_gateway, f"{INFERENCE}/Invoke", request).status(RESOURCE_EXHAUSTED)

    details = status["details"]
    assert details["google.rpc.ErrorInfo"]["domain"] == "bedrock.gateway"
    assert details["google.rpc.ErrorInfo"]["reason"] == "UPSTREAM_THROTTLED"
    assert details["google.rpc.RequestInfo"]["requestId"]
    assert "retryDelay" in details["google.rpc.RetryInfo"]
    failure = details["bedrock.gateway.v1.InvocationFailure"]
    (attempt,) = failure["metadata"]["attempts"]
    assert attempt["error"]["upstreamError"] == "ThrottlingException"


def test_empty_request_names_the_field_at_fault(gateway):
    status = call(gateway, f"{INFERENCE}/Invoke", {}).status(INVALID_ARGUMENT)

    assert status["details"]["google.rpc.ErrorInfo"]["reason"] == "INVALID_REQUEST"
    violations = status["details"]["google.rpc.BadRequest"]["fieldViolations"]
    assert any(violation["field"] == "prompt" for violation in violations)


def test_every_violation_is_reported_at_once(gateway):
    request = {
        "prompt": "Hi",
        "inference_config": {"max_tokens": 0, "temperature": 7},
    }

    status = call(gateway, f"{INFERENCE}/InvokeStream", request).status(INVALID_ARGUMENT)

    violations = status["details"]["google.rpc.BadRequest"]["fieldViolations"]
    assert {violation["field"] for violation in violations} == {
        "inference_config.max_tokens",
        "inference_config.temperature",
    }


@pytest.mark.parametrize("method", ["Invoke", "InvokeStream"])
def test_unknown_model_is_not_found(gateway, method):
    request = {"model": "no-such-model", "prompt": "Hi"}

    status = call(gateway, f"{INFERENCE}/{method}", request).status(NOT_FOUND)

    assert status["details"]["google.rpc.ErrorInfo"]["reason"] == "MODEL_NOT_FOUND"


def test_models_are_listed_by_priority(gateway):
    models = call(gateway, f"{MODELS}/ListModels", {}).message()["models"]

    assert [(model["priority"], model["name"]) for model in models] == [
        (1, "claude-opus-4-1"),
        (2, "claude-sonnet-4-5"),
        (3, "claude-3-opus"),
        (4, "claude-3-5-sonnet-v2"),
        (5, "claude-3-5-sonnet-v1"),
        (6, "claude-3-5-haiku"),
        (7, "claude-3-sonnet"),
        (9, "deepseek-r1"),
    ]


def test_one_model_is_found_by_name(gateway):
    model = call(gateway, f"{MODELS}/GetModel", {"name": MODEL}).message()["model"]

    assert model["name"] == MODEL


def test_tokens_are_counted_as_the_answer_counts_them(gateway):
    request = {"model": MODEL, "prompt": "How many tokens is this?"}

    counted = call(gateway, f"{INFERENCE}/CountTokens", request).message()
    used = call(gateway, f"{INFERENCE}/Invoke", request).message()["metadata"]["usage"]

    assert counted == {"inputTokens": used["inputTokens"], "model": MODEL}


@pytest.mark.parametrize(
    "service", ["", "liveness", INFERENCE, MODELS, f"models/{NEXT_MODEL}"]
)
def test_health_check_is_serving(gateway, service):
    answer = call(gateway, f"{HEALTH}/Check", {"service": service}).message()

    assert answer == {"status": "SERVING"}


def test_health_check_of_an_unknown_name_is_not_found(gateway):
    call(gateway, f"{HEALTH}/Check", {"service": "no-such-service"}).status(NOT_FOUND)


@pytest.mark.parametrize("service", ["", "liveness", f"models/{NEXT_MODEL}"])
def test_health_watch_begins_with_the_state(gateway, service):
    with watch(gateway, service) as stream:
        stream.wait_for(r'"status": "SERVING"')


def test_health_watch_of_an_unknown_name_stays_open(gateway):
    with watch(gateway, "no-such-service") as stream:
        stream.wait_for(r'"status": "SERVICE_UNKNOWN"')

        assert stream.is_running()


def test_health_watch_hears_of_the_drain():
    with Gateway("--emulator") as gateway:
        wait_until_serving(gateway)
        with watch(gateway, INFERENCE) as stream:
            stream.wait_for(r'"status": "SERVING"')

            gateway.process.terminate()

            stream.wait_for(r'"status": "NOT_SERVING"')
