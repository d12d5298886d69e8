/** A picture and a question about it. Run: node build/samples/images.js [FILE] */
import { readFile } from "node:fs/promises";

import { Capability, connect, Role } from "@bedrock-gateway/client";

/** A PNG of one red pixel, for those who name no file. */
const PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGP4z8DwHwAFAAH/iZk9HQAAAABJRU5ErkJggg==";

const file = process.argv[2];
const data = file === undefined ? Buffer.from(PIXEL, "base64") : await readFile(file);

await using client = connect(process.env["GATEWAY_ADDRESS"] ?? "http://127.0.0.1:50051");

const response = await client.invoke({
  messages: [
    {
      role: Role.USER,
      content: [
        // The gateway sees by the bytes that it is a PNG.
        { block: { case: "image", value: { source: { case: "data", value: data } } } },
        { block: { case: "text", value: "What do you see?" } },
      ],
    },
  ],
  routingConfig: { requiredCapabilities: [Capability.IMAGE_INPUT] },
});

console.log(`${String(data.length)} bytes were seen by ${response.metadata?.model ?? "nobody"}`);
console.log(response.text);
