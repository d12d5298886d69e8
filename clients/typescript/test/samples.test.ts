import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import { after, test } from "node:test";
import { promisify } from "node:util";

import { resetEmulator } from "./emulator.js";

/** From build/test, where this runs. */
const SAMPLES = new URL("../samples/", import.meta.url).pathname;

/** What a reader expects to see. */
const EXPECTED: Record<string, RegExp[]> = {
  "basic.js": [/^\[emulator\] .*/, /answered by claude-opus-4-1, request [0-9a-f-]{36}/, /tokens in/, /cost: \d.* USD/],
  "stream.js": [/^\[emulator\] /, /\n\d+ characters from claude-opus-4-1/],
  "tools.js": [/get_weather\(\{.*\}\) = \{.*"celsius":-3\}/, /the model: \[emulator\]/],
  "images.js": [/^70 bytes were seen by claude-opus-4-1/],
  "errors.js": [
    /INVALID_ARGUMENT INVALID_REQUEST/,
    /correct inference_config\.max_tokens: /,
    /NOT_FOUND MODEL_NOT_FOUND.*\n {2}see docs\/errors\.md#model_not_found/,
    /RESOURCE_EXHAUSTED UPSTREAM_THROTTLED/,
    /call again in \d+ ms/,
    /tried claude-3-5-haiku: UPSTREAM_THROTTLED/,
  ],
  "fallback.js": [
    /attempt 1: claude-3-opus FAILED: UPSTREAM_THROTTLED/,
    /attempt 2: claude-sonnet-4-5 SUCCEEDED/,
    /answered by claude-sonnet-4-5: \[emulator\]/,
  ],
  "cancel.js": [
    /left the stream after its first piece/,
    /a signal: CANCELLED: the caller's signal ended the call/,
    /a deadline: (DEADLINE_EXCEEDED)|within a millisecond/,
  ],
};

after(resetEmulator);

test("every sample is run", () => {
  const found = readdirSync(SAMPLES).filter((name) => name.endsWith(".js"));

  assert.deepEqual(found.sort(), Object.keys(EXPECTED).sort());
});

for (const [sample, expected] of Object.entries(EXPECTED)) {
  test(`the sample ${sample} prints what a reader expects`, async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [`${SAMPLES}${sample}`]);

    for (const pattern of expected) {
      assert.match(stdout, pattern);
    }
  });
}

test("samples that break a model do without the emulator", async () => {
  const env = { ...process.env };
  delete env["EMULATOR_URL"];
  for (const sample of ["errors.js", "fallback.js"]) {
    const { stdout } = await promisify(execFile)(process.execPath, [`${SAMPLES}${sample}`], { env });

    assert.match(stdout, /EMULATOR_URL is not set/);
  }
});
