"""Client of bedrock-gateway, a gRPC service in front of Amazon Bedrock.

```python
import bedrock_gateway

with bedrock_gateway.connect("http://127.0.0.1:50051") as client:
    print(client.invoke("Name three moons of Jupiter.").text)
```

`connect` makes a blocking client, `connect_async` one for asyncio; both have the same methods. The
messages of the API are in `bedrock_gateway.v1`. What fails raises `GatewayError`.
"""

from importlib.metadata import version as _version

from bedrock_gateway._async_client import (
    AsyncClient,
    AsyncMetadataSource,
    AsyncStream,
    connect_async,
)
from bedrock_gateway._client import Client, MetadataSource, Stream, connect
from bedrock_gateway._collector import Collector
from bedrock_gateway._metadata import Headers, Metadata
from bedrock_gateway.errors import (
    Cancelled,
    DeadlineExceeded,
    FieldViolation,
    GatewayError,
    InvalidRequest,
    PreconditionViolation,
    QuotaViolation,
    Throttled,
    Unavailable,
)

__version__ = _version("bedrock-gateway-client")

__all__ = [
    "AsyncClient",
    "AsyncMetadataSource",
    "AsyncStream",
    "Cancelled",
    "Client",
    "Collector",
    "DeadlineExceeded",
    "FieldViolation",
    "GatewayError",
    "Headers",
    "InvalidRequest",
    "Metadata",
    "MetadataSource",
    "PreconditionViolation",
    "QuotaViolation",
    "Stream",
    "Throttled",
    "Unavailable",
    "__version__",
    "connect",
    "connect_async",
]
