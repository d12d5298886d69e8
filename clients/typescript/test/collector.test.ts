import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

import { create, fromJson, type JsonObject, type JsonValue, type MessageInitShape, toJson } from "@bufbuild/protobuf";

import {
  Collector,
  GatewayError,
  InvokeResponseSchema,
  InvokeStreamResponseSchema,
  Role,
  StopReason,
  ToolResultStatus,
  ToolUseType,
} from "@bedrock-gateway/client";

type EventInit = NonNullable<MessageInitShape<typeof InvokeStreamResponseSchema>["event"]>;
type StartInit = Extract<EventInit, { case: "contentBlockStart" }>["value"]["start"];
type DeltaInit = Extract<EventInit, { case: "contentBlockDelta" }>["value"]["delta"];

const OPENED: EventInit = { case: "messageStart", value: { role: Role.ASSISTANT, model: "m" } };
const STOPPED: EventInit = {
  case: "messageStop",
  value: { stopReason: StopReason.END_TURN, rawStopReason: "end_turn" },
};
const LAST: EventInit = { case: "metadata", value: { model: "m", requestId: "r" } };

function start(contentBlockIndex: number, start: StartInit): EventInit {
  return { case: "contentBlockStart", value: { contentBlockIndex, ...(start && { start }) } };
}

function delta(contentBlockIndex: number, delta: DeltaInit): EventInit {
  return { case: "contentBlockDelta", value: { contentBlockIndex, ...(delta && { delta }) } };
}

function collect(events: EventInit[]): Collector {
  const collector = new Collector();
  for (const event of events) {
    collector.add(create(InvokeStreamResponseSchema, { event }));
  }
  return collector;
}

/** Text and content of the answer, as JSON. */
function answer(...blocks: EventInit[]): JsonValue {
  const response = collect([OPENED, ...blocks, STOPPED, LAST]).response();
  const { text, message } = toJson(InvokeResponseSchema, response) as JsonObject;
  return { text: text ?? "", content: (message as JsonObject)["content"] ?? [] };
}

test("texts are joined, blocks are ordered by their index", () => {
  const joined = answer(
    start(1, { case: "text", value: {} }),
    start(0, { case: "text", value: {} }),
    delta(1, { case: "text", value: "c" }),
    delta(0, { case: "text", value: "a" }),
    delta(0, { case: "text", value: "b" }),
  );

  assert.deepEqual(joined, { text: "abc", content: [{ text: "ab" }, { text: "c" }] });
});

test("a citation makes text cited content", () => {
  const joined = answer(
    start(0, { case: "text", value: {} }),
    delta(0, { case: "text", value: "Ada " }),
    delta(0, { case: "citation", value: { title: "one" } }),
    delta(0, { case: "text", value: "wrote it." }),
    delta(0, { case: "citation", value: { title: "two" } }),
  );

  assert.deepEqual(joined, {
    text: "Ada wrote it.",
    content: [
      { citedContent: { content: [{ text: "Ada wrote it." }], citations: [{ title: "one" }, { title: "two" }] } },
    ],
  });
});

test("fragments of a tool's input are joined as they are", () => {
  const joined = answer(
    start(0, { case: "toolUse", value: { toolUseId: "t", name: "n", type: ToolUseType.SERVER_TOOL_USE } }),
    delta(0, { case: "toolUse", value: { inputJson: '{"a":1234567890123' } }),
    delta(0, { case: "toolUse", value: { inputJson: "4567890}" } }),
  );

  assert.deepEqual(joined, {
    text: "",
    content: [
      {
        toolUse: {
          toolUseId: "t",
          name: "n",
          inputJson: '{"a":12345678901234567890}',
          type: "TOOL_USE_TYPE_SERVER_TOOL_USE",
        },
      },
    ],
  });
});

test("texts of a tool's output in a row are one, JSON stands alone", () => {
  const joined = answer(
    start(0, { case: "toolResult", value: { toolUseId: "t", type: "k", status: ToolResultStatus.ERROR } }),
    delta(0, { case: "toolResult", value: { items: [{ item: { case: "text", value: "a" } }] } }),
    delta(0, {
      case: "toolResult",
      value: { items: [{ item: { case: "text", value: "b" } }, { item: { case: "json", value: "1" } }] },
    }),
    delta(0, { case: "toolResult", value: { items: [{ item: { case: "text", value: "c" } }] } }),
  );

  assert.deepEqual(joined, {
    text: "",
    content: [
      {
        toolResult: {
          toolUseId: "t",
          type: "k",
          status: "TOOL_RESULT_STATUS_ERROR",
          content: [{ text: "ab" }, { json: "1" }, { text: "c" }],
        },
      },
    ],
  });
});

test("reasoning keeps its last signature, encrypted reasoning its bytes", () => {
  const think = (index: number, inner: NonNullable<Extract<DeltaInit, { case: "reasoning" }>["value"]["delta"]>) =>
    delta(index, { case: "reasoning", value: { delta: inner } });

  const joined = answer(
    start(0, { case: "reasoning", value: { model: "m" } }),
    think(0, { case: "text", value: "hm" }),
    think(0, { case: "signature", value: "old" }),
    think(0, { case: "text", value: "m" }),
    think(0, { case: "signature", value: "new" }),
    start(1, { case: "reasoning", value: { model: "m" } }),
    think(1, { case: "redactedContent", value: new Uint8Array([1]) }),
    think(1, { case: "redactedContent", value: new Uint8Array([2, 3]) }),
  );

  assert.deepEqual(joined, {
    text: "",
    content: [
      { reasoning: { model: "m", reasoningText: { text: "hmm", signature: "new" } } },
      { reasoning: { model: "m", redactedContent: "AQID" } },
    ],
  });
});

test("bytes of an image are joined; a place in S3 and an error are kept", () => {
  const joined = answer(
    start(0, { case: "image", value: { mimeType: "image/png" } }),
    delta(0, { case: "image", value: { source: { case: "data", value: new Uint8Array([1]) } } }),
    delta(0, { case: "image", value: { source: { case: "data", value: new Uint8Array([2, 3]) } } }),
    start(1, { case: "image", value: { mimeType: "image/png" } }),
    delta(1, { case: "image", value: { source: { case: "s3Location", value: { uri: "s3://b/k" } } } }),
    start(2, { case: "image", value: { mimeType: "image/png" } }),
    delta(2, { case: "image", value: { error: { message: "no" } } }),
  );

  assert.deepEqual(joined, {
    text: "",
    content: [
      { image: { mimeType: "image/png", data: "AQID" } },
      { image: { mimeType: "image/png", s3Location: { uri: "s3://b/k" } } },
      { image: { mimeType: "image/png", error: { message: "no" } } },
    ],
  });
});

test("whole blocks are kept, and their text counts", () => {
  const joined = answer(
    start(0, {
      case: "whole",
      value: {
        block: {
          case: "citedContent",
          value: {
            content: [{ content: { case: "text", value: "a" } }, { content: { case: "text", value: "b" } }],
            citations: [],
          },
        },
      },
    }),
    delta(0, { case: "text", value: "not of this block" }),
  );

  assert.deepEqual(joined, { text: "ab", content: [{ citedContent: { content: [{ text: "a" }, { text: "b" }] } }] });
});

test("a restart forgets what came before", () => {
  const joined = answer(
    start(0, { case: "text", value: {} }),
    delta(0, { case: "text", value: "lost" }),
    start(1, { case: "text", value: {} }),
    { case: "attempt", value: { outputDiscarded: true } },
    OPENED,
    start(0, { case: "text", value: {} }),
    delta(0, { case: "text", value: "kept" }),
  );

  assert.deepEqual(joined, { text: "kept", content: [{ text: "kept" }] });
});

test("heartbeats, attempts and what is not known change nothing", () => {
  const joined = answer(
    { case: "heartbeat", value: {} },
    { case: "attempt", value: {} },
    { case: undefined },
    delta(7, { case: "text", value: "of no block" }),
    start(0, { case: "text", value: {} }),
    delta(0, { case: "image", value: {} }),
    { case: "contentBlockStop", value: { contentBlockIndex: 0 } },
  );

  assert.deepEqual(joined, { text: "", content: [{ text: "" }] });
});

test("stop reason, fields of the model and metadata are those of the events", () => {
  const additionalModelResponseFields = { "/stop_sequence": "x" };

  const response = collect([
    OPENED,
    {
      case: "messageStop",
      value: { stopReason: StopReason.STOP_SEQUENCE, rawStopReason: "stop", additionalModelResponseFields },
    },
    LAST,
  ]).response();

  assert.deepEqual(toJson(InvokeResponseSchema, response), {
    message: { role: "ROLE_ASSISTANT" },
    stopReason: "STOP_REASON_STOP_SEQUENCE",
    rawStopReason: "stop",
    additionalModelResponseFields,
    metadata: { model: "m", requestId: "r" },
  });
});

test("part of an answer is never given as the whole", () => {
  const collector = collect([OPENED, start(0, { case: "text", value: {} }), delta(0, { case: "text", value: "a" })]);

  assert.equal(collector.text, "a");
  assert.equal(collector.isComplete, false);
  assert.throws(() => collector.response(), GatewayError);
  collector.add(create(InvokeStreamResponseSchema, { event: STOPPED }));
  assert.throws(() => collector.response(), /its last event did not come/);
  collector.add(create(InvokeStreamResponseSchema, { event: LAST }));
  assert.equal(collector.response().text, "a");
});

/** From build/test, where this runs. */
const STREAMS = new URL("../../../../tests/golden/streams/", import.meta.url);

for (const file of readdirSync(STREAMS).filter((name) => name.endsWith(".events.json"))) {
  test(`the events of ${file} are joined without loss of text`, () => {
    const events = (JSON.parse(readFileSync(new URL(file, STREAMS), "utf8")) as JsonObject[]).filter(
      (event) => !Object.values(event).includes("…"),
    );
    const messages = events.map((event) => fromJson(InvokeStreamResponseSchema, withoutHidden(event)));
    const text = messages
      .map(({ event }) =>
        event.case === "contentBlockDelta" && event.value.delta.case === "text" ? event.value.delta.value : "",
      )
      .join("");

    const collector = new Collector();
    for (const message of messages) {
      collector.add(message);
    }

    assert.equal(collector.text, text);
  });
}

/** The golden files hide what differs each time. */
function withoutHidden(value: JsonValue): JsonValue {
  if (Array.isArray(value)) {
    return value.map(withoutHidden);
  }
  if (value === null || typeof value !== "object") {
    return value;
  }
  const kept = Object.entries(value).filter(([, member]) => member !== "…");
  return Object.fromEntries(kept.map(([key, member]) => [key, withoutHidden(member)]));
}
