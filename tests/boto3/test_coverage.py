"""Every member of Converse and ConverseStream, sent and read by boto3."""

import pytest
from conftest import ROOT, parsed
from everything import MODEL, requests
from model import members, on_the_wire, samples

HELLO = [{"role": "user", "content": [{"text": "Hello"}]}]
LIST = ROOT / "tests" / "data" / "converse-members.txt"
EXCEPTION = "Exception"


@pytest.fixture
def thought(client):
    """A thought that the model will take back."""
    response = client.converse(
        modelId=MODEL,
        messages=HELLO,
        additionalModelRequestFields={"thinking": {"type": "adaptive"}},
    )
    return response["output"]["message"]["content"][0]


def shapes(client, operation):
    model = client.meta.service_model.operation_model(operation)
    return model.input_shape, model.output_shape


def request_members(client, thought):
    """Members of the requests that botocore and the emulator took."""
    found = set()
    for request in requests(thought):
        client.converse(**request)
        found.update(members(shapes(client, "Converse")[0], request))
        if "guardrailConfig" in request:
            request = request | {
                "guardrailConfig": request["guardrailConfig"] | {"streamProcessingMode": "async"}
            }
        list(client.converse_stream(**request)["stream"])
        found.update(members(shapes(client, "ConverseStream")[0], request))
    return found


def answer_members(client, control):
    """Members of answers that botocore read as they were sent."""
    found = set()
    _, output = shapes(client, "Converse")
    for sent in samples(output):
        reply = {name: value for name, value in on_the_wire(sent).items() if name != "output"}
        content = on_the_wire(sent["output"]["message"]["content"])
        control.set("*", {"reply": {"content": content, "members": reply}})
        received = client.converse(modelId=MODEL, messages=HELLO)
        received.pop("ResponseMetadata")
        sent["output"]["message"]["role"] = "assistant"
        assert received == sent
        found.update(members(output, received))
    return found


def stream_members(client, control):
    """Members of events and exceptions that botocore read as they were sent."""
    _, output = shapes(client, "ConverseStream")
    events = output.members["stream"]
    sent = samples(events)
    control.set("*", {"reply": {"events": on_the_wire(sent)}})
    stream = client.converse_stream(modelId=MODEL, messages=HELLO)["stream"]
    received = [{name: value} for name, value in parsed(client, stream)]
    assert received == sent
    # boto3's own iterator ends at an exception.
    plain = [event for event in sent if not next(iter(event)).endswith(EXCEPTION)]
    control.set("*", {"reply": {"events": on_the_wire(plain)}})
    stream = client.converse_stream(modelId=MODEL, messages=HELLO)["stream"]
    assert list(stream) == plain
    found = {f"{output.name}.stream"}
    for event in received:
        found.update(members(events, event))
    return found


def test_every_member_of_converse_is_sent_and_read(client, control, thought):
    sent = request_members(client, thought)
    read = answer_members(client, control) | stream_members(client, control)

    every = set(LIST.read_text().split())
    assert sorted(every - sent - read) == []
    requested = {name for name in every if "Request." in name or "Configuration." in name}
    assert sorted(requested - sent) == []
