"""Writes src/emulator/shapes.json: the shapes of requests, from the API model that botocore ships.

Run `python tests/boto3/shapes.py` after an update of botocore. A test fails when the file is stale.
"""

import gzip
import json
from pathlib import Path

import botocore

SERVICE = "data/bedrock-runtime/2023-09-30/service-2.json.gz"
TARGET = Path(__file__).resolve().parents[2] / "src" / "emulator" / "shapes.json"
OPERATIONS = ["Converse", "ConverseStream", "CountTokens"]


def compact(shape):
    """One shape, its kind first: `{"string": {"min": 1}}`."""
    kind = shape["type"]
    if shape.get("document"):
        return {"document": {}}
    if kind == "structure":
        # What stands in the path or a header is no member of the body.
        members = {
            name: member["shape"]
            for name, member in shape["members"].items()
            if "location" not in member
        }
        required = [name for name in shape.get("required", []) if name in members]
        kind = "union" if shape.get("union") else kind
        return {kind: {"members": members, "required": required}}
    said = {name: shape[name]["shape"] for name in ("member", "key", "value") if name in shape}
    said |= {name: shape[name] for name in ("pattern", "enum") if name in shape}
    bounds = {name: shape[name] for name in ("min", "max") if name in shape}
    return {kind: said | ({"bounds": bounds} if bounds else {})}


def references(shape):
    (said,) = shape.values()
    yield from said.get("members", {}).values()
    yield from (said[name] for name in ("member", "key", "value") if name in said)


def text():
    with gzip.open(Path(botocore.__file__).parent / SERVICE) as file:
        model = json.load(file)
    operations = {name: model["operations"][name]["input"]["shape"] for name in OPERATIONS}
    found, waiting = {}, list(operations.values())
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = compact(model["shapes"][name])
            waiting.extend(references(found[name]))
    lines = [f'"source": {json.dumps(f"botocore {botocore.__version__}, {SERVICE}")},']
    lines.append(f'"operations": {json.dumps(operations)},')
    lines.append('"shapes": {')
    shapes = [f"{json.dumps(name)}: {json.dumps(found[name])}" for name in sorted(found)]
    return "{\n" + "\n".join(lines) + "\n" + ",\n".join(shapes) + "\n}\n}\n"


if __name__ == "__main__":
    TARGET.write_text(text())
