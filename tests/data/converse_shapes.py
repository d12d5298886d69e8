#!/usr/bin/env python3
"""Writes converse-shapes.json: the shapes that Converse and ConverseStream can reach.

    pip install botocore==1.44.5
    python tests/data/converse_shapes.py > tests/data/converse-shapes.json

Read from botocore's model of the API, in the version that the Rust SDK of Cargo.toml was made from.
A shape stands for a structure or a union, with its members and what they hold: the name of a shape,
`[x]` for a list of x, `{x}` for a map to x, or a plain type. An enum is its values, joined by `|`.
Documentation, constraints and the requirement of members are left out.
"""

import gzip
import json
import pathlib

import botocore

MODEL = "data/bedrock-runtime/2023-09-30/service-2.json.gz"
ROOTS = [
    "ConverseRequest",
    "ConverseResponse",
    "ConverseStreamRequest",
    "ConverseStreamResponse",
]


def main():
    path = pathlib.Path(botocore.__file__).parent / MODEL
    shapes = json.loads(gzip.decompress(path.read_bytes()))["shapes"]
    reachable = {}

    def held(name):
        shape = shapes[name]
        kind = shape["type"]
        if shape.get("document"):
            return "document"
        if kind == "structure":
            visit(name)
            return name
        if kind == "list":
            return f"[{held(shape['member']['shape'])}]"
        if kind == "map":
            return f"{{{held(shape['value']['shape'])}}}"
        return "|".join(shape["enum"]) if "enum" in shape else kind

    def visit(name):
        if name in reachable:
            return
        reachable[name] = {}
        members = shapes[name].get("members", {})
        for member, target in members.items():
            reachable[name][member] = held(target["shape"])

    for root in ROOTS:
        visit(root)
    lines = [
        f"{json.dumps(name)}: {json.dumps(members)}"
        for name, members in sorted(reachable.items())
    ]
    print("{\n" + ",\n".join(lines) + "\n}")


main()
