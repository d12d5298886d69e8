import assert from "node:assert/strict";
import { test } from "node:test";

import { parseAddress } from "#client/address";

test("an address says host, port and whether to encrypt", () => {
  const named = parseAddress("https://gateway.example");
  const addressed = parseAddress("http://[::1]:50051/");

  assert.deepEqual(named, { origin: "https://gateway.example", host: "gateway.example", tls: true, isName: true });
  assert.deepEqual(addressed, { origin: "http://[::1]:50051", host: "::1", tls: false, isName: false });
  assert.equal(parseAddress("http://127.0.0.1:80").origin, "http://127.0.0.1");
  assert.equal(parseAddress("https://h:8443").origin, "https://h:8443");
});

const REFUSED = [
  "",
  "localhost:50051",
  "localhost",
  "grpc://localhost:50051",
  "dns:///localhost:50051",
  "http://localhost",
  "http://localhost:",
  "http://localhost:0",
  "http://localhost:65536",
  "http://localhost:50051/path",
  "http://localhost:50051?a=b",
  "http://user:secret@localhost:50051",
  "http://:50051",
  "https://",
  " http://localhost:50051",
];

for (const address of REFUSED) {
  test(`the address ${JSON.stringify(address)} is refused with both forms`, () => {
    assert.throws(
      () => parseAddress(address),
      (error: unknown) => {
        assert(error instanceof TypeError);
        assert.match(error.message, /http:\/\/HOST:PORT .* https:\/\/HOST or https:\/\/HOST:PORT/);
        assert.doesNotMatch(error.message, /secret/);
        return true;
      },
    );
  });
}
