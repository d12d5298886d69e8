"""An answer, shown while the model writes it."""

import os

import bedrock_gateway
from bedrock_gateway import Collector, v1

ADDRESS = os.environ.get("GATEWAY_ADDRESS", "http://127.0.0.1:50051")

request = v1.InvokeStreamRequest(
    prompt="Write a haiku about rivers.",
    stream_options=v1.StreamOptions(recovery=v1.StreamOptions.RECOVERY_RESTART),
)

with bedrock_gateway.connect(ADDRESS) as client, client.stream(request) as stream:
    # The collector is for those who also need the answer as a whole, and for streams that may begin
    # anew with another model.
    collector = Collector()
    for event in stream:
        collector.add(event)
        if event.attempt.output_discarded:
            print("\n-- the model failed; what came so far is void")
        print(event.content_block_delta.text, end="", flush=True)

answer = collector.response()
stop_reason = v1.StopReason.Name(answer.stop_reason)
print(f"\n-- {answer.metadata.model}: {stop_reason}, {len(answer.text)} characters")
