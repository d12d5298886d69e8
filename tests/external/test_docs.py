"""Every grpcurl line of README.md and docs/ works as it is pasted; tests/it/docs has the rest."""

import os
import re
import subprocess

import pytest

from grpcurl import CALL_LIMIT_SECONDS, TOOLS
from programs import ROOT

# The pages' gateway listens here; the tests' own take free ports.
DOCUMENTED_PORT = ":50051"


def commands():
    """Commands of the pages' shell blocks that begin with grpcurl, continued lines joined."""
    pages = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
    for page in pages:
        blocks = re.findall(r"^```sh\n(.*?)^```$", page.read_text(), re.MULTILINE | re.DOTALL)
        lines = "".join(blocks).replace("\\\n", " ").splitlines()
        yield from (line for line in lines if line.startswith("grpcurl "))


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


def test_the_pages_have_commands():
    assert len(list(commands())) >= 8


@pytest.mark.parametrize("command", list(commands()))
def test_grpcurl_line_works(gateway, command):
    assert DOCUMENTED_PORT in command
    port = gateway.address.rpartition(":")[2]

    done = paste(command.replace(DOCUMENTED_PORT, f":{port}"))

    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()
