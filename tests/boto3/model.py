"""Walks over botocore's model of the API: which members a value sets, and values that set them all."""

import base64


def members(shape, value):
    """Every `Shape.member` that is set in a value of a shape, once for each time."""
    if shape.type_name == "structure" and not shape.is_document_type:
        for name, inner in value.items():
            if name in shape.members:
                yield f"{shape.name}.{name}"
                yield from members(shape.members[name], inner)
    elif shape.type_name == "list":
        for inner in value:
            yield from members(shape.member, inner)
    elif shape.type_name == "map":
        for inner in value.values():
            yield from members(shape.value, inner)


def samples(shape):
    """Values of a shape that set every member at least once; as few as unions allow."""
    kind = shape.type_name
    if kind == "structure":
        return structures(shape)
    if kind == "list":
        return [samples(shape.member)]
    if kind == "map":
        return [{f"key {index}": value for index, value in enumerate(samples(shape.value))}]
    if kind == "string":
        return [shape.enum[0] if shape.enum else f"some {shape.name}"]
    return [{"blob": b"\x00\xff", "boolean": True, "float": 0.5, "double": 0.25}.get(kind, 7)]


def structures(shape):
    if shape.is_document_type:
        return [{"whole": 12, "parts": [0.5, None, "a"]}]
    inner = {name: samples(member) for name, member in shape.members.items()}
    if shape.is_tagged_union or shape.serialization.get("eventstream"):
        return [{name: value} for name, values in inner.items() for value in values]
    number = max((len(values) for values in inner.values()), default=1)
    return [
        {name: values[index % len(values)] for name, values in inner.items()}
        for index in range(number)
    ]


def on_the_wire(value):
    """The JSON of a value: base64 where boto3 has bytes."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, dict):
        return {name: on_the_wire(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [on_the_wire(inner) for inner in value]
    return value
