import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

/** A gateway with its emulator, on free ports. */
export interface Gateway {
  readonly address: string;
  readonly emulator: string;
  stop(): Promise<void>;
}

/** Starts the gateway that GATEWAY_BIN names. */
export async function startGateway(settings: Record<string, string> = {}): Promise<Gateway> {
  const binary = process.env["GATEWAY_BIN"];
  if (binary === undefined) {
    throw new Error("GATEWAY_BIN has to name the program bedrock-gateway");
  }
  const child = spawn(binary, ["serve", "--emulator", "--listen", "127.0.0.1:0"], {
    stdio: ["ignore", "pipe", "ignore"],
    env: { ...environment(), ...settings },
  });
  let address = "";
  let emulator = "";
  for await (const line of createInterface({ input: child.stdout })) {
    address = /gateway listening on (\S+)/.exec(line)?.[1] ?? address;
    emulator = /emulator listening on (\S+)/.exec(line)?.[1] ?? emulator;
    if (address !== "" && emulator !== "") {
      break;
    }
  }
  if (address === "" || emulator === "") {
    throw new Error("the gateway ended before it listened");
  }
  return {
    address: `http://${address}`,
    emulator,
    async stop() {
      const exited = once(child, "exit");
      child.kill("SIGKILL");
      await exited;
    },
  };
}

/** Without what would choose a region, credentials or settings. */
function environment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([key]) => !/^(AWS|BEDROCK)_/.test(key));
  return {
    ...Object.fromEntries(kept),
    AWS_EC2_METADATA_DISABLED: "true",
    AWS_CONFIG_FILE: "/dev/null",
    AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
    // The models of the registry grow old; these tests must not.
    BEDROCK_GATEWAY_REGISTRY_TRY_RETIRED_MODELS: "true",
  };
}
