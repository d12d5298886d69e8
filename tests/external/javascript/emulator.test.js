// The emulator as the AWS SDK for JavaScript sees it: another signer, another event-stream
// decoder, another reading of the errors than those of the gateway's own SDK.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";

import {
  BedrockRuntimeClient,
  ConverseCommand,
  ConverseStreamCommand,
  ThrottlingException,
  ValidationException,
} from "@aws-sdk/client-bedrock-runtime";
import { NodeHttpHandler } from "@smithy/node-http-handler";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const binary = process.env.GATEWAY_BIN ?? `${root}target/debug/bedrock-gateway`;

const MODEL = "claude-sonnet-4-5";
const MODEL_ID = "us.anthropic.claude-sonnet-4-5-20250929-v1:0";
const HELLO = [{ role: "user", content: [{ text: "Hello" }] }];
// The emulator's documented key pair. It opens nothing but emulators.
const CREDENTIALS = {
  accessKeyId: "AKIAEMULATOR00000000",
  secretAccessKey: "emulator/secret/access/key/not/a/secret",
};

let emulator;
let endpoint;
let client;

before(async () => {
  const registry = "config/aws-bedrock-models.json";
  const flags = ["emulate", "--listen", "127.0.0.1:0", "--registry", registry];
  emulator = spawn(binary, flags, { cwd: root, stdio: ["ignore", "pipe", "inherit"] });
  endpoint = await addressOf(emulator);
  client = clientWith(CREDENTIALS);
});

after(async () => {
  client?.destroy();
  if (emulator && emulator.exitCode === null) {
    const ended = once(emulator, "exit");
    emulator.kill("SIGTERM");
    await ended;
  }
});

async function addressOf(program) {
  for await (const line of createInterface({ input: program.stdout })) {
    const found = line.match(/emulator listening on (\S+)/);
    if (found) {
      program.stdout.resume();
      return found[1];
    }
  }
  throw new Error("the emulator ended without printing its address");
}

function clientWith(credentials) {
  return new BedrockRuntimeClient({
    region: "us-east-1",
    endpoint,
    credentials,
    maxAttempts: 1,
    // The SDK's default for streams is HTTP/2, which needs TLS.
    requestHandler: new NodeHttpHandler(),
  });
}

async function tellEmulator(scenario) {
  const answer = await fetch(`${endpoint}/_emulator/scenarios/${MODEL}`, {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(scenario),
  });
  assert.ok(answer.ok, `the control endpoint said ${answer.status}`);
}

test("Converse answers with text, stop reason and usage", async () => {
  const reply = await client.send(new ConverseCommand({ modelId: MODEL_ID, messages: HELLO }));

  assert.equal(reply.output.message.role, "assistant");
  assert.ok(reply.output.message.content[0].text);
  assert.equal(reply.stopReason, "end_turn");
  assert.equal(reply.usage.totalTokens, reply.usage.inputTokens + reply.usage.outputTokens);
  assert.ok(reply.$metadata.requestId);
});

test("ConverseStream sends every event in order", async () => {
  const reply = await client.send(
    new ConverseStreamCommand({ modelId: MODEL_ID, messages: HELLO }),
  );

  const kinds = [];
  let text = "";
  for await (const event of reply.stream) {
    kinds.push(Object.keys(event)[0]);
    text += event.contentBlockDelta?.delta?.text ?? "";
  }
  assert.equal(kinds[0], "messageStart");
  assert.deepEqual(kinds.slice(-3), ["contentBlockStop", "messageStop", "metadata"]);
  assert.ok(kinds.slice(1, -3).every((kind) => kind === "contentBlockDelta"));
  assert.ok(text);
});

test("an exception instead of an answer has its own class", async () => {
  await tellEmulator({ exception: { name: "ThrottlingException" }, times: 1 });

  const call = client.send(new ConverseCommand({ modelId: MODEL_ID, messages: HELLO }));

  await assert.rejects(call, (error) => {
    assert.ok(error instanceof ThrottlingException);
    assert.equal(error.$metadata.httpStatusCode, 429);
    return true;
  });
});

test("an exception inside a stream has its own class", async () => {
  await tellEmulator({
    streamException: { name: "throttlingException", afterEvents: 2 },
    times: 1,
  });

  const reply = await client.send(
    new ConverseStreamCommand({ modelId: MODEL_ID, messages: HELLO }),
  );

  await assert.rejects(
    async () => {
      for await (const _event of reply.stream) {
        // Read to the end.
      }
    },
    (error) => error.name === "ThrottlingException",
  );
});

test("a request Bedrock would refuse is refused", async () => {
  const call = client.send(new ConverseCommand({ modelId: MODEL_ID, messages: [] }));

  await assert.rejects(call, ValidationException);
});

test("a wrong secret key is refused as AWS refuses it", async () => {
  const stranger = clientWith({ ...CREDENTIALS, secretAccessKey: "wrong" });

  const call = stranger.send(new ConverseCommand({ modelId: MODEL_ID, messages: HELLO }));

  await assert.rejects(call, (error) => {
    assert.equal(error.$metadata.httpStatusCode, 403);
    assert.equal(error.name, "InvalidSignatureException");
    return true;
  });
  stranger.destroy();
});
