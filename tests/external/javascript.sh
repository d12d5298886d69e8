#!/usr/bin/env bash
# The emulator, asked by the AWS SDK for JavaScript. GATEWAY_BIN names another binary.
set -euo pipefail
cd "$(dirname "$0")/../.."
.ci/tools javascript
exec npm --prefix tests/external/javascript --silent test -- "$@"
