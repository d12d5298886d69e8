"""Every grpcurl and curl line of README.md works as it is pasted."""

import os
import re
import subprocess

import pytest

from grpcurl import CALL_LIMIT_SECONDS, TOOLS
from programs import ROOT

# The README's servers listen here; the tests' own take free ports.
README_PORT = ":50051"
README_EMULATOR = "http://127.0.0.1:8787"


def commands(program):
    """Commands of the README's shell blocks that begin with `program`, continued lines joined."""
    text = (ROOT / "README.md").read_text()
    blocks = re.findall(r"^```sh\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    lines = "".join(blocks).replace("\\\n", " ").splitlines()
    return [line for line in lines if line.startswith(f"{program} ")]


def paste(command):
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", command],
        cwd=ROOT,
        env=os.environ | {"PATH": f"{TOOLS}:{os.environ['PATH']}"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=CALL_LIMIT_SECONDS,
        check=False,
    )


def test_the_readme_has_commands():
    assert len(commands("grpcurl")) >= 8
    assert len(commands("curl")) >= 1


@pytest.mark.parametrize("command", commands("grpcurl"))
def test_grpcurl_line_works(gateway, command):
    assert README_PORT in command
    port = gateway.address.rpartition(":")[2]

    done = paste(command.replace(README_PORT, f":{port}"))

    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()


@pytest.mark.parametrize("command", commands("curl"))
def test_curl_line_works(scripted_gateway, command):
    assert README_EMULATOR in command
    pasted = command.replace(README_EMULATOR, scripted_gateway.emulator)

    done = paste(pasted.replace("curl ", "curl --silent --show-error --fail ", 1))

    assert done.returncode == 0, done.stderr
