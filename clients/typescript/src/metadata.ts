/**
 * Metadata of a call, by lower-case name, for instance `{ authorization: "Bearer …" }`.
 *
 * Values are printable ASCII. A name that ends in `-bin` takes bytes instead. Names of the protocol itself, such as
 * those that begin with `grpc-`, are refused.
 */
export type Metadata = Readonly<Record<string, string | Uint8Array>>;

/** Metadata, or what makes it anew for each call, for instance from a token that expires. */
export type MetadataSource = Metadata | (() => Metadata | Promise<Metadata>);

const PROTOCOL_NAMES = new Set(["connection", "content-length", "content-type", "host", "te", "user-agent"]);

/** Adds metadata to headers. Messages name the key, never the value, which may be a secret. */
export function addMetadata(headers: Headers, metadata: Metadata): void {
  for (const [key, value] of Object.entries(metadata)) {
    const name = key.toLowerCase();
    if (!/^[0-9a-z_.-]+$/.test(name)) {
      throw new TypeError(`the metadata key ${JSON.stringify(key)} is not allowed: use a-z, 0-9, "_", "-" and "."`);
    }
    if (name.startsWith("grpc-") || PROTOCOL_NAMES.has(name)) {
      throw new TypeError(`the metadata key ${JSON.stringify(key)} belongs to the protocol: leave it out`);
    }
    headers.set(name, encode(key, name.endsWith("-bin"), value));
  }
}

function encode(key: string, binary: boolean, value: string | Uint8Array): string {
  if (binary) {
    if (!(value instanceof Uint8Array)) {
      throw new TypeError(`the value of the metadata key ${JSON.stringify(key)} has to be a Uint8Array`);
    }
    return Buffer.from(value).toString("base64").replace(/=+$/, "");
  }
  if (typeof value !== "string" || !/^[\x20-\x7e]*$/.test(value)) {
    throw new TypeError(
      `the value of the metadata key ${JSON.stringify(key)} has to be a string of printable ASCII; ` +
        `for bytes use a key that ends in "-bin"`,
    );
  }
  return value;
}
