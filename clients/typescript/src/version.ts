/** Version of this package. */
export const VERSION = "0.1.0";

/** What the client calls itself in the header `user-agent`. */
export const USER_AGENT = `bedrock-gateway-client-typescript/${VERSION}`;
