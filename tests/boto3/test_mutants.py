"""Valid requests with one mistake each, as botocore's model tells mistakes. Each must be refused."""

import copy
import json
import urllib.error
import urllib.parse
import urllib.request

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from conftest import ACCESS_KEY_ID, SECRET_ACCESS_KEY
from everything import MODEL, requests
from model import on_the_wire

THOUGHT = {"reasoningContent": {"reasoningText": {"text": "t", "signature": "c2ln"}}}


def ask(url, model, body):
    """The error of a call that no SDK would make: its code and its message."""
    address = f"{url}/model/{urllib.parse.quote(model, safe='')}/converse"
    data = json.dumps(body).encode()
    signed = AWSRequest("POST", address, data=data)
    credentials = Credentials(ACCESS_KEY_ID, SECRET_ACCESS_KEY)
    SigV4Auth(credentials, "bedrock", "us-east-1").add_auth(signed)
    request = urllib.request.Request(address, data, dict(signed.headers.items()))
    try:
        urllib.request.urlopen(request, timeout=10).close()
    except urllib.error.HTTPError as error:
        return error.headers["x-amzn-errortype"].split(":")[0], json.load(error)["message"]
    return None, ""


def mistakes(shape, value, path=()):
    """Places, what is wrong there, and the wrong value; `...` stands for none."""
    kind = shape.type_name
    if kind == "structure" and not shape.is_document_type:
        yield path, "list", []
        yield (*path, "unknownMember"), "unknown", {}
        for name in value:
            yield from mistakes(shape.members[name], value[name], (*path, name))
        for name in shape.required_members:
            if name in value:
                yield (*path, name), "missing", ...
        if shape.is_tagged_union:
            yield path, "empty union", {}
            for name in shape.members:
                if name not in value:
                    yield (*path, name), "second member", copy.deepcopy(value[next(iter(value))])
                    break
    elif kind == "list":
        yield path, "string", "x"
        for index, inner in enumerate(value):
            yield from mistakes(shape.member, inner, (*path, index))
        yield from bounds(shape, path, lambda length: [value[0]] * length)
    elif kind == "map":
        yield path, "list", []
        for name, inner in value.items():
            yield from mistakes(shape.value, inner, (*path, name))
    elif kind in ("string", "blob"):
        yield path, "number", 5
        if shape.metadata.get("enum"):
            yield path, "enum", "something else"
        if shape.metadata.get("pattern"):
            yield path, "pattern", "!"
        if kind == "string":
            yield from bounds(shape, path, lambda length: "x" * length)
    elif kind in ("integer", "float"):
        yield path, "string", "5"
        for bound, step in (("min", -1), ("max", 1)):
            if bound in shape.metadata:
                yield path, bound, shape.metadata[bound] + step
    elif kind == "boolean":
        yield path, "string", "true"


def bounds(shape, path, make):
    if shape.metadata.get("min", 0) > 0:
        yield path, "min", make(shape.metadata["min"] - 1)
    if "max" in shape.metadata:
        yield path, "max", make(shape.metadata["max"] + 1)


def changed(body, path, value):
    body = copy.deepcopy(body)
    *way, last = path
    place = body
    for step in way:
        place = place[step]
    if value is ...:
        del place[last]
    else:
        place[last] = value
    return body


def test_requests_with_one_mistake_are_refused(client, url):
    shape = client.meta.service_model.operation_model("Converse").input_shape
    tried, passed = 0, []
    for request in requests(THOUGHT):
        model = request.pop("modelId")
        body = on_the_wire(request)
        for path, mistake, value in mistakes(shape, request):
            if not path or path == ("modelId",):
                continue
            tried += 1
            code, message = ask(url, model, changed(body, path, on_the_wire(value)))
            is_told = code == "SerializationException" or "validation error" in message
            if not is_told:
                passed.append((".".join(map(str, path)), mistake, code, message))

    assert passed == []
    assert tried > 900
