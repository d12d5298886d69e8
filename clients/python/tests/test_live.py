"""Calls of a gateway in front of the emulator."""

import asyncio
import threading
from datetime import timedelta

import grpc
import pytest
from callers import Connect
from gateways import Gateway, until

import bedrock_gateway
from bedrock_gateway import GatewayError, v1

MODEL = "claude-sonnet-4-5"
THROTTLED = {"exception": {"name": "ThrottlingException"}}
HANGS_BEHIND_FIRST_WORDS = {"delay": {"betweenEventsMs": 30}, "hang": {"afterEvents": 6}}


def alone(model: str = MODEL, prompt: str = "Hi") -> v1.InvokeRequest:
    """A request that one model alone may answer, at the first try."""
    routing = v1.RoutingConfig(
        fallback_mode=v1.RoutingConfig.FALLBACK_MODE_DISABLED, max_attempts=1
    )
    return v1.InvokeRequest(model=model, prompt=prompt, routing_config=routing)


def only_call(gateway: Gateway) -> bool | None:
    """Whether the gateway left the one call of a model before its end; None if it goes on."""
    calls = gateway.journal()
    assert len(calls) <= 1
    if not calls or calls[0]["endedAtMs"] is None:
        return None
    return bool(calls[0]["clientClosed"])


def test_prompt_is_answered(connect: Connect, gateway: Gateway) -> None:
    headers: dict[str, tuple[str, ...]] = {}

    with connect(gateway.address) as client:
        answer = client.invoke("Hi", on_headers=headers.update)

    assert answer.text
    assert answer.stop_reason == v1.StopReason.STOP_REASON_END_TURN
    assert headers["x-request-id"] == (answer.metadata.request_id,)


def test_collected_stream_is_the_answer_of_invoke(connect: Connect, gateway: Gateway) -> None:
    request = v1.InvokeRequest(model=MODEL, prompt="Name three moons of Jupiter.")

    with connect(gateway.address) as client:
        whole = client.invoke(request)
        headers, joined = client.stream_headers(request)

    assert headers["x-request-id"] == (joined.metadata.request_id,)
    assert joined.metadata.usage == whole.metadata.usage
    for answer in (whole, joined):
        answer.ClearField("metadata")
    assert joined == whole


def test_stream_ends_with_its_metadata(connect: Connect, gateway: Gateway) -> None:
    with connect(gateway.address) as client:
        events = client.events("Hi")

    kinds = [event.WhichOneof("event") for event in events]
    assert "content_block_delta" in kinds
    assert kinds[-2:] == ["message_stop", "metadata"]


def test_stream_can_be_read_once(gateway: Gateway) -> None:
    with bedrock_gateway.connect(gateway.address) as client:
        stream = client.stream("Hi")
        stream.collect()

        with pytest.raises(RuntimeError, match="once"):
            stream.collect()


def test_every_field_at_fault_is_told(connect: Connect, gateway: Gateway) -> None:
    request = v1.InvokeRequest(inference_config=v1.InferenceConfig(max_tokens=0))

    with connect(gateway.address) as client:
        with pytest.raises(bedrock_gateway.InvalidRequest) as refused:
            client.invoke(request)
        with pytest.raises(bedrock_gateway.InvalidRequest) as refused_stream:
            client.collect(request)

    for error in (refused.value, refused_stream.value):
        assert error.reason == "INVALID_REQUEST"
        fields = {violation.field: violation.reason for violation in error.field_violations}
        assert fields == {"prompt": "REQUIRED", "inference_config.max_tokens": "OUT_OF_RANGE"}
        assert error.request_id
        assert error.help == "docs/errors.md#invalid_request"
        assert not error.is_retryable


def test_unknown_model_is_not_found(connect: Connect, gateway: Gateway) -> None:
    with connect(gateway.address) as client, pytest.raises(GatewayError) as failed:
        client.get_model("no-such-model")

    assert failed.value.code is grpc.StatusCode.NOT_FOUND
    assert failed.value.reason == "MODEL_NOT_FOUND"


def test_throttled_model_says_how_long_to_wait(connect: Connect, scripted_gateway: Gateway) -> None:
    scripted_gateway.set_scenario(MODEL, THROTTLED)

    with connect(scripted_gateway.address) as client:
        with pytest.raises(bedrock_gateway.Throttled) as failed:
            client.invoke(alone())

    error = failed.value
    assert error.reason == "UPSTREAM_THROTTLED"
    assert error.retry_delay is not None
    assert error.retry_delay >= timedelta(milliseconds=500)
    assert error.is_retryable
    assert [attempt.model for attempt in error.attempts] == [MODEL]
    assert error.attempts[0].error.upstream_error == "ThrottlingException"
    assert not error.output_started


def test_answer_of_the_next_model_tells_of_the_first(
    connect: Connect, scripted_gateway: Gateway
) -> None:
    scripted_gateway.set_scenario("claude-opus-4-1", THROTTLED)

    with connect(scripted_gateway.address) as client:
        answer = client.collect("Hi")

    states = [(attempt.model, attempt.state) for attempt in answer.metadata.attempts]
    assert states == [
        ("claude-opus-4-1", v1.Attempt.STATE_FAILED),
        (MODEL, v1.Attempt.STATE_SUCCEEDED),
    ]


def test_stream_that_breaks_is_a_failure_behind_the_events_that_came(
    connect: Connect, scripted_gateway: Gateway
) -> None:
    scripted_gateway.set_scenario(MODEL, {"cut": {"afterEvents": 4}})

    with connect(scripted_gateway.address) as client:
        with pytest.raises(GatewayError) as failed:
            client.collect(alone())

    assert failed.value.code is grpc.StatusCode.ABORTED
    assert failed.value.reason == "STREAM_INTERRUPTED"
    assert failed.value.output_started


def test_stream_that_begins_anew_has_the_new_answer_alone(
    connect: Connect, scripted_gateway: Gateway
) -> None:
    broken = {"reply": {"text": "wrong " * 20}, "cut": {"afterEvents": 6}, "times": 1}
    scripted_gateway.set_scenario(MODEL, [broken, {"reply": {"text": "right"}}])
    request = v1.InvokeStreamRequest(
        model=MODEL,
        prompt="Hi",
        stream_options=v1.StreamOptions(recovery=v1.StreamOptions.RECOVERY_RESTART),
    )

    with connect(scripted_gateway.address) as client:
        events = client.events(request)

    collector = bedrock_gateway.Collector()
    texts = []
    for event in events:
        collector.add(event)
        texts.append(collector.text)
    assert any(text.startswith("wrong") for text in texts)
    assert "wrong" not in collector.response().text


def test_deadline_ends_a_call(connect: Connect, idle_gateway: Gateway) -> None:
    idle_gateway.set_scenario(MODEL, {"hang": {}})

    with connect(idle_gateway.address) as client:
        with pytest.raises(bedrock_gateway.DeadlineExceeded):
            client.invoke(alone(), timeout=0.5)
        with pytest.raises(bedrock_gateway.DeadlineExceeded):
            client.collect(alone(), timeout=0.5)


def test_deadline_of_the_client_holds_for_calls_without_one(
    connect: Connect, idle_gateway: Gateway
) -> None:
    idle_gateway.set_scenario(MODEL, {"hang": {}})

    with connect(idle_gateway.address, timeouts={"Invoke": 0.5}) as client:
        with pytest.raises(bedrock_gateway.DeadlineExceeded):
            client.invoke(alone())


def test_leaving_a_stream_ends_the_call_of_the_model(
    connect: Connect, idle_gateway: Gateway
) -> None:
    idle_gateway.set_scenario(MODEL, HANGS_BEHIND_FIRST_WORDS)

    with connect(idle_gateway.address) as client:
        event = client.leave_behind_first(alone())

        assert event.WhichOneof("event")
        assert until(lambda: only_call(idle_gateway))


def test_leaving_an_asynchronous_loop_ends_the_call_of_the_model(
    idle_gateway: Gateway,
) -> None:
    idle_gateway.set_scenario(MODEL, HANGS_BEHIND_FIRST_WORDS)

    async def leave() -> bool:
        async with bedrock_gateway.connect_async(idle_gateway.address) as client:
            async for _ in client.stream(alone()):
                break
            return await asyncio.to_thread(until, lambda: only_call(idle_gateway))

    assert asyncio.run(leave())


def test_stream_cancelled_by_another_thread_ends_the_call_of_the_model(
    idle_gateway: Gateway,
) -> None:
    idle_gateway.set_scenario(MODEL, HANGS_BEHIND_FIRST_WORDS)

    with bedrock_gateway.connect(idle_gateway.address) as client:
        stream = client.stream(alone())
        events = iter(stream)
        next(events)
        canceller = threading.Thread(target=stream.cancel)
        canceller.start()

        with pytest.raises(bedrock_gateway.Cancelled):
            list(events)

        canceller.join()
        assert until(lambda: only_call(idle_gateway))


@pytest.mark.parametrize("method", ["invoke", "stream"])
def test_cancelled_task_ends_the_call_of_the_model(idle_gateway: Gateway, method: str) -> None:
    idle_gateway.set_scenario(MODEL, {"hang": {}})

    async def cancel() -> bool:
        async with bedrock_gateway.connect_async(idle_gateway.address) as client:
            call = (
                client.invoke(alone()) if method == "invoke" else client.stream(alone()).collect()
            )
            task = asyncio.ensure_future(call)
            await asyncio.to_thread(until, lambda: idle_gateway.journal() or None)

            task.cancel()

            with pytest.raises(asyncio.CancelledError):
                await task
            return await asyncio.to_thread(until, lambda: only_call(idle_gateway))

    assert asyncio.run(cancel())


def test_asynchronous_stream_cancelled_by_another_task_raises_cancelled(
    idle_gateway: Gateway,
) -> None:
    idle_gateway.set_scenario(MODEL, {"hang": {}})

    async def cancel() -> bool:
        async with bedrock_gateway.connect_async(idle_gateway.address) as client:
            stream = client.stream(alone())
            task = asyncio.ensure_future(stream.collect())
            await asyncio.to_thread(until, lambda: idle_gateway.journal() or None)

            stream.cancel()

            with pytest.raises(bedrock_gateway.Cancelled):
                await task
            return await asyncio.to_thread(until, lambda: only_call(idle_gateway))

    assert asyncio.run(cancel())


def test_closing_an_asynchronous_client_ends_its_calls(idle_gateway: Gateway) -> None:
    idle_gateway.set_scenario(MODEL, {"hang": {}})

    async def close() -> bool:
        client = bedrock_gateway.connect_async(idle_gateway.address)
        task = asyncio.ensure_future(client.invoke(alone()))
        await asyncio.to_thread(until, lambda: idle_gateway.journal() or None)

        await client.close()

        with pytest.raises(bedrock_gateway.Cancelled):
            await task
        with pytest.raises(ValueError, match="closed"):
            await client.invoke("Hi")
        return await asyncio.to_thread(until, lambda: only_call(idle_gateway))

    assert asyncio.run(close())


def test_metadata_may_come_from_a_coroutine(gateway: Gateway) -> None:
    async def fetch() -> dict[str, str]:
        await asyncio.sleep(0)
        return {"x-request-id": "fetched"}

    async def call() -> v1.InvokeResponse:
        async with bedrock_gateway.connect_async(gateway.address, metadata=fetch) as client:
            return await client.invoke("Hi")

    assert asyncio.run(call()).metadata.request_id == "fetched"


def test_many_calls_share_a_client(gateway: Gateway) -> None:
    async def calls() -> list[v1.InvokeResponse]:
        async with bedrock_gateway.connect_async(gateway.address) as client:
            return await asyncio.gather(*(client.stream("Hi").collect() for _ in range(20)))

    assert len({answer.metadata.request_id for answer in asyncio.run(calls())}) == 20


def test_tokens_are_counted(connect: Connect, gateway: Gateway) -> None:
    with connect(gateway.address) as client:
        counted = client.count_tokens(v1.InvokeRequest(model=MODEL, prompt="How many?"))

    assert counted.model == MODEL
    assert counted.input_tokens > 0


def test_models_are_listed_over_all_pages(connect: Connect, gateway: Gateway) -> None:
    with connect(gateway.address) as client:
        at_once = client.list_models()
        by_pages = client.list_models(page_size=2)
        page = client.list_models_page(page_size=2)
        model = client.get_model(MODEL)

    assert [model.name for model in by_pages] == [model.name for model in at_once]
    assert len(page.models) == 2
    assert page.next_page_token
    assert model in at_once


def test_health_is_told(connect: Connect, gateway: Gateway) -> None:
    with connect(gateway.address) as client:
        assert client.health()
        assert client.health("liveness")
        assert client.health(f"models/{MODEL}")
        with pytest.raises(GatewayError) as failed:
            client.health("no-such-service")

    assert failed.value.code is grpc.StatusCode.NOT_FOUND


def test_model_that_is_left_alone_does_not_serve(
    connect: Connect, scripted_gateway: Gateway
) -> None:
    denied = {"exception": {"name": "AccessDeniedException"}}
    scripted_gateway.set_scenario(MODEL, denied)

    with connect(scripted_gateway.address) as client:
        with pytest.raises(GatewayError):
            client.invoke(alone())

        assert not client.health(f"models/{MODEL}")
        assert client.health()
