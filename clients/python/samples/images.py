"""A picture with a question about it."""

import os
import struct
import zlib
from pathlib import Path

import bedrock_gateway
from bedrock_gateway import v1

ADDRESS = os.environ.get("GATEWAY_ADDRESS", "http://127.0.0.1:50051")


def picture() -> bytes:
    """The bytes of a file that IMAGE names, or else of a red square, as PNG."""
    if path := os.environ.get("IMAGE"):
        return Path(path).read_bytes()

    def chunk(kind: bytes, data: bytes) -> bytes:
        checksum = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", checksum)

    side = 64
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    rows = (b"\0" + b"\xff\0\0" * side) * side
    parts = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


# The media type is seen in the bytes. An image may also be in S3: `s3_location` instead of `data`.
request = v1.InvokeRequest(
    model="claude-sonnet-4-5",
    messages=[
        v1.Message(
            role=v1.Role.ROLE_USER,
            content=[
                v1.ContentBlock(image=v1.ImageBlock(data=picture())),
                v1.ContentBlock(text="Which color is this square?"),
            ],
        )
    ],
)

with bedrock_gateway.connect(ADDRESS) as client:
    # Says how large an image may be, before megabytes are sent in vain.
    limits = client.get_model(request.model).media_limits
    print(f"-- at most {limits.max_images} images of {limits.max_image_bytes} bytes each")
    tokens = client.count_tokens(request).input_tokens
    print(f"-- the request has {tokens} tokens")
    answer = client.invoke(request)

print(answer.text)
