import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";

import { addMetadata } from "#client/metadata";
import { connect } from "@bedrock-gateway/client";

test("metadata becomes headers, bytes in base64", () => {
  const headers = new Headers();

  addMetadata(headers, { Authorization: "Bearer abc", "trace-bin": new Uint8Array([0, 255]) });

  assert.equal(headers.get("authorization"), "Bearer abc");
  assert.equal(headers.get("trace-bin"), "AP8");
});

for (const [what, metadata, expected] of [
  ["a line break in a value", { authorization: "Bearer secret\n" }, /"authorization" has to be a string/],
  ["text beyond ASCII", { name: "secret-é" }, /"name" has to be a string of printable ASCII/],
  ["a space in a key", { "a b": "secret" }, /"a b" is not allowed/],
  ["a key of the protocol", { "grpc-timeout": "secret" }, /"grpc-timeout" belongs to the protocol/],
  ["the user agent", { "User-Agent": "secret" }, /"User-Agent" belongs to the protocol/],
  ["text for a key with -bin", { "x-bin": "secret" }, /"x-bin" has to be a Uint8Array/],
] as const) {
  test(`metadata with ${what} is refused without its value`, () => {
    assert.throws(
      () => connect("http://localhost:1", { metadata }),
      (error: unknown) => {
        assert(error instanceof TypeError);
        assert.match(error.message, expected);
        assert.doesNotMatch(error.message, /secret/);
        return true;
      },
    );
  });
}

test("a client does not show its metadata", () => {
  const client = connect("http://localhost:1", { metadata: { authorization: "Bearer secret" } });

  assert.doesNotMatch(inspect(client, { depth: null, showHidden: true }) + JSON.stringify(client), /secret/);
});
