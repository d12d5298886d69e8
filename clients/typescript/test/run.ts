/**
 * Runs the tests against one gateway: that of GATEWAY_ADDRESS and EMULATOR_URL, or one that GATEWAY_BIN starts.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";

import { startGateway } from "./gateway.js";

const folder = new URL("./", import.meta.url).pathname;
const wanted = process.argv.slice(2);
const files = readdirSync(folder)
  .filter((name) => name.endsWith(".test.js") && (wanted.length === 0 || wanted.some((part) => name.includes(part))))
  .map((name) => folder + name);

const { GATEWAY_ADDRESS, EMULATOR_URL } = process.env;
const isGiven = GATEWAY_ADDRESS !== undefined && EMULATOR_URL !== undefined;
const gateway = isGiven ? undefined : await startGateway();
try {
  // One file at a time: they set scenarios at the one emulator.
  const child = spawn(
    process.execPath,
    ["--test", "--test-concurrency=1", "--test-timeout=600000", "--test-reporter=spec", ...files],
    {
      stdio: "inherit",
      env: { ...process.env, ...(gateway && { GATEWAY_ADDRESS: gateway.address, EMULATOR_URL: gateway.emulator }) },
    },
  );
  const [code] = (await once(child, "exit")) as [number | null];
  process.exitCode = code ?? 1;
} finally {
  await gateway?.stop();
}
