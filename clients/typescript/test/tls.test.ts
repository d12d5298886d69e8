import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import type { TLSSocket } from "node:tls";

import { create } from "@bufbuild/protobuf";

import { connect, InvokeResponseSchema, type TlsOptions, UnavailableError } from "@bedrock-gateway/client";

import { answer, FakeServer } from "./fake_server.js";

/** From build/test, where this runs. */
const FIXTURES = new URL("../../test/fixtures/", import.meta.url).pathname;
const CA: TlsOptions = { caFile: `${FIXTURES}ca.pem` };

async function server(): Promise<FakeServer> {
  return await FakeServer.start(
    (stream) => {
      const { subject } = (stream.session?.socket as TLSSocket).getPeerCertificate() as { subject?: { CN: string } };
      answer(
        stream,
        InvokeResponseSchema,
        create(InvokeResponseSchema, { text: `hello ${subject?.CN ?? "stranger"}` }),
      );
    },
    {
      key: readFileSync(`${FIXTURES}server.key.pem`),
      cert: readFileSync(`${FIXTURES}server.pem`),
      ca: readFileSync(`${FIXTURES}ca.pem`),
      requestCert: true,
      rejectUnauthorized: false,
    },
  );
}

test("a gateway whose authority is trusted is called by TLS", async () => {
  using fake = await server();
  using byName = connect(`https://localhost:${String(fake.port)}`, { tls: CA });
  using byAddress = connect(`https://127.0.0.1:${String(fake.port)}`, { tls: CA });

  assert.equal((await byName.invoke("Hi")).text, "hello stranger");
  assert.equal((await byAddress.invoke("Hi")).text, "hello stranger");
});

test("a client certificate is shown", async () => {
  using fake = await server();
  const tls = { ...CA, certFile: `${FIXTURES}client.pem`, keyFile: `${FIXTURES}client.key.pem` };
  using client = connect(`https://localhost:${String(fake.port)}`, { tls });

  assert.equal((await client.invoke("Hi")).text, "hello client");
});

test("a gateway whose authority is not known is not called", async () => {
  using fake = await server();
  using client = connect(`https://localhost:${String(fake.port)}`);

  await assert.rejects(client.health(), (error: unknown) => {
    assert(error instanceof UnavailableError);
    assert.match(error.message, /cannot be reached: .*certificate/);
    return true;
  });
  assert.equal(fake.attempts.length, 0);
});

test("a gateway with another name is not called, unless that name is expected", async () => {
  using fake = await server();
  using wrong = connect(`https://127.0.0.1:${String(fake.port)}`, { tls: { ...CA, serverName: "other.example" } });
  using right = connect(`https://127.0.0.1:${String(fake.port)}`, { tls: { ...CA, serverName: "localhost" } });

  await assert.rejects(wrong.health(), /cannot be reached: .*other\.example/);
  assert.equal((await right.invoke("Hi")).text, "hello stranger");
});

for (const [what, address, tls, expected] of [
  ["for plain text", "http://localhost:1", CA, /needs an address with https/],
  [
    "with a file that is not there",
    "https://localhost",
    { caFile: "/not/there" },
    /\/not\/there of the option tls.caFile/,
  ],
  ["with a certificate without its key", "https://localhost", { certFile: "c" }, /are needed both/],
] as const) {
  test(`TLS ${what} is refused`, () => {
    assert.throws(() => connect(address, { tls }), expected);
  });
}
