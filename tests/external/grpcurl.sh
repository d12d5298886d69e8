#!/usr/bin/env bash
# The gateway in front of its emulator, asked by grpcurl. GATEWAY_BIN names another binary.
set -euo pipefail
cd "$(dirname "$0")/../.."
.ci/tools python grpcurl
exec target/venv/bin/python -m pytest -q tests/external/test_grpcurl.py tests/external/test_docs.py "$@"
