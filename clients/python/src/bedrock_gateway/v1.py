"""The messages and enums of the API, `bedrock.gateway.v1`, in one place.

Made from the `.proto` files, whose comments say what each field means.
"""

from bedrock.gateway.v1.content_pb2 import *  # noqa: F403
from bedrock.gateway.v1.errors_pb2 import *  # noqa: F403
from bedrock.gateway.v1.guardrail_trace_pb2 import *  # noqa: F403
from bedrock.gateway.v1.inference_service_pb2 import *  # noqa: F403
from bedrock.gateway.v1.model_service_pb2 import *  # noqa: F403
from bedrock.gateway.v1.models_pb2 import *  # noqa: F403
from bedrock.gateway.v1.parameters_pb2 import *  # noqa: F403
from bedrock.gateway.v1.results_pb2 import *  # noqa: F403
from bedrock.gateway.v1.stream_pb2 import *  # noqa: F403
