#!/usr/bin/env bash
# The gateway in front of ministack, asked by grpcurl. GATEWAY_BIN names another binary.
set -euo pipefail
cd "$(dirname "$0")/../.."
.ci/tools python grpcurl ministack
exec target/venv/bin/python -m pytest -q tests/external/test_ministack.py "$@"
