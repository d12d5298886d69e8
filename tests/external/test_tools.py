"""The tools that people probe and call gRPC servers with, on the gateway as it is."""

import json
import subprocess

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import (
    ProtoReflectionDescriptorDatabase,
)
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass

from emulator import tell_emulator
from grpcurl import INFERENCE, MODELS, TOOLS, decode_all
from programs import ROOT, Gateway

MODEL = "claude-sonnet-4-5"
BUF = ROOT / ".ci/node_modules/.bin/buf"
LIMIT_SECONDS = 60
# buf curl exits with the gRPC status code times 8.
BUF_EXIT_FACTOR = 8
INVALID_ARGUMENT = 3


def run(*command):
    return subprocess.run(
        [str(part) for part in command],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=LIMIT_SECONDS,
        check=False,
    )


def probe(address, *flags):
    return run(TOOLS / "grpc-health-probe", f"-addr={address}", *flags).returncode


def buf_curl(gateway, method, request):
    url = f"http://{gateway.address}/{method}"
    return run(BUF, "curl", "--protocol=grpc", "--http2-prior-knowledge", f"--data={request}", url)


@pytest.fixture
def channel(gateway):
    with grpc.insecure_channel(gateway.address) as channel:
        yield channel


@pytest.mark.parametrize("service", ["", "liveness", INFERENCE, MODELS, f"models/{MODEL}"])
def test_probe_ends_with_0_for_what_is_serving(gateway, service):
    assert probe(gateway.address, f"-service={service}") == 0


def test_probe_ends_with_1_without_an_address():
    assert run(TOOLS / "grpc-health-probe").returncode == 1


def test_probe_ends_with_2_where_nothing_listens():
    with Gateway("--emulator") as gone:
        address = gone.address

    assert probe(address, "-connect-timeout=2s") == 2


def test_probe_ends_with_3_for_a_service_that_is_not_known(gateway):
    assert probe(gateway.address, "-service=no.such.Service") == 3


def test_probe_ends_with_4_for_a_model_that_is_suspended(scripted_gateway):
    tell_emulator(scripted_gateway, MODEL, {"exception": {"name": "AccessDeniedException"}})
    request = json.dumps({"model": MODEL, "prompt": "Hi"})
    buf_curl(scripted_gateway, f"{INFERENCE}/Invoke", request)

    assert probe(scripted_gateway.address, f"-service=models/{MODEL}") == 4
    assert probe(scripted_gateway.address, "-service=liveness") == 0


def test_buf_curl_calls_with_nothing_but_reflection(gateway):
    answered = buf_curl(gateway, f"{INFERENCE}/Invoke", '{"prompt": "Hi"}')
    streamed = buf_curl(gateway, f"{INFERENCE}/InvokeStream", '{"prompt": "Hi"}')

    assert answered.returncode == 0, answered.stderr
    assert json.loads(answered.stdout)["stopReason"] == "STOP_REASON_END_TURN"
    assert streamed.returncode == 0, streamed.stderr
    assert decode_all(streamed.stdout)[-1]["metadata"]["model"]


def test_buf_curl_shows_what_is_wrong(gateway):
    refused = buf_curl(gateway, f"{INFERENCE}/Invoke", "{}")

    assert refused.returncode == INVALID_ARGUMENT * BUF_EXIT_FACTOR
    assert "google.rpc.BadRequest" in refused.stderr


def test_health_package_checks_and_watches(gateway, channel):
    health = health_pb2_grpc.HealthStub(channel)
    request = health_pb2.HealthCheckRequest(service=INFERENCE)

    checked = health.Check(request, timeout=LIMIT_SECONDS)
    watched = health.Watch(request, timeout=LIMIT_SECONDS)

    serving = health_pb2.HealthCheckResponse.SERVING
    assert checked.status == serving
    assert next(watched).status == serving
    watched.cancel()


def test_reflection_package_calls_without_generated_code(channel):
    pool = DescriptorPool(ProtoReflectionDescriptorDatabase(channel))
    method = pool.FindServiceByName(INFERENCE).FindMethodByName("CountTokens")
    request_class = GetMessageClass(method.input_type)
    response_class = GetMessageClass(method.output_type)
    call = channel.unary_unary(
        f"/{INFERENCE}/CountTokens",
        request_serializer=request_class.SerializeToString,
        response_deserializer=response_class.FromString,
    )

    counted = call(request_class(prompt="Hi", model=MODEL), timeout=LIMIT_SECONDS)

    assert counted.input_tokens > 0
