import assert from "node:assert/strict";
import type { ServerHttp2Stream } from "node:http2";
import { test } from "node:test";

import { create, toBinary } from "@bufbuild/protobuf";
import { anyPack } from "@bufbuild/protobuf/wkt";

import { ErrorInfoSchema } from "#client/gen/google/rpc/error_details_pb";
import { StatusSchema } from "#client/gen/google/rpc/status_pb";
import {
  CancelledError,
  Code,
  connect,
  DeadlineExceededError,
  type GatewayClient,
  GatewayError,
  InvokeRequestSchema,
  InvokeResponseSchema,
  InvokeStreamResponseSchema,
  ListModelsResponseSchema,
  UnavailableError,
} from "@bedrock-gateway/client";

import { answer, FakeServer, type Handler, headers, message, request, status, trailers } from "./fake_server.js";

const HELLO = create(InvokeResponseSchema, { text: "hello" });
const EVENT = create(InvokeStreamResponseSchema, { event: { case: "heartbeat", value: {} } });
const UNAVAILABLE = 14;

/** The HTTP/2 code. */
const CANCEL = 0x8;

/** Waits for the end of a stream at the server. */
class Reset {
  #resolve: ((code: number) => void) | undefined;
  /** The code it was reset with. */
  readonly code = new Promise<number>((resolve) => (this.#resolve = resolve));

  watch(stream: ServerHttp2Stream): void {
    stream.on("close", () => this.#resolve?.(stream.rstCode));
  }
}

/** Runs a test against a server of its own. */
async function against(handler: Handler, body: (client: GatewayClient, server: FakeServer) => Promise<void>) {
  using server = await FakeServer.start(handler);
  using client = connect(server.address);
  await body(client, server);
}

async function failure(promise: Promise<unknown>): Promise<GatewayError> {
  const [result] = await Promise.allSettled([promise]);
  assert(result.status === "rejected", "the call did not fail");
  assert(result.reason instanceof GatewayError, String(result.reason));
  return result.reason;
}

test("a request carries prompt, deadline, metadata and user agent", async () => {
  let prompt = "";
  const handler: Handler = (stream) => {
    void request(stream, InvokeRequestSchema).then((received) => {
      prompt = received.prompt;
      answer(stream, InvokeResponseSchema, HELLO);
    });
  };
  using server = await FakeServer.start(handler);
  using client = connect(server.address, {
    metadata: () => Promise.resolve({ authorization: "Bearer t", a: "client" }),
    timeoutMs: { invoke: 7_000 },
  });

  const response = await client.invoke("Hi", { metadata: { a: "call" } });
  await client.invoke("Hi", { timeoutMs: 50_000 });

  assert.equal(response.text, "hello");
  assert.equal(prompt, "Hi");
  const [first, second] = server.attempts;
  assert(first !== undefined && second !== undefined);
  assert.equal(first[":path"], "/bedrock.gateway.v1.InferenceService/Invoke");
  assert.equal(first["user-agent"], "bedrock-gateway-client-typescript/0.1.0");
  assert.equal(first["authorization"], "Bearer t");
  assert.equal(first["a"], "call");
  assert.equal(second["a"], "client");
  assert.equal(first["grpc-previous-rpc-attempts"], undefined);
  const deadlines = [first, second].map((attempt) => Number(/^(\d+)m$/.exec(String(attempt["grpc-timeout"]))?.[1]));
  assert(deadlines[0] !== undefined && deadlines[0] > 5_000 && deadlines[0] <= 7_000);
  assert(deadlines[1] !== undefined && deadlines[1] > 40_000 && deadlines[1] <= 50_000);
});

test("a call that was refused before its answer began is made again", async () => {
  const handler: Handler = (stream, _, number) => {
    if (number < 3) {
      status(stream, UNAVAILABLE, { "grpc-retry-pushback-ms": "1" });
    } else {
      answer(stream, InvokeResponseSchema, HELLO);
    }
  };
  await against(handler, async (client, server) => {
    const response = await client.invoke("Hi");

    assert.equal(response.text, "hello");
    assert.deepEqual(
      server.attempts.map((attempt) => attempt["grpc-previous-rpc-attempts"]),
      [undefined, "1", "2"],
    );
  });
});

test("a stream that was refused before it began is made again", async () => {
  const handler: Handler = (stream, _, number) => {
    if (number === 1) {
      status(stream, UNAVAILABLE);
    } else {
      headers(stream);
      message(stream, InvokeStreamResponseSchema, EVENT);
      trailers(stream, 0);
    }
  };
  await against(handler, async (client, server) => {
    const events = [];
    for await (const event of client.stream("Hi")) {
      events.push(event.event.case);
    }

    assert.deepEqual(events, ["heartbeat"]);
    assert.equal(server.attempts.length, 2);
  });
});

for (const [what, extra] of [
  ["with the pushback -1", { "grpc-retry-pushback-ms": "-1" }],
  ["with a pushback beyond the deadline", { "grpc-retry-pushback-ms": "900000" }],
] as const) {
  test(`a call that was refused ${what} is not made again`, async () => {
    await against(
      (stream) => {
        status(stream, UNAVAILABLE, extra);
      },
      async (client, server) => {
        const error = await failure(client.invoke("Hi"));

        assert(error instanceof UnavailableError);
        assert.equal(server.attempts.length, 1);
      },
    );
  });
}

test("attempts end where the service config says", async () => {
  await against(
    (stream) => {
      status(stream, UNAVAILABLE, { "grpc-retry-pushback-ms": "1" });
    },
    async (client, server) => {
      await failure(client.invoke("Hi"));
      assert.equal(server.attempts.length, 3);

      await failure(client.listModelsPage());
      assert.equal(server.attempts.length, 5, "of four attempts the limit of the client allows two");
    },
  );
});

for (const code of [Code.ResourceExhausted, Code.DeadlineExceeded, Code.Aborted, Code.Internal]) {
  test(`${Code[code]} is not made again`, async () => {
    await against(
      (stream) => {
        status(stream, code, { "grpc-retry-pushback-ms": "1" });
      },
      async (client, server) => {
        const error = await failure(client.invoke("Hi"));

        assert.equal(error.code, code);
        assert.equal(server.attempts.length, 1);
      },
    );
  });
}

test("a call whose answer began is not made again", async () => {
  await against(
    (stream) => {
      headers(stream, { "x-request-id": "r-1" });
      trailers(stream, UNAVAILABLE, { "grpc-message": "too late" });
    },
    async (client, server) => {
      const error = await failure(client.invoke("Hi"));

      assert(error instanceof UnavailableError);
      assert.equal(error.statusMessage, "too late");
      assert.equal(error.requestId, "r-1");
      assert.equal(error.headers.get("x-request-id"), "r-1");
      assert.equal(error.trailers.get("grpc-status"), "14");
      assert.equal(error.trailers.has("x-request-id"), false);
      assert.equal(server.attempts.length, 1);
    },
  );
});

test("a connection that is lost before an answer is made anew, and the call too", async () => {
  const handler: Handler = (stream, _, number) => {
    if (number === 1) {
      stream.session?.destroy();
    } else {
      answer(stream, InvokeResponseSchema, HELLO);
    }
  };
  await against(handler, async (client, server) => {
    const response = await client.invoke("Hi");

    assert.equal(response.text, "hello");
    assert.equal(server.attempts.length, 2);
  });
});

test("a connection that is lost within a stream is UNAVAILABLE, and never an end", async () => {
  await against(
    (stream) => {
      headers(stream);
      message(stream, InvokeStreamResponseSchema, EVENT);
      setImmediate(() => stream.session?.destroy());
    },
    async (client, server) => {
      const events: unknown[] = [];
      const read = async () => {
        for await (const event of client.stream("Hi")) {
          events.push(event);
        }
      };

      const error = await failure(read());

      assert(error instanceof UnavailableError);
      assert.equal(error.reason, "");
      assert.match(error.message, /the connection to http:\/\/127\.0\.0\.1:\d+ was lost/);
      assert.equal(server.attempts.length, 1);
    },
  );
});

test("a stream that ends without a status is never an end", async () => {
  await against(
    (stream) => {
      stream.respond({ ":status": 200, "content-type": "application/grpc" });
      message(stream, InvokeStreamResponseSchema, EVENT);
      stream.end();
    },
    async (client) => {
      const error = await failure(client.stream("Hi").collect());

      assert.equal(error.code, Code.Internal);
    },
  );
});

test("a stream that ends with OK but without its last event gives no answer", async () => {
  await against(
    (stream) => {
      headers(stream);
      message(stream, InvokeStreamResponseSchema, EVENT);
      trailers(stream, 0);
    },
    async (client) => {
      const error = await failure(client.stream("Hi").collect());

      assert.equal(error.code, Code.DataLoss);
    },
  );
});

test("an answer that breaks off within a message is INTERNAL", async () => {
  await against(
    (stream) => {
      headers(stream);
      stream.write(Buffer.from([0, 0, 0, 0, 9, 1]));
      trailers(stream, 0);
    },
    async (client) => {
      const error = await failure(client.invoke("Hi"));

      assert.equal(error.code, Code.Internal);
    },
  );
});

for (const [reset, code] of [
  [0x7, Code.Unavailable],
  [0x8, Code.Canceled],
  [0x2, Code.Internal],
  [0xb, Code.ResourceExhausted],
] as const) {
  test(`a reset with the HTTP/2 code ${String(reset)} is ${Code[code]}`, async () => {
    await against(
      (stream) => {
        headers(stream);
        setImmediate(() => {
          stream.close(reset);
        });
      },
      async (client) => {
        const error = await failure(client.invoke("Hi"));

        assert.equal(error.code, code);
      },
    );
  });
}

test("an HTTP status is told where there is no other", async () => {
  await against(
    (stream) => {
      stream.respond({ ":status": 404, "content-type": "text/html" });
      stream.end("<html>");
    },
    async (client) => {
      const error = await failure(client.invoke("Hi"));

      assert.equal(error.code, Code.Unimplemented);
      assert.match(error.message, /HTTP 404/);
    },
  );
});

test("details of the status are decoded from trailers", async () => {
  const details = toBinary(
    StatusSchema,
    create(StatusSchema, {
      code: 5,
      message: "no such model",
      details: [anyPack(ErrorInfoSchema, create(ErrorInfoSchema, { reason: "MODEL_NOT_FOUND" }))],
    }),
  );
  await against(
    (stream) => {
      status(stream, 5, { "grpc-status-details-bin": Buffer.from(details).toString("base64").replace(/=+$/, "") });
    },
    async (client) => {
      const error = await failure(client.getModel("m"));

      assert.equal(error.code, Code.NotFound);
      assert.equal(error.reason, "MODEL_NOT_FOUND");
      assert.equal(error.statusMessage, "no such model");
    },
  );
});

test("a gateway that does not answer ends with the deadline, upstream too", async () => {
  const reset = new Reset();
  await against(
    (stream) => {
      reset.watch(stream);
    },
    async (client) => {
      const error = await failure(client.invoke("Hi", { timeoutMs: 1_000 }));

      assert(error instanceof DeadlineExceededError);
      assert.equal(error.message, "DEADLINE_EXCEEDED: the deadline of 1000 ms passed");
      assert.equal(await reset.code, CANCEL);
    },
  );
});

test("a signal ends the wait for the next attempt", async () => {
  const controller = new AbortController();
  await against(
    (stream) => {
      status(stream, UNAVAILABLE, { "grpc-retry-pushback-ms": "50000" });
      setTimeout(() => {
        controller.abort();
      }, 20);
    },
    async (client, server) => {
      const error = await failure(client.invoke("Hi", { signal: controller.signal }));

      assert(error instanceof CancelledError);
      assert.equal(server.attempts.length, 1);
    },
  );
});

test("a signal ends the call, upstream too", async () => {
  const controller = new AbortController();
  const reset = new Reset();
  await against(
    (stream) => {
      reset.watch(stream);
      controller.abort(new Error("enough"));
    },
    async (client, server) => {
      const error = await failure(client.invoke("Hi", { signal: controller.signal }));

      assert(error instanceof CancelledError);
      assert.equal((error.cause as Error).message, "enough");
      assert.equal(await reset.code, CANCEL);
      assert.equal(server.attempts.length, 1);
    },
  );
});

test("a signal that is aborted already keeps the call from being made", async () => {
  await against(
    (stream) => {
      answer(stream, InvokeResponseSchema, HELLO);
    },
    async (client, server) => {
      const cancelled = await failure(client.invoke("Hi", { signal: AbortSignal.abort() }));

      assert(cancelled instanceof CancelledError);
      assert.equal(server.attempts.length, 0);
    },
  );
});

test("a signal whose time passed is a deadline", async () => {
  await against(
    () => undefined,
    async (client) => {
      const error = await failure(client.invoke("Hi", { signal: AbortSignal.timeout(50) }));

      assert(error instanceof DeadlineExceededError);
    },
  );
});

test("leaving a stream resets it", async () => {
  const reset = new Reset();
  await against(
    (stream) => {
      reset.watch(stream);
      headers(stream);
      message(stream, InvokeStreamResponseSchema, EVENT);
    },
    async (client) => {
      const stream = client.stream("Hi");

      for await (const event of stream) {
        assert.equal(event.event.case, "heartbeat");
        break;
      }

      assert.equal(await reset.code, CANCEL);
      assert.throws(() => stream[Symbol.asyncIterator](), /already asked for/);
    },
  );
});

test("a stream that is cancelled before it began is never made", async () => {
  await against(
    (stream) => {
      trailers(stream, 0);
    },
    async (client, server) => {
      const stream = client.stream("Hi");
      stream.cancel();

      await assert.rejects(stream.collect(), /already asked for/);
      assert.equal(server.attempts.length, 0);
    },
  );
});

test("closing the client ends calls under way and refuses later ones", async () => {
  let arrived: (() => void) | undefined;
  const under = new Promise<void>((resolve) => (arrived = resolve));
  await against(
    () => arrived?.(),
    async (client) => {
      const running = failure(client.invoke("Hi"));
      await under;
      client.close();

      assert((await running) instanceof CancelledError);
      assert.match((await failure(client.invoke("Hi"))).message, /the client is closed/);
    },
  );
});

test("pages of models are asked for as they are needed", async () => {
  const handler: Handler = (stream, _, number) => {
    const models = [{ name: `m${String(number)}a` }, { name: `m${String(number)}b` }];
    const nextPageToken = number < 3 ? `page ${String(number + 1)}` : "";
    answer(stream, ListModelsResponseSchema, create(ListModelsResponseSchema, { models, nextPageToken }));
  };
  await against(handler, async (client, server) => {
    const names: string[] = [];
    for await (const model of client.listModels({ pageSize: 2 })) {
      names.push(`${model.name} of ${String(server.attempts.length)}`);
    }

    assert.deepEqual(names, ["m1a of 1", "m1b of 1", "m2a of 2", "m2b of 2", "m3a of 3", "m3b of 3"]);
  });
});

test("an address where nobody listens is UNAVAILABLE, and says which", async () => {
  using server = await FakeServer.start(() => undefined);
  const { address } = server;
  server[Symbol.dispose]();
  using client = connect(address);

  const error = await failure(client.health());

  assert(error instanceof UnavailableError);
  assert.equal(error.isRetryable, true);
  assert.match(error.message, new RegExp(`^UNAVAILABLE: ${address} cannot be reached: .*ECONNREFUSED`));
});

test("a name whose first address does not answer is reached at another", async () => {
  using server = await FakeServer.start((stream) => {
    answer(stream, InvokeResponseSchema, HELLO);
  });
  using client = connect(`http://localhost:${String(server.port)}`);

  assert.equal((await client.invoke("Hi")).text, "hello");
});

for (const timeoutMs of [0, -1, NaN, Infinity, 100_000_000]) {
  test(`the deadline ${String(timeoutMs)} is refused`, async () => {
    assert.throws(() => connect("http://localhost:1", { timeoutMs: { invoke: timeoutMs } }), /at most 99999999/);
    using client = connect("http://localhost:1");
    await assert.rejects(client.invoke("Hi", { timeoutMs }), RangeError);
  });
}

test("a failure of the metadata function is the caller's own", async () => {
  using client = connect("http://localhost:1", { metadata: () => Promise.reject(new Error("no token")) });

  await assert.rejects(client.invoke("Hi"), /^Error: no token$/);
});
