import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { before, test } from "node:test";
import { promisify } from "node:util";

/** From build/test, where this runs. */
const PACKAGE = new URL("../../", import.meta.url).pathname;
const FOLDER = `${PACKAGE}build/readme`;

/** What each block prints, in their order. */
const EXPECTED: [string, RegExp][] = [
  ["An answer", /^\[emulator\] /],
  ["Streaming", /^\[emulator\] [^]*\n \d+ tokens\n\[emulator\] /],
  ["Tools", /^get_weather \{ city: /],
  ["Errors and throttling", /inference_config\.max_tokens/],
  ["Deadlines and cancelling", /^true\n$/],
  ["TLS, metadata, tracing", /^$/],
  ["Models and health", /claude-opus-4-1 (true|false)\n[^]*inputTokens: \d/],
];

const BLOCKS = readFileSync(`${PACKAGE}README.md`, "utf8")
  .split(/^## /m)
  .flatMap((section) =>
    [...section.matchAll(/^```ts\n([^]*?)^```$/gm)].map(([, code]) => ({
      title: section.split("\n")[0] ?? "",
      code: (code ?? "").replaceAll("http://127.0.0.1:50051", process.env["GATEWAY_ADDRESS"] ?? ""),
    })),
  );

before(async () => {
  rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(FOLDER, { recursive: true });
  BLOCKS.forEach(({ code }, index) => {
    writeFileSync(`${FOLDER}/block-${String(index)}.ts`, code);
  });
  const config = {
    extends: `${PACKAGE}tsconfig.base.json`,
    compilerOptions: {
      composite: false,
      // A block may end with the client it shows.
      noUnusedLocals: false,
      rootDir: FOLDER,
      outDir: `${FOLDER}/js`,
      typeRoots: [`${PACKAGE}node_modules/@types`],
    },
    include: [`${FOLDER}/*.ts`],
  };
  writeFileSync(`${FOLDER}/tsconfig.json`, JSON.stringify(config));
  const tsc = `${PACKAGE}node_modules/typescript/bin/tsc`;
  await promisify(execFile)(process.execPath, [tsc, "--project", FOLDER]).catch((error: unknown) => {
    throw new Error((error as { stdout: string }).stdout, { cause: error });
  });
});

test("every block of the README is run", () => {
  assert.deepEqual(
    BLOCKS.map(({ title }) => title),
    EXPECTED.map(([title]) => title),
  );
});

EXPECTED.forEach(([title, expected], index) => {
  test(`the block "${title}" of the README works`, async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [`${FOLDER}/js/block-${String(index)}.js`]);

    assert.match(stdout, expected);
  });
});
