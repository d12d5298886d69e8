import { isIP } from "node:net";

/** Where a gateway is. */
export interface Target {
  /** `http://HOST:PORT` or `https://HOST[:PORT]`, as URLs spell it. */
  readonly origin: string;
  /** Name or IP address, without the brackets of IPv6. */
  readonly host: string;
  /** Whether the connection is encrypted. */
  readonly tls: boolean;
  /** Whether `host` has to be looked up. */
  readonly isName: boolean;
}

const FORMS = "an address has the form http://HOST:PORT for plain text, or https://HOST or https://HOST:PORT for TLS";

/** Reads the address that `connect` is given. */
export function parseAddress(address: string): Target {
  const match = /^(https?):\/\/([^/?#@\\]+)\/?$/i.exec(address);
  const port = /:\d+\/?$/.test(address);
  if (match === null || !URL.canParse(address)) {
    throw new TypeError(`the address of the gateway cannot be read: ${FORMS}`);
  }
  const url = new URL(address);
  if (url.protocol === "http:" && !port) {
    throw new TypeError(`the address of the gateway has no port: ${FORMS}`);
  }
  if (url.port === "0") {
    throw new TypeError(`the address of the gateway has the port 0: ${FORMS}`);
  }
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  return { origin: url.origin, host, tls: url.protocol === "https:", isName: isIP(host) === 0 };
}
