"""What boto3 raises when the emulator refuses or breaks."""

import datetime
import time
import urllib.error

import botocore.auth
import pytest
from botocore import exceptions
from botocore.eventstream import ChecksumMismatch, ParserError
from conftest import OPUS, OPUS_BASE, SONNET

HELLO = [{"role": "user", "content": [{"text": "Hello there"}]}]
STATUS = {
    "AccessDeniedException": 403,
    "InternalServerException": 500,
    "ModelErrorException": 424,
    "ModelNotReadyException": 429,
    "ModelTimeoutException": 408,
    "ResourceNotFoundException": 404,
    "ServiceUnavailableException": 503,
    "ThrottlingException": 429,
    "ValidationException": 400,
}
IN_STREAM = [
    "internalServerException",
    "modelStreamErrorException",
    "validationException",
    "throttlingException",
    "serviceUnavailableException",
]


def refused(call, error=exceptions.ClientError):
    with pytest.raises(error) as caught:
        call()
    return caught.value.response


@pytest.mark.parametrize("operation", ["converse", "converse_stream"])
@pytest.mark.parametrize("name", STATUS)
def test_modelled_exceptions_are_raised_as_their_class(client, control, operation, name):
    control.set("claude-opus-4-1", {"exception": {"name": name}})

    response = refused(
        lambda: getattr(client, operation)(modelId=OPUS, messages=HELLO),
        getattr(client.exceptions, name),
    )

    assert response["Error"]["Code"] == name
    assert response["Error"]["Message"]
    assert response["ResponseMetadata"]["HTTPStatusCode"] == STATUS[name]
    assert response["ResponseMetadata"]["RequestId"]


@pytest.mark.parametrize(
    "name, status",
    [
        ("ServiceQuotaExceededException", 400),
        ("ExpiredTokenException", 403),
        ("SomethingNewException", 400),
    ],
)
def test_other_exceptions_are_client_errors_with_their_code(client, control, name, status):
    control.set("*", {"exception": {"name": name}})

    response = refused(lambda: client.converse(modelId=OPUS, messages=HELLO))

    assert response["Error"]["Code"] == name
    assert response["ResponseMetadata"]["HTTPStatusCode"] == status


def test_status_text_members_and_retry_after_of_an_exception_can_be_chosen(client, control):
    control.set(
        "*",
        {
            "exception": {
                "name": "ModelErrorException",
                "status": 500,
                "message": "as written",
                "members": {"originalStatusCode": 529, "resourceName": "r"},
                "retryAfter": "7",
            }
        },
    )

    response = refused(
        lambda: client.converse(modelId=OPUS, messages=HELLO),
        client.exceptions.ModelErrorException,
    )

    assert response["Error"]["Message"] == "as written"
    assert response["originalStatusCode"] == 529
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 500
    assert response["ResponseMetadata"]["HTTPHeaders"]["retry-after"] == "7"


@pytest.mark.parametrize("name", IN_STREAM)
def test_exceptions_in_a_stream_are_event_stream_errors(client, control, name):
    control.set("claude-opus-4-1", {"streamException": {"name": name, "afterEvents": 2}})

    events = []
    with pytest.raises(exceptions.EventStreamError) as caught:
        for event in client.converse_stream(modelId=OPUS, messages=HELLO)["stream"]:
            events.append(event)

    assert [list(event)[0] for event in events] == ["messageStart", "contentBlockDelta"]
    assert caught.value.response["Error"]["Code"] == name
    assert caught.value.response["Error"]["Message"]


def test_the_timeout_in_a_raw_stream_is_an_event_stream_error(client, control):
    control.set("*", {"streamException": {"name": "modelTimeoutException", "afterEvents": 1}})
    body = (
        '{"anthropic_version":"bedrock-2023-05-31","max_tokens":9,'
        '"messages":[{"role":"user","content":"Hi"}]}'
    )

    with pytest.raises(exceptions.EventStreamError) as caught:
        list(client.invoke_model_with_response_stream(modelId=OPUS, body=body)["body"])

    assert caught.value.response["Error"]["Code"] == "modelTimeoutException"


def test_error_frames_are_event_stream_errors(client, control):
    control.set(
        "*", {"streamError": {"code": "InternalFailure", "message": "gone", "afterEvents": 1}}
    )

    with pytest.raises(exceptions.EventStreamError) as caught:
        list(client.converse_stream(modelId=OPUS, messages=HELLO)["stream"])

    assert caught.value.response["Error"] == {"Code": "InternalFailure", "Message": "gone"}


def test_a_wrong_checksum_is_found(client, control):
    control.set("*", {"corruptCrc": {"event": 2}})

    with pytest.raises(ChecksumMismatch):
        list(client.converse_stream(modelId=OPUS, messages=HELLO)["stream"])


@pytest.mark.parametrize("fault", ["cut", "reset"])
def test_a_connection_that_breaks_in_a_stream_is_an_error(client, control, fault):
    control.set("*", {fault: {"afterEvents": 3}})

    events = []
    with pytest.raises(Exception) as caught:
        for event in client.converse_stream(modelId=OPUS, messages=HELLO)["stream"]:
            events.append(event)

    assert len(events) == 3
    assert "ProtocolError" in type(caught.value).__name__ or isinstance(
        caught.value, (exceptions.HTTPClientError, ConnectionError)
    )


@pytest.mark.parametrize("fault", ["cut", "reset"])
def test_a_connection_that_breaks_before_the_answer_is_an_error(client, control, fault):
    control.set("*", {fault: {}})

    with pytest.raises(exceptions.HTTPClientError):
        client.converse(modelId=OPUS, messages=HELLO)


def test_a_truncated_stream_ends_without_message_stop(client, control):
    control.set("*", {"truncate": {"afterEvents": 3}})

    events = list(client.converse_stream(modelId=OPUS, messages=HELLO)["stream"])

    assert len(events) == 3
    assert not any("messageStop" in event for event in events)


@pytest.mark.parametrize("status", [502, 503])
def test_pages_of_a_proxy_are_client_errors_with_their_status(client, control, status):
    control.set("*", {"garbage": {"status": status}})

    response = refused(lambda: client.converse(modelId=OPUS, messages=HELLO))

    assert response["ResponseMetadata"]["HTTPStatusCode"] == status


def test_boto3_finds_no_output_in_a_body_nobody_can_read(client, control):
    control.set("*", {"garbage": {}})

    response = client.converse(modelId=OPUS, messages=HELLO)

    assert "output" not in response


def test_a_stream_nobody_can_read_is_an_error(client, control):
    control.set("*", {"garbage": {}})

    with pytest.raises((ParserError, ChecksumMismatch)):
        list(client.converse_stream(modelId=OPUS, messages=HELLO)["stream"])


def test_delays_hold_back_headers_and_events(client, control):
    control.set("*", {"reply": {"text": "a"}, "delay": {"headersMs": 60, "firstTokenMs": 60}})

    started = time.monotonic()
    response = client.converse_stream(modelId=OPUS, messages=HELLO)
    opened = time.monotonic() - started
    list(response["stream"])

    assert opened >= 0.06
    assert time.monotonic() - started >= 0.12


def test_queued_scenarios_are_used_up(client, control):
    control.set("claude-opus-4-1", {"exception": {"name": "ThrottlingException"}, "times": 2})

    for _ in range(2):
        refused(
            lambda: client.converse(modelId=OPUS, messages=HELLO),
            client.exceptions.ThrottlingException,
        )
    client.converse(modelId=OPUS, messages=HELLO)

    outcomes = [entry["outcome"] for entry in control.journal()]
    throttled = {"refused": "ThrottlingException"}
    assert outcomes == [throttled, throttled, "answered"]


def test_a_misspelt_scenario_is_refused_by_the_name_of_its_member(control):
    with pytest.raises(urllib.error.HTTPError) as caught:
        control.set("*", {"delay": {"headerMs": 1}})

    assert caught.value.code == 400
    assert "headerMs" in caught.value.read().decode()


@pytest.mark.parametrize(
    "wrong, code, text",
    [
        ({"key": "AKIASOMEBODYELSE0000"}, "UnrecognizedClientException", "security token"),
        ({"token": "unknown"}, "UnrecognizedClientException", "security token"),
        ({"secret": "guess"}, "InvalidSignatureException", "does not match"),
        ({"region": "eu-west-1"}, "InvalidSignatureException", "valid region"),
    ],
)
def test_wrong_credentials_are_refused_as_aws_does(connect, wrong, code, text):
    response = refused(lambda: connect(**wrong).converse(modelId=OPUS, messages=HELLO))

    assert response["Error"]["Code"] == code
    assert text in response["Error"]["Message"]
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 403


@pytest.mark.parametrize("minutes, text", [(-6, "Signature expired"), (6, "not yet current")])
def test_clocks_too_far_apart_are_refused(client, monkeypatch, minutes, text):
    skewed = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(minutes=minutes)
    monkeypatch.setattr(
        botocore.auth, "get_current_datetime", lambda *_, **__: skewed.replace(tzinfo=None)
    )

    response = refused(lambda: client.converse(modelId=OPUS, messages=HELLO))

    assert response["Error"]["Code"] == "InvalidSignatureException"
    assert text in response["Error"]["Message"]


@pytest.mark.parametrize(
    "request_, text",
    [
        ({"modelId": "anthropic.claude-unknown-v1:0"}, "identifier is invalid"),
        ({"modelId": OPUS_BASE}, "on-demand throughput"),
        ({"modelId": OPUS, "inferenceConfig": {"maxTokens": 32001}}, "model limit of 32000"),
        (
            {"modelId": SONNET, "inferenceConfig": {"temperature": 0.1, "topP": 0.1}},
            "cannot both be specified",
        ),
    ],
)
def test_invalid_requests_are_validation_exceptions(client, request_, text):
    response = refused(
        lambda: client.converse(messages=HELLO, **request_),
        client.exceptions.ValidationException,
    )

    assert text in response["Error"]["Message"]


def test_the_journal_holds_the_request_as_sent(client, control):
    client.converse(modelId=OPUS, messages=HELLO)

    entry = control.journal()[0]
    assert entry["operation"] == "Converse"
    assert entry["modelId"] == OPUS
    assert entry["model"] == "claude-opus-4-1"
    assert entry["body"] == {"messages": HELLO}
    assert entry["clientClosed"] is False
