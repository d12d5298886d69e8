"""The emulator's copy of the API model, and what it makes of requests that break it."""

import boto3
import pytest
import shapes
from botocore.config import Config
from botocore.exceptions import ClientError
from conftest import ACCESS_KEY_ID, OPUS, SECRET_ACCESS_KEY

HELLO = [{"role": "user", "content": [{"text": "Hello there"}]}]


@pytest.fixture
def careless(url, control):
    """A client that sends what it is given."""
    return boto3.client(
        "bedrock-runtime",
        endpoint_url=url,
        region_name="us-east-1",
        aws_access_key_id=ACCESS_KEY_ID,
        aws_secret_access_key=SECRET_ACCESS_KEY,
        config=Config(parameter_validation=False, retries={"total_max_attempts": 1}),
    )


def test_the_shapes_are_those_of_the_pinned_botocore():
    assert shapes.TARGET.read_text() == shapes.text(), "run python tests/boto3/shapes.py"


@pytest.mark.parametrize(
    "wrong, code, text",
    [
        ({"inferenceConfig": {"maxTokens": "many"}}, "SerializationException", "STRING_VALUE"),
        ({"messages": [{"content": []}]}, "ValidationException", "Value null at"),
        ({"serviceTier": {"type": "cheap"}}, "ValidationException", "enum value set"),
        ({"requestMetadata": {}}, "ValidationException", "length greater than or equal to 1"),
        ({"toolConfig": {"tools": [{}]}}, "ValidationException", "exactly one member"),
    ],
)
def test_broken_structures_are_refused(careless, wrong, code, text):
    with pytest.raises(ClientError) as refused:
        careless.converse(**{"modelId": OPUS, "messages": HELLO, **wrong})

    assert refused.value.response["Error"]["Code"] == code
    assert text in refused.value.response["Error"]["Message"]
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
