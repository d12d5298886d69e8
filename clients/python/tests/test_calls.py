"""What a client sends, and what it makes of answers, against a server made for that."""

import threading
import time
from collections.abc import Iterator, Sequence

import grpc
import pytest
from callers import Connect
from fake import Fake, answer, answers, fails, then
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.rpc.error_details_pb2 import ErrorInfo, RetryInfo

import bedrock_gateway
from bedrock_gateway import GatewayError, v1

UNAVAILABLE = grpc.StatusCode.UNAVAILABLE
STREAM = (
    v1.InvokeStreamResponse(message_start=v1.MessageStartEvent(role=v1.Role.ROLE_ASSISTANT)),
    v1.InvokeStreamResponse(message_stop=v1.MessageStopEvent()),
    v1.InvokeStreamResponse(metadata=v1.InvocationMetadata(model="m")),
)


def test_unavailable_is_tried_three_times(connect: Connect, fake_server: Fake) -> None:
    fake_server.behaviours["Invoke"] = then(
        fails(UNAVAILABLE), fails(UNAVAILABLE), answers(answer())
    )

    with connect(fake_server.address) as client:
        got = client.invoke("Hi")

    assert got.text == "done"
    sent = [headers.get("grpc-previous-rpc-attempts") for _, headers in fake_server.calls]
    assert sent == [None, "1", "2"]


def test_stream_that_has_not_begun_is_tried_again(connect: Connect, fake_server: Fake) -> None:
    fake_server.behaviours["InvokeStream"] = then(fails(UNAVAILABLE), answers(*STREAM))

    with connect(fake_server.address) as client:
        events = client.events("Hi")

    assert events == list(STREAM)
    assert fake_server.attempts("InvokeStream") == 2


def test_request_of_many_bytes_is_tried_again(connect: Connect, fake_server: Fake) -> None:
    fake_server.behaviours["Invoke"] = then(fails(UNAVAILABLE), answers(answer()))
    prompt = "x" * 2_000_000

    with connect(fake_server.address) as client:
        client.invoke(prompt)

    assert fake_server.attempts("Invoke") == 2
    assert fake_server.requests[0] == fake_server.requests[1]


def test_stream_that_has_begun_is_not_tried_again(connect: Connect, fake_server: Fake) -> None:
    def breaks(context: grpc.ServicerContext) -> Iterator[Message]:
        yield STREAM[0]
        context.abort(UNAVAILABLE, "broke")

    fake_server.behaviours["InvokeStream"] = breaks

    with connect(fake_server.address) as client, pytest.raises(bedrock_gateway.Unavailable):
        client.events("Hi")

    assert fake_server.attempts("InvokeStream") == 1


@pytest.mark.parametrize(
    "code",
    [code for code in grpc.StatusCode if code not in (grpc.StatusCode.OK, UNAVAILABLE)],
    ids=lambda code: str(code.name),
)
def test_nothing_else_is_tried_again(fake_server: Fake, code: grpc.StatusCode) -> None:
    fake_server.behaviours["Invoke"] = fails(code)

    with bedrock_gateway.connect(fake_server.address) as client:
        with pytest.raises(GatewayError) as failed:
            client.invoke("Hi")

    assert failed.value.code is code
    assert fake_server.attempts("Invoke") == 1


def test_what_the_server_forbids_is_not_tried_again(connect: Connect, fake_server: Fake) -> None:
    forbids = [("grpc-retry-pushback-ms", "-1")]
    fake_server.behaviours["Invoke"] = fails(UNAVAILABLE, trailers=forbids)

    with connect(fake_server.address) as client:
        with pytest.raises(bedrock_gateway.Unavailable) as failed:
            client.invoke("Hi")

    assert fake_server.attempts("Invoke") == 1
    assert not failed.value.is_retryable


def test_delay_that_the_server_names_is_waited_for(connect: Connect, fake_server: Fake) -> None:
    names = [("grpc-retry-pushback-ms", "700")]
    fake_server.behaviours["Invoke"] = then(fails(UNAVAILABLE, trailers=names), answers(answer()))

    with connect(fake_server.address) as client:
        began = time.monotonic()
        client.invoke("Hi")

    assert time.monotonic() - began >= 0.69


def test_last_failure_is_told_with_its_details(connect: Connect, fake_server: Fake) -> None:
    fake_server.behaviours["Invoke"] = fails(
        UNAVAILABLE,
        "the gateway is at capacity",
        [
            ErrorInfo(reason="OVERLOADED", domain="bedrock.gateway"),
            RetryInfo(retry_delay=Duration(nanos=10_000_000)),
        ],
        [("grpc-retry-pushback-ms", "10"), ("x-request-id", "request-1")],
    )

    with connect(fake_server.address) as client:
        with pytest.raises(bedrock_gateway.Unavailable) as failed:
            client.invoke("Hi")

    assert fake_server.attempts("Invoke") == 3
    assert failed.value.reason == "OVERLOADED"
    assert failed.value.request_id == "request-1"
    assert failed.value.is_retryable


def test_connection_that_is_refused_is_unavailable_without_a_reason(connect: Connect) -> None:
    with connect("http://127.0.0.1:1") as client:
        with pytest.raises(bedrock_gateway.Unavailable) as failed:
            client.invoke("Hi", timeout=10)

    assert failed.value.reason == ""
    assert failed.value.request_id == ""
    assert failed.value.is_retryable


def test_stream_that_ends_well_without_its_last_event_is_a_failure(
    connect: Connect, fake_server: Fake
) -> None:
    fake_server.behaviours["InvokeStream"] = answers(*STREAM[:-1])

    with connect(fake_server.address) as client:
        with pytest.raises(GatewayError, match="not complete"):
            client.events("Hi")
        with pytest.raises(GatewayError, match="not complete"):
            client.collect("Hi")


def test_stream_that_ends_well_without_any_event_is_a_failure(
    connect: Connect, fake_server: Fake
) -> None:
    fake_server.behaviours["InvokeStream"] = answers()

    with connect(fake_server.address) as client, pytest.raises(GatewayError, match="not complete"):
        client.events("Hi")


def test_server_learns_who_calls_and_how_long_it_may_take(
    connect: Connect, fake_server: Fake
) -> None:
    left: list[float] = []

    def watch(context: grpc.ServicerContext) -> Sequence[Message]:
        left.append(context.time_remaining() or 0)
        return [answer()]

    fake_server.behaviours["Invoke"] = watch

    with connect(fake_server.address) as client:
        client.invoke("Hi")
        client.invoke("Hi", timeout=900)

    _, headers = fake_server.calls[0]
    assert str(headers["user-agent"]).startswith("bedrock-gateway-client-python/0.1.0 ")
    assert 110 < left[0] <= 121
    assert 890 < left[1] <= 901


def test_metadata_of_the_client_and_of_the_call_are_sent(
    connect: Connect, fake_server: Fake
) -> None:
    fake_server.behaviours["Invoke"] = answers(answer())
    common = {"authorization": "Bearer one", "x-team": "a"}

    with connect(fake_server.address, metadata=common) as client:
        client.invoke("Hi", metadata={"x-team": "b", "x-trace-bin": b"\0\1"})

    _, headers = fake_server.calls[0]
    assert headers["authorization"] == "Bearer one"
    assert headers["x-team"] == "b"
    assert headers["x-trace-bin"] == b"\0\1"


def test_function_for_metadata_is_asked_before_each_call(
    connect: Connect, fake_server: Fake
) -> None:
    fake_server.behaviours |= {"Invoke": answers(answer()), "InvokeStream": answers(*STREAM)}
    tokens = iter(["one", "two"])

    with connect(fake_server.address, metadata=lambda: {"authorization": next(tokens)}) as client:
        client.invoke("Hi")
        client.events("Hi")

    assert [headers["authorization"] for _, headers in fake_server.calls] == ["one", "two"]


def test_metadata_is_never_shown() -> None:
    with bedrock_gateway.connect(
        "http://127.0.0.1:1", metadata={"authorization": "s3cret"}
    ) as client:
        assert repr(client) == "Client('http://127.0.0.1:1')"


def test_malformed_arguments_are_refused_before_anything_is_sent(
    connect: Connect, fake_server: Fake
) -> None:
    with pytest.raises(ValueError, match="write http://HOST:PORT"):
        connect("gateway:50051")
    with pytest.raises(ValueError, match="'Authorization'"):
        connect(fake_server.address, metadata={"Authorization": "x"})
    with connect(fake_server.address) as client:
        with pytest.raises(ValueError, match="'X'"):
            client.invoke("Hi", metadata={"X": "y"})
        with pytest.raises(ValueError, match="seconds above 0"):
            client.events("Hi", timeout=0)
        with pytest.raises(TypeError, match="not bytes"):
            client.invoke(b"Hi")
        with pytest.raises(TypeError, match="not CountTokensRequest"):
            client.events(v1.CountTokensRequest())
        with pytest.raises(TypeError, match="not NoneType"):
            client.count_tokens(None)

    assert fake_server.calls == []


def test_request_of_an_answer_serves_to_stream_and_to_count(
    connect: Connect, fake_server: Fake
) -> None:
    fake_server.behaviours |= {
        "InvokeStream": answers(*STREAM),
        "CountTokens": answers(v1.CountTokensResponse(input_tokens=3)),
    }
    request = v1.InvokeRequest(
        model="m", prompt="Hi", inference_config=v1.InferenceConfig(max_tokens=5)
    )

    with connect(fake_server.address) as client:
        client.events(request)
        client.count_tokens(request)

    assert fake_server.requests == [
        request.SerializeToString(),
        v1.CountTokensRequest(model="m", prompt="Hi").SerializeToString(),
    ]


def test_pages_of_models_are_asked_for_when_they_are_needed(fake_server: Fake) -> None:
    first = v1.ListModelsResponse(models=[v1.Model(name="a")], next_page_token="next")
    fake_server.behaviours["ListModels"] = then(
        answers(first), answers(v1.ListModelsResponse(models=[v1.Model(name="b")]))
    )

    with bedrock_gateway.connect(fake_server.address) as client:
        models = client.list_models(page_size=1)
        assert fake_server.calls == []
        assert next(models).name == "a"
        assert fake_server.attempts("ListModels") == 1
        assert [model.name for model in models] == ["b"]

    tokens = [v1.ListModelsRequest.FromString(sent).page_token for sent in fake_server.requests]
    assert tokens == ["", "next"]


def test_closed_client_refuses_calls(fake_server: Fake) -> None:
    with bedrock_gateway.connect(fake_server.address) as client:
        pass

    with pytest.raises(ValueError, match="closed"):
        client.invoke("Hi")
    with pytest.raises(ValueError, match="closed"):
        client.stream("Hi")


def test_closing_ends_calls_that_are_under_way(fake_server: Fake) -> None:
    began, ended = threading.Event(), threading.Event()

    def wait(context: grpc.ServicerContext) -> Sequence[Message]:
        context.add_callback(ended.set)
        began.set()
        ended.wait(60)
        return []

    fake_server.behaviours["InvokeStream"] = wait
    with bedrock_gateway.connect(fake_server.address) as client:
        stream = client.stream("Hi")

        def close() -> None:
            began.wait(60)
            client.close()

        closer = threading.Thread(target=close)
        closer.start()
        with pytest.raises(bedrock_gateway.Cancelled):
            list(stream)
        closer.join()

    assert ended.wait(60)
