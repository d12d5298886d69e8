import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { Code } from "@connectrpc/connect";

import { gatewayError } from "./errors.js";
import {
  type Citation,
  type ContentBlock,
  ContentBlockSchema,
  MessageSchema,
  Role,
} from "./gen/bedrock/gateway/v1/content_pb.js";
import { type InvokeResponse, InvokeResponseSchema } from "./gen/bedrock/gateway/v1/inference_service_pb.js";
import type { InvocationMetadata } from "./gen/bedrock/gateway/v1/results_pb.js";
import type {
  ContentBlockDeltaEvent,
  ContentBlockStartEvent,
  ImageBlockDelta,
  InvokeStreamResponse,
  MessageStopEvent,
  ReasoningBlockDelta,
  ToolResultDeltaItem,
} from "./gen/bedrock/gateway/v1/stream_pb.js";

type BlockInit = NonNullable<MessageInitShape<typeof ContentBlockSchema>["block"]>;
type Start<Case> = Extract<ContentBlockStartEvent["start"], { case: Case }>["value"];
type Delta = ContentBlockDeltaEvent["delta"];

/** A block that grows. A delta of another kind is left out. */
interface GrowingBlock {
  add(delta: Delta): void;
  block(): BlockInit;
}

/**
 * Joins the events of a stream into the answer that `invoke` gives for the same request.
 *
 * Give it every event, in order; after a restart (`outputDiscarded`) it forgets what came before by itself. It is never
 * the judge of whether the stream succeeded: that is the stream, which throws.
 */
export class Collector {
  #role = Role.UNSPECIFIED;
  #blocks = new Map<number, GrowingBlock>();
  #stop: MessageStopEvent | undefined;
  #metadata: InvocationMetadata | undefined;

  /** Takes the next event. Events that this version does not know are left out. */
  add({ event }: InvokeStreamResponse): void {
    switch (event.case) {
      case "attempt":
        if (event.value.outputDiscarded) {
          this.#role = Role.UNSPECIFIED;
          this.#blocks = new Map();
          this.#stop = undefined;
        }
        break;
      case "messageStart":
        this.#role = event.value.role;
        break;
      case "contentBlockStart":
        this.#blocks.set(event.value.contentBlockIndex, open(event.value.start));
        break;
      case "contentBlockDelta":
        this.#blocks.get(event.value.contentBlockIndex)?.add(event.value.delta);
        break;
      case "messageStop":
        this.#stop = event.value;
        break;
      case "metadata":
        this.#metadata = event.value;
        break;
      case "contentBlockStop":
      case "heartbeat":
      case undefined:
        break;
    }
  }

  /** Whether the last event came, so that `response` has the whole answer. */
  get isComplete(): boolean {
    return this.#stop !== undefined && this.#metadata !== undefined;
  }

  /** The text so far. It is part of an answer until `isComplete`. */
  get text(): string {
    return textOf(this.#content());
  }

  /**
   * The whole answer.
   *
   * @throws GatewayError with DATA_LOSS as long as the last event has not come.
   */
  response(): InvokeResponse {
    if (this.#stop === undefined || this.#metadata === undefined) {
      throw gatewayError({ code: Code.DataLoss, message: "the answer is not complete: its last event did not come" });
    }
    const content = this.#content();
    return create(InvokeResponseSchema, {
      text: textOf(content),
      message: create(MessageSchema, { role: this.#role, content }),
      stopReason: this.#stop.stopReason,
      rawStopReason: this.#stop.rawStopReason,
      ...(this.#stop.additionalModelResponseFields && {
        additionalModelResponseFields: this.#stop.additionalModelResponseFields,
      }),
      metadata: this.#metadata,
    });
  }

  #content(): ContentBlock[] {
    const inOrder = [...this.#blocks].sort(([left], [right]) => left - right);
    return inOrder.map(([, growing]) => create(ContentBlockSchema, { block: growing.block() }));
  }
}

function textOf(content: readonly ContentBlock[]): string {
  return content
    .flatMap(({ block }) => {
      switch (block.case) {
        case "text":
          return [block.value];
        case "citedContent":
          return block.value.content.map(({ content: cited }) => cited.value ?? "");
        default:
          return [];
      }
    })
    .join("");
}

function open(start: ContentBlockStartEvent["start"]): GrowingBlock {
  switch (start.case) {
    case "text":
      return growingText();
    case "toolUse":
      return growingToolUse(start.value);
    case "toolResult":
      return growingToolResult(start.value);
    case "reasoning":
      return growingReasoning(start.value);
    case "image":
      return growingImage(start.value);
    case "whole":
      return finished(start.value.block);
    case undefined:
      return finished({ case: undefined });
  }
}

function finished(block: BlockInit): GrowingBlock {
  return { add: () => undefined, block: () => block };
}

/** Text; with the first citation it becomes cited content. */
function growingText(): GrowingBlock {
  let text = "";
  const citations: Citation[] = [];
  return {
    add(delta) {
      if (delta.case === "text") {
        text += delta.value;
      } else if (delta.case === "citation") {
        citations.push(delta.value);
      }
    },
    block: () =>
      citations.length === 0
        ? { case: "text", value: text }
        : {
            case: "citedContent",
            value: { content: [{ content: { case: "text", value: text } }], citations: [...citations] },
          },
  };
}

function growingToolUse({ toolUseId, name, type }: Start<"toolUse">): GrowingBlock {
  let inputJson = "";
  return {
    add(delta) {
      if (delta.case === "toolUse") {
        inputJson += delta.value.inputJson;
      }
    },
    block: () => ({ case: "toolUse", value: { toolUseId, name, type, inputJson } }),
  };
}

/** Texts in a row are one. */
function growingToolResult({ toolUseId, type, status }: Start<"toolResult">): GrowingBlock {
  const pieces: Exclude<ToolResultDeltaItem["item"], { case: undefined }>[] = [];
  return {
    add(delta) {
      for (const { item } of delta.case === "toolResult" ? delta.value.items : []) {
        const last = pieces.at(-1);
        if (item.case === "text" && last?.case === "text") {
          last.value += item.value;
        } else if (item.case !== undefined) {
          pieces.push({ ...item });
        }
      }
    },
    block: () => ({
      case: "toolResult",
      value: { toolUseId, type, status, content: pieces.map((piece) => ({ block: { ...piece } })) },
    }),
  };
}

/** Readable or encrypted; what comes first decides, except that encrypted reasoning replaces readable. */
function growingReasoning({ model }: Start<"reasoning">): GrowingBlock {
  let readable: { text: string; signature: string } | undefined;
  let redacted: Uint8Array[] | undefined;
  const think = (delta: ReasoningBlockDelta["delta"]): void => {
    if (delta.case === "redactedContent") {
      readable = undefined;
      (redacted ??= []).push(delta.value);
    } else if (delta.case !== undefined && redacted === undefined) {
      readable ??= { text: "", signature: "" };
      if (delta.case === "text") {
        readable.text += delta.value;
      } else {
        readable.signature = delta.value;
      }
    }
  };
  return {
    add(delta) {
      if (delta.case === "reasoning") {
        think(delta.value.delta);
      }
    },
    block: () => ({
      case: "reasoning",
      value: {
        model,
        ...(readable !== undefined && { content: { case: "reasoningText", value: { ...readable } } }),
        ...(redacted !== undefined && { content: { case: "redactedContent", value: joined(redacted) } }),
      },
    }),
  };
}

function growingImage({ mimeType }: Start<"image">): GrowingBlock {
  let data: Uint8Array[] | undefined;
  let s3Location: Extract<ImageBlockDelta["source"], { case: "s3Location" }>["value"] | undefined;
  let error: ImageBlockDelta["error"];
  return {
    add(delta) {
      if (delta.case !== "image") {
        return;
      }
      const { source } = delta.value;
      if (source.case === "data") {
        (data ??= []).push(source.value);
        s3Location = undefined;
      } else if (source.case === "s3Location") {
        data = undefined;
        s3Location = source.value;
      }
      error = delta.value.error ?? error;
    },
    block: () => ({
      case: "image",
      value: {
        mimeType,
        ...(data !== undefined && { source: { case: "data", value: joined(data) } }),
        ...(s3Location !== undefined && { source: { case: "s3Location", value: s3Location } }),
        ...(error !== undefined && { error }),
      },
    }),
  };
}

function joined(pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0));
  let offset = 0;
  for (const piece of pieces) {
    whole.set(piece, offset);
    offset += piece.length;
  }
  return whole;
}
