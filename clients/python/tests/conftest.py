from collections.abc import Iterator

import fake
import gateways
import pytest
from callers import Asyncio, Blocking, Connect


@pytest.fixture(scope="session")
def shared_gateway() -> Iterator[gateways.Gateway]:
    with gateways.running() as gateway:
        yield gateway


@pytest.fixture
def gateway(shared_gateway: gateways.Gateway) -> gateways.Gateway:
    """A gateway whose models answer as usual. It is shared by tests, which must not change that."""
    return shared_gateway


@pytest.fixture
def idle_gateway(shared_gateway: gateways.Gateway) -> Iterator[gateways.Gateway]:
    """The shared one with an empty journal, whose models may be told what leaves no trace."""
    shared_gateway.reset()
    yield shared_gateway
    shared_gateway.reset()


@pytest.fixture
def scripted_gateway() -> Iterator[gateways.Gateway]:
    """A gateway for one test alone, which may tell the emulator's models what to do."""
    with gateways.running() as gateway:
        gateway.reset()
        yield gateway
        gateway.reset()


@pytest.fixture
def fake_server() -> Iterator[fake.Fake]:
    with fake.running() as server:
        yield server


@pytest.fixture(params=[Blocking, Asyncio], ids=["blocking", "asyncio"])
def connect(request: pytest.FixtureRequest) -> Connect:
    """Each of the clients in turn."""
    kind: Connect = request.param
    return kind
