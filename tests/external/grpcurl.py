"""grpcurl as a function: what it printed, how it ended, and its open streams."""

import json
import os
import subprocess
from dataclasses import dataclass

from programs import ROOT, Program

TOOLS = ROOT / "target/tools/bin"
GRPCURL = os.environ.get("GRPCURL_BIN", str(TOOLS / "grpcurl"))

# grpcurl exits with 64 plus the gRPC status code.
EXIT_BASE = 64
INVALID_ARGUMENT = 3
NOT_FOUND = 5
RESOURCE_EXHAUSTED = 8

INFERENCE = "bedrock.gateway.v1.InferenceService"
MODELS = "bedrock.gateway.v1.ModelService"
HEALTH = "grpc.health.v1.Health"

CALL_LIMIT_SECONDS = 60


@dataclass
class Outcome:
    """What one grpcurl command did."""

    exit_code: int
    stdout: str
    stderr: str

    def text(self):
        assert self.exit_code == 0, f"grpcurl ended with {self.exit_code}:\n{self.stderr}"
        return self.stdout

    def messages(self):
        """Every message of a successful call."""
        return decode_all(self.text())

    def message(self):
        """The one message of a successful call."""
        (only,) = self.messages()
        return only

    def status(self, code):
        """The decoded status of a failed call, its details keyed by their short type name."""
        assert self.exit_code == EXIT_BASE + code, (
            f"expected exit code {EXIT_BASE + code}, got {self.exit_code}:\n"
            f"{self.stdout}\n{self.stderr}"
        )
        status = json.loads(self.stderr[self.stderr.index("{") :])
        status["details"] = {
            detail["@type"].rpartition("/")[2]: detail for detail in status.get("details", [])
        }
        return status


def decode_all(text):
    """The JSON values that stand one after the other in `text`."""
    decoder, values, rest = json.JSONDecoder(), [], text.lstrip()
    while rest:
        value, end = decoder.raw_decode(rest)
        values.append(value)
        rest = rest[end:].lstrip()
    return values


def grpcurl(*arguments):
    done = subprocess.run(
        [GRPCURL, "-plaintext", *arguments],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=CALL_LIMIT_SECONDS,
        check=False,
    )
    return Outcome(done.returncode, done.stdout, done.stderr)


def call(gateway, method, request):
    return grpcurl("-format-error", "-d", json.dumps(request), gateway.address, method)


def watch(gateway, service):
    """An open Health Watch."""
    request = json.dumps({"service": service})
    return Program(
        [GRPCURL, "-plaintext", "-d", request, gateway.address, f"{HEALTH}/Watch"]
    )


def wait_until_serving(gateway):
    with watch(gateway, "") as stream:
        stream.wait_for(r'"status": "SERVING"')
