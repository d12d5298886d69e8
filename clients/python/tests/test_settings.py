import json
from pathlib import Path
from typing import Any

import pytest

import bedrock_gateway
from bedrock_gateway import _service_config
from bedrock_gateway._settings import Settings

ROOT = Path(__file__).resolve().parents[3]


def settings(address: str = "http://127.0.0.1:1", **options: Any) -> Settings:
    none = {"ca_file": None, "certificate_file": None, "key_file": None, "timeouts": None}
    return Settings(address, **{**none, **options})


def test_package_carries_the_service_config_that_all_clients_share() -> None:
    packed = Path(bedrock_gateway.__file__).with_name("service_config.json").read_bytes()

    assert packed == (ROOT / "clients/service_config.json").read_bytes()


@pytest.mark.parametrize("name", ["LICENSE-APACHE", "LICENSE-MIT"])
def test_package_carries_the_licenses_of_the_project(name: str) -> None:
    packed = ROOT / "clients/python" / name

    assert packed.read_bytes() == (ROOT / name).read_bytes()


def test_deadlines_are_those_of_the_service_config() -> None:
    assert _service_config.timeouts(_service_config.read()) == {
        "Check": 10.0,
        "Invoke": 120.0,
        "InvokeStream": 600.0,
        "CountTokens": 10.0,
        "ListModels": 10.0,
        "GetModel": 10.0,
    }


def test_channel_gets_the_service_config_without_deadlines() -> None:
    given = _service_config.read()

    channel = json.loads(_service_config.for_channel(given))

    assert all("timeout" not in entry for entry in channel["methodConfig"])
    for entry in given["methodConfig"]:
        del entry["timeout"]
    assert channel == given


def test_channel_is_set_up_as_the_project_recommends() -> None:
    options = dict(settings().channel_options)

    assert options["grpc.keepalive_time_ms"] == 60_000
    assert options["grpc.keepalive_timeout_ms"] == 10_000
    assert options["grpc.keepalive_permit_without_calls"] == 0
    assert options["grpc.max_receive_message_length"] == 32 * 1024 * 1024
    assert options["grpc.max_send_message_length"] == 32 * 1024 * 1024
    assert options["grpc.primary_user_agent"] == "bedrock-gateway-client-python/0.1.0"


def test_own_deadline_of_a_call_goes_before_that_of_the_client_and_that_of_the_config() -> None:
    client = settings(timeouts={"Invoke": 900})

    assert client.timeout("Invoke", 1000) == 1000
    assert client.timeout("Invoke", None) == 900
    assert client.timeout("InvokeStream", None) == 600


@pytest.mark.parametrize("seconds", [0, -1, float("nan"), float("inf")])
def test_deadline_is_a_number_of_seconds_above_zero(seconds: float) -> None:
    with pytest.raises(ValueError, match="seconds above 0"):
        settings().timeout("Invoke", seconds)
    with pytest.raises(ValueError, match=r"timeouts\['Invoke'\]"):
        settings(timeouts={"Invoke": seconds})


def test_deadline_of_an_unknown_method_is_refused_with_those_there_are() -> None:
    with pytest.raises(ValueError, match=r"'invoke'.*there are Invoke, InvokeStream"):
        settings(timeouts={"invoke": 5})


def test_certificates_are_refused_without_tls_and_without_their_key(tmp_path: Path) -> None:
    file = tmp_path / "file.pem"
    file.write_text("")

    with pytest.raises(ValueError, match="https://"):
        settings(ca_file=file)
    with pytest.raises(ValueError, match="go together"):
        settings("https://gateway", certificate_file=file)
    with pytest.raises(FileNotFoundError, match=r"missing\.pem"):
        settings("https://gateway", ca_file=tmp_path / "missing.pem")
