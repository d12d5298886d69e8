"""README.md: its blocks are what a reader may paste, in their order."""

import os
import re
import subprocess
import sys
from pathlib import Path

import trustme
from gateways import Gateway

FOLDER = Path(__file__).resolve().parents[1]
README = (FOLDER / "README.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```(.*)\n((?s:.*?))^```$", re.MULTILINE)


def test_every_block_is_run_or_installs() -> None:
    languages = [language for language, _ in BLOCK.findall(README)]

    assert set(languages) == {"python", "sh"}
    assert languages.count("sh") == 1


def test_python_blocks_work_one_behind_the_other(scripted_gateway: Gateway, tmp_path: Path) -> None:
    blocks = [text for language, text in BLOCK.findall(README) if language == "python"]
    assert len(blocks) >= 8
    script = "\n".join(blocks)
    for written, running in {
        "http://127.0.0.1:50051": scripted_gateway.address,
        "http://127.0.0.1:8787": scripted_gateway.emulator,
    }.items():
        assert written in script
        script = script.replace(written, running)
    authority = trustme.CA()
    issued = authority.issue_cert("client.example.com")
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    issued.cert_chain_pems[0].write_to_path(str(tmp_path / "client.pem"))
    issued.private_key_pem.write_to_path(str(tmp_path / "client.key"))
    (tmp_path / "readme.py").write_text(script)

    ended = subprocess.run(
        [sys.executable, "readme.py"],
        cwd=tmp_path,
        env=dict(os.environ),
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )

    assert ended.returncode == 0, ended.stderr
    assert "'inference_config.max_tokens'" in ended.stdout
    assert "\norder-42\n" in ended.stdout
    assert "['claude-opus-4-1', 'claude-sonnet-4-5']" in ended.stdout


def test_links_into_the_folder_lead_somewhere() -> None:
    links = re.findall(r"\]\((?!https:)([^)]+)\)", README)

    assert links
    assert [link for link in links if not (FOLDER / link).exists()] == []
