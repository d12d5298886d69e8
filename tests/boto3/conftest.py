"""Starts one emulator for all tests, and gives each a boto3 client and a way to set scenarios.

Run with `pip install -r requirements.txt && python -m pytest` in this directory.

EMULATOR_BIN names a command that takes `--listen` and `--registry` and prints
`emulator listening on URL`; without it the gateway of this package is built and told to `emulate`.
"""

import json
import os
import re
import shlex
import subprocess
import urllib.parse
import urllib.request
from pathlib import Path

import boto3
import pytest
from botocore.config import Config

ROOT = Path(__file__).resolve().parents[2]
REGISTRY = ROOT / "src" / "emulator" / "fixtures" / "models.json"

ACCESS_KEY_ID = "AKIAEMULATOR00000000"
SECRET_ACCESS_KEY = "emulator/secret/access/key/not/a/secret"

OPUS = "us.anthropic.claude-opus-4-1-20250805-v1:0"
OPUS_BASE = "anthropic.claude-opus-4-1-20250805-v1:0"
OPUS_ARN = f"arn:aws:bedrock:us-east-1:394686422207:inference-profile/{OPUS}"
SONNET = "us.anthropic.claude-sonnet-4-5-20250929-v1:0"
DEEPSEEK = "us.deepseek.r1-v1:0"


def command():
    given = os.environ.get("EMULATOR_BIN")
    if given:
        return shlex.split(given)
    subprocess.run(["cargo", "build", "--locked"], cwd=ROOT, check=True)
    target = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    return [str(target / "debug" / "bedrock-gateway"), "emulate"]


@pytest.fixture(scope="session")
def url():
    arguments = ["--listen", "127.0.0.1:0", "--registry", str(REGISTRY)]
    process = subprocess.Popen(
        command() + arguments, stdout=subprocess.PIPE, text=True
    )
    try:
        line = process.stdout.readline()
        found = re.search(r"emulator listening on (http://\S+)", line)
        assert found, f"unexpected first line: {line!r}"
        yield found.group(1)
    finally:
        process.terminate()
        process.wait(timeout=10)


def parsed(client, stream):
    """Events and exceptions of a stream by name, in botocore's reading.

    Its own iterator keeps nothing of an exception but code and message.
    """
    model = client.meta.service_model.operation_model("ConverseStream")
    shapes = model.get_event_stream_output().members
    parser = stream._parser
    for event in stream._event_generator:
        name = event.headers.get(":event-type") or event.headers[":exception-type"]
        yield name, parser._parse_shape(shapes[name], json.loads(event.payload))


class Control:
    """The emulator's control endpoint."""

    def __init__(self, url):
        self.url = f"{url}/_emulator"

    def call(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            f"{self.url}/{path}", data=data, method=method
        )
        with urllib.request.urlopen(request, timeout=10) as response:
            return json.load(response)

    def set(self, model, scenario):
        self.call("PUT", f"scenarios/{urllib.parse.quote(model, safe='')}", scenario)

    def scenarios(self):
        return self.call("GET", "scenarios")

    def journal(self):
        return self.call("GET", "journal")

    def reset(self):
        self.call("DELETE", "scenarios")
        self.call("DELETE", "journal")


@pytest.fixture
def control(url):
    control = Control(url)
    control.reset()
    return control


@pytest.fixture
def connect(url, control):
    """Makes a client; keyword arguments change what it signs with."""

    def make(
        key=ACCESS_KEY_ID, secret=SECRET_ACCESS_KEY, region="us-east-1", token=None
    ):
        return boto3.client(
            "bedrock-runtime",
            endpoint_url=url,
            region_name=region,
            aws_access_key_id=key,
            aws_secret_access_key=secret,
            aws_session_token=token,
            config=Config(
                retries={"total_max_attempts": 1}, connect_timeout=5, read_timeout=20
            ),
        )

    return make


@pytest.fixture
def client(connect):
    return connect()
