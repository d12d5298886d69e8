"""One question, one answer."""

import os

import bedrock_gateway

ADDRESS = os.environ.get("GATEWAY_ADDRESS", "http://127.0.0.1:50051")

with bedrock_gateway.connect(ADDRESS) as client:
    answer = client.invoke("Name three moons of Jupiter.")

print(answer.text)
usage = answer.metadata.usage
print(f"-- {answer.metadata.model}: {usage.input_tokens} tokens in, {usage.output_tokens} out")
