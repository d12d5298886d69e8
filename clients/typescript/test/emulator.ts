import { setTimeout as sleep } from "node:timers/promises";

/** A call that the emulator got. */
export interface Entry {
  readonly outcome: string;
  readonly clientClosed: boolean;
}

const LIMIT_MS = 10_000;

async function ask(method: string, path: string, body?: unknown): Promise<Response> {
  const url = `${process.env["EMULATOR_URL"] ?? ""}/_emulator/${path}`;
  const response = await fetch(url, { method, ...(body !== undefined && { body: JSON.stringify(body) }) });
  if (!response.ok) {
    throw new Error(`${method} ${path}: ${await response.text()}`);
  }
  return response;
}

/** What a model does from now on. */
export async function setScenario(model: string, scenario: unknown): Promise<void> {
  await ask("PUT", `scenarios/${model}`, scenario);
}

/** Everything as at the start. */
export async function resetEmulator(): Promise<void> {
  await ask("DELETE", "scenarios");
  await ask("DELETE", "journal");
}

/** Waits for a call of this kind. */
export async function journal(wanted: (entry: Entry) => boolean): Promise<Entry> {
  const end = performance.now() + LIMIT_MS;
  while (performance.now() < end) {
    const json = (await (await ask("GET", "journal")).json()) as Entry[] | { entries: Entry[] };
    const found = (Array.isArray(json) ? json : json.entries).find(wanted);
    if (found !== undefined) {
      return found;
    }
    await sleep(20);
  }
  throw new Error("the emulator got no such call");
}
