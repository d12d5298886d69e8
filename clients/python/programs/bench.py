"""How fast one stream is read: events per second, and CPU time of this process per event.

Starts a gateway and its emulator by GATEWAY_BIN, or calls those of GATEWAY_ADDRESS and
EMULATOR_URL. Both use the machine too, so that events per second say as much about them; CPU time
is that of the client alone.
"""

import argparse
import asyncio
import sys
import time
from collections.abc import Callable

from gateways import Gateway, running

import bedrock_gateway
from bedrock_gateway import Collector, v1

MODEL = "claude-sonnet-4-5"
REQUEST = v1.InvokeRequest(model=MODEL, prompt="Hi")


def script(events: int) -> dict[str, object]:
    """A reply of the emulator in many pieces."""
    delta = {"contentBlockDelta": {"contentBlockIndex": 0, "delta": {"text": "a few words "}}}
    usage = {"inputTokens": 1, "outputTokens": events, "totalTokens": events + 1}
    return {
        "reply": {
            "events": [
                {"messageStart": {"role": "assistant"}},
                *[delta] * events,
                {"contentBlockStop": {"contentBlockIndex": 0}},
                {"messageStop": {"stopReason": "end_turn"}},
                {"metadata": {"usage": usage, "metrics": {"latencyMs": 1}}},
            ]
        }
    }


def read_blocking(address: str) -> int:
    with bedrock_gateway.connect(address) as client, client.stream(REQUEST) as stream:
        return sum(1 for _ in stream)


def collect_blocking(address: str) -> int:
    with bedrock_gateway.connect(address) as client, client.stream(REQUEST) as stream:
        collector, count = Collector(), 0
        for event in stream:
            collector.add(event)
            count += 1
        collector.response()
        return count


def read_asyncio(address: str) -> int:
    async def read() -> int:
        async with (
            bedrock_gateway.connect_async(address) as client,
            client.stream(REQUEST) as stream,
        ):
            count = 0
            async for _ in stream:
                count += 1
            return count

    return asyncio.run(read())


READERS: dict[str, Callable[[str], int]] = {
    "blocking": read_blocking,
    "blocking, collected": collect_blocking,
    "asyncio": read_asyncio,
}


def measure(gateway: Gateway, rounds: int) -> None:
    print(f"{'client':<20} {'events':>8} {'events/s':>10} {'CPU us/event':>13}")
    for name, read in READERS.items():
        read(gateway.address)  # warm
        for _ in range(rounds):
            began, began_cpu = time.perf_counter(), time.process_time()
            events = read(gateway.address)
            seconds, cpu = time.perf_counter() - began, time.process_time() - began_cpu
            print(f"{name:<20} {events:>8} {events / seconds:>10.0f} {cpu / events * 1e6:>13.1f}")


def main() -> int:
    """Runs the program."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--events", type=int, default=20_000, help="events of the stream, or so")
    parser.add_argument("--rounds", type=int, default=3, help="how often each client reads it")
    options = parser.parse_args()
    with running() as gateway:
        gateway.set_scenario(MODEL, script(options.events))
        try:
            measure(gateway, options.rounds)
        finally:
            gateway.reset()
    return 0


if __name__ == "__main__":
    sys.exit(main())
