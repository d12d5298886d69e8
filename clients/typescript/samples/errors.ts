/** What errors say, and what to do about them. Run: node build/samples/errors.js */
import {
  type CallOptions,
  connect,
  DeadlineExceededError,
  ErrorReason,
  GatewayError,
  InvalidRequestError,
  type InvokeRequestInit,
  RoutingConfig_FallbackMode,
  ThrottledError,
  UnavailableError,
} from "@bedrock-gateway/client";

const MODEL = "claude-3-5-haiku";

await using client = connect(process.env["GATEWAY_ADDRESS"] ?? "http://127.0.0.1:50051");

await attempt("a request that breaks rules", { prompt: "", inferenceConfig: { maxTokens: -1 } });
await attempt("a model that is not there", { model: "nobody", prompt: "Hi" });

const emulator = process.env["EMULATOR_URL"];
if (emulator === undefined) {
  console.log("EMULATOR_URL is not set: no model is throttled");
} else {
  await fetch(`${emulator}/_emulator/scenarios/${MODEL}`, {
    method: "PUT",
    body: JSON.stringify({ exception: { name: "ThrottlingException" }, times: 1 }),
  });
  const routingConfig = { fallbackMode: RoutingConfig_FallbackMode.DISABLED, maxAttempts: 1 };
  await attempt("a throttled model without another to fall back to", { model: MODEL, prompt: "Hi", routingConfig });
}

async function attempt(what: string, request: InvokeRequestInit, options: CallOptions = {}): Promise<void> {
  console.log(`${what}:`);
  try {
    const response = await client.invoke(request, options);
    console.log(`  ${response.text}`);
  } catch (error) {
    if (!(error instanceof GatewayError)) {
      throw error;
    }
    console.log(`  ${error.message}`);
    explain(error);
  }
}

function explain(error: GatewayError): void {
  if (error instanceof InvalidRequestError) {
    for (const { field, description } of error.fieldViolations) {
      console.log(`  correct ${field}: ${description}`);
    }
  } else if (error instanceof ThrottledError || error instanceof UnavailableError) {
    console.log(error.isRetryable ? `  call again in ${String(error.retryDelayMs ?? 1000)} ms` : "  call later");
  } else if (error instanceof DeadlineExceededError) {
    console.log("  stream, or ask for less");
  } else {
    console.log(`  see ${error.help}`);
  }
  for (const { model, error: cause } of error.attempts) {
    console.log(`  tried ${model}: ${ErrorReason[cause?.reason ?? ErrorReason.UNSPECIFIED]}`);
  }
}
