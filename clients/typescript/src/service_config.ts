import { readFileSync } from "node:fs";

import { Code } from "@connectrpc/connect";

/** When and how often a method is tried again; see gRFC A6. */
export interface RetryPolicy {
  readonly maxAttempts: number;
  readonly initialBackoffMs: number;
  readonly maxBackoffMs: number;
  readonly backoffMultiplier: number;
  readonly retryableCodes: ReadonlySet<Code>;
}

/** What the service config says of one method. */
export interface MethodConfig {
  readonly timeoutMs: number;
  readonly retryPolicy: RetryPolicy | undefined;
}

/** The limit on retries of a whole client; see gRFC A6. */
export interface ThrottlingConfig {
  readonly maxTokens: number;
  readonly tokenRatio: number;
}

/** The service config that comes with the package, read. */
export interface ServiceConfig {
  readonly throttling: ThrottlingConfig | undefined;
  /** The service whose health says whether a backend takes calls. */
  readonly healthService: string | undefined;
  /** What holds for a method; `undefined` if nothing is said. */
  method(service: string, method: string): MethodConfig | undefined;
}

/** The file's form, as far as it is used: https://github.com/grpc/grpc/blob/master/doc/service_config.md. */
interface Json {
  healthCheckConfig?: { serviceName: string };
  retryThrottling?: ThrottlingConfig;
  methodConfig: {
    name: { service: string; method?: string }[];
    timeout: string;
    retryPolicy?: {
      maxAttempts: number;
      initialBackoff: string;
      maxBackoff: string;
      backoffMultiplier: number;
      retryableStatusCodes: string[];
    };
  }[];
}

/** gRPC allows no more, whatever a service config says. */
const MOST_ATTEMPTS = 5;

/** Reads the file that comes with the package. */
export function loadServiceConfig(): ServiceConfig {
  return parseServiceConfig(readFileSync(new URL("../service_config.json", import.meta.url), "utf8"));
}

/** Reads a service config. */
export function parseServiceConfig(text: string): ServiceConfig {
  const json = JSON.parse(text) as Json;
  const methods = new Map<string, MethodConfig>();
  for (const entry of json.methodConfig) {
    const retry = entry.retryPolicy;
    const config: MethodConfig = {
      timeoutMs: milliseconds(entry.timeout),
      retryPolicy: retry && {
        maxAttempts: Math.min(retry.maxAttempts, MOST_ATTEMPTS),
        initialBackoffMs: milliseconds(retry.initialBackoff),
        maxBackoffMs: milliseconds(retry.maxBackoff),
        backoffMultiplier: retry.backoffMultiplier,
        retryableCodes: new Set(retry.retryableStatusCodes.map(code)),
      },
    };
    for (const { service, method } of entry.name) {
      methods.set(`${service}/${method ?? ""}`, config);
    }
  }
  return {
    throttling: json.retryThrottling,
    healthService: json.healthCheckConfig?.serviceName,
    method: (service, method) => methods.get(`${service}/${method}`) ?? methods.get(`${service}/`),
  };
}

function milliseconds(duration: string): number {
  const match = /^(\d+(?:\.\d+)?)s$/.exec(duration);
  if (match === null) {
    throw new TypeError(`the service config has a duration ${JSON.stringify(duration)}, which is not like "1.5s"`);
  }
  return Number(match[1]) * 1000;
}

function code(name: string): Code {
  const wanted = name.replaceAll("_", "").toLowerCase();
  const found = Object.entries(Code).find(([key]) => key.toLowerCase() === wanted);
  if (found === undefined || typeof found[1] !== "number") {
    throw new TypeError(`the service config has an unknown status code ${JSON.stringify(name)}`);
  }
  return found[1];
}
