import pytest

from grpcurl import wait_until_serving
from programs import Gateway


@pytest.fixture(scope="module")
def gateway():
    """A gateway in front of its own emulator, for tests that change nothing."""
    with Gateway("--emulator") as running:
        wait_until_serving(running)
        yield running


@pytest.fixture
def scripted_gateway():
    """The same for one test alone, which may tell the emulator's models what to do."""
    with Gateway("--emulator") as running:
        wait_until_serving(running)
        yield running
