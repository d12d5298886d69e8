"""Every grpcurl line of README.md works as it is pasted."""

import os
import re
import subprocess

import pytest

from grpcurl import CALL_LIMIT_SECONDS, TOOLS
from programs import ROOT

# The README's server listens here; the tests' own takes a free port.
README_PORT = ":50051"


def grpcurl_commands():
    """Commands of the README's shell blocks that begin with grpcurl, continued lines joined."""
    text = (ROOT / "README.md").read_text()
    blocks = re.findall(r"^```sh\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    lines = "".join(blocks).replace("\\\n", " ").splitlines()
    return [line for line in lines if line.startswith("grpcurl ")]


def test_the_readme_has_commands():
    assert len(grpcurl_commands()) >= 8


@pytest.mark.parametrize("command", grpcurl_commands())
def test_pasted(gateway, command):
    assert README_PORT in command
    port = gateway.address.rpartition(":")[2]

    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", command.replace(README_PORT, f":{port}")],
        cwd=ROOT,
        env=os.environ | {"PATH": f"{TOOLS}:{os.environ['PATH']}"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=CALL_LIMIT_SECONDS,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()
