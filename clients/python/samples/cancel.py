"""Three ways to end a call before its answer is complete. Each stops the model."""

import asyncio
import os

import bedrock_gateway
from bedrock_gateway import DeadlineExceeded

ADDRESS = os.environ.get("GATEWAY_ADDRESS", "http://127.0.0.1:50051")
PROMPT = "Write a long story."

with bedrock_gateway.connect(ADDRESS) as client:
    # Enough is enough: leaving the block ends the call.
    with client.stream(PROMPT) as stream:
        for event in stream:
            if event.content_block_delta.text:
                print(f"left after {event.content_block_delta.text!r}")
                break

    # A deadline, in seconds, for everything that the gateway does about the call.
    try:
        client.invoke(PROMPT, timeout=0.001)
    except DeadlineExceeded as error:
        print(f"too late: {error}")


async def main() -> None:
    """Cancels a task."""
    async with bedrock_gateway.connect_async(ADDRESS) as client:
        began = asyncio.Event()

        async def read() -> None:
            async for _ in client.stream(PROMPT):
                began.set()

        task = asyncio.create_task(read())
        await began.wait()
        task.cancel()
        try:
            await task
        except asyncio.CancelledError:
            print("the task was cancelled, and its call with it")
        else:
            print("the task was done before it could be cancelled")


asyncio.run(main())
