#!/usr/bin/env bash
# Policies of `iam-policy`, read and judged by programs we did not write. GATEWAY_BIN names another
# binary.
set -euo pipefail
cd "$(dirname "$0")/../.."
.ci/tools iam
exec target/venv-iam/bin/python -m pytest -q tests/external/test_iam.py "$@"
