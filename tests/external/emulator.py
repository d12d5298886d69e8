"""The emulator's control endpoint."""

import json
import urllib.request


def tell_emulator(gateway, model, scenario):
    """Has a model of the gateway's emulator behave like this from now on."""
    request = urllib.request.Request(
        f"{gateway.emulator}/_emulator/scenarios/{model}",
        data=json.dumps(scenario).encode(),
        headers={"content-type": "application/json"},
        method="PUT",
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert answer.status in (200, 201, 204)
