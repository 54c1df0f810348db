import { connect as connectHttp2, type IncomingHttpHeaders, type OutgoingHttpHeaders } from "node:http2";
import { connect } from "node:net";

/** Fields of a protobuf message, written by hand, so that they can be wrong. */
export const wire = {
  varint: (field: number, value: bigint | number) => Buffer.concat([varint(field << 3), varint(value)]),
  bytes: (field: number, value: Buffer | string) => {
    const bytes = Buffer.from(value);
    return Buffer.concat([wire.head(field, bytes.length), bytes]);
  },
  /** What stands before that many bytes. */
  head: (field: number, length: number) => Buffer.concat([varint((field << 3) | 2), varint(length)]),
};

function varint(value: bigint | number): Buffer {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  return Buffer.from([...bytes, Number(rest)]);
}

/** A message as gRPC frames it: whether it is compressed, its length, itself. */
export function frame(message: Buffer, { length = message.length, compressed = 0 } = {}): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt8(compressed);
  head.writeUInt32BE(length, 1);
  return Buffer.concat([head, message]);
}

export interface RawAnswer {
  /** `:status` of HTTP; absent where the stream ended without headers. */
  http?: number;
  /** `grpc-status`, of headers or trailers. */
  grpc?: number;
  /** Code of HTTP/2 that the stream was reset with; 0 where it ended as it should. */
  reset: number;
}

/** One stream of HTTP/2 with these headers and bytes, past every client of gRPC, which would not send them. */
export async function rawCall(
  address: string,
  path: string,
  { headers = {}, body = frame(Buffer.alloc(0)) }: { headers?: OutgoingHttpHeaders; body?: Buffer } = {},
): Promise<RawAnswer> {
  const session = connectHttp2(`http://${address}`);
  session.on("error", () => {}); // told by the stream too
  try {
    return await new Promise<RawAnswer>((resolve) => {
      const answer: RawAnswer = { reset: 0 };
      const note = (got: IncomingHttpHeaders) => {
        if (got[":status"] !== undefined) answer.http = Number(got[":status"]);
        if (got["grpc-status"] !== undefined) answer.grpc = Number(got["grpc-status"]);
      };
      const stream = session.request({
        ":method": "POST",
        ":path": path,
        "content-type": "application/grpc",
        te: "trailers",
        ...headers,
      });
      stream.setTimeout(10_000, () => stream.close());
      stream
        .on("response", note)
        .on("trailers", note)
        .on("error", () => {});
      stream.on("close", () => resolve({ ...answer, reset: stream.rstCode ?? 0 }));
      stream.resume().end(body);
    });
  } finally {
    session.destroy();
  }
}

/** Sends bytes over a connection of its own. @returns what came back until the server closed it; `undefined` where it did not within the time */
export function rawBytes(address: string, bytes: Buffer | string, timeoutMs = 10_000): Promise<Buffer | undefined> {
  const { hostname, port } = new URL(`http://${address}`);
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const socket = connect(Number(port), hostname, () => socket.write(bytes));
    socket.on("data", (chunk) => chunks.push(chunk));
    socket.on("error", () => {}); // a reset is an end too
    socket.on("close", () => resolve(Buffer.concat(chunks)));
    socket.setTimeout(timeoutMs, () => {
      resolve(undefined);
      socket.destroy();
    });
  });
}
