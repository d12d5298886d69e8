#!/usr/bin/env bash
# The gateway in front of its emulator, asked by the tools that people use: grpcurl, grpc-health-probe, buf curl, and
# Python's health and reflection clients. GATEWAY_BIN names another binary.
set -euo pipefail
cd "$(dirname "$0")/../.."
.ci/tools python grpcurl grpc-health-probe buf
exec target/venv/bin/python -m pytest -q tests/external/test_grpcurl.py tests/external/test_tools.py \
  tests/external/test_docs.py "$@"
