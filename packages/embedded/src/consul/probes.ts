import { request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { connect } from "node:net";
import { connect as tlsConnect } from "node:tls";
import type { CheckDefinition, CheckKind, CheckStatus } from "./definitions.ts";
import { timerMs } from "./duration.ts";

export interface ProbeResult {
  status: CheckStatus;
  output: string;
}

type Probe<Type extends CheckKind["type"]> = Extract<CheckKind, { type: Type }>;

/** Looks once. Never throws: not to be reached is a result. */
export async function probe(check: CheckDefinition, signal: AbortSignal): Promise<ProbeResult> {
  const { kind, outputMaxBytes } = check;
  const timeoutMs = timerMs(check.timeoutMs);
  let within = signal;
  try {
    // 15 MB that most runs never need, and loading it is not the target's fault: it does not count against the timeout.
    if (kind.type === "grpc") await import("@grpc/grpc-js");
    within = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
    switch (kind.type) {
      case "http":
        return await probeHttp(kind, outputMaxBytes, within);
      case "tcp":
        return await probeTcp(kind, within);
      case "grpc":
        return await probeGrpc(kind, timeoutMs, within);
      default:
        return { status: "critical", output: `${kind.type} checks are not probed` };
    }
  } catch (error) {
    return { status: "critical", output: describe(kind, error, within, timeoutMs) };
  }
}

function describe(kind: CheckKind, error: unknown, signal: AbortSignal, timeoutMs: number): string {
  const reason = signal.aborted ? `no answer within ${timeoutMs} ms` : (error as Error).message;
  switch (kind.type) {
    case "http":
      return `${kind.method === "GET" ? "Get" : kind.method} "${kind.url}": ${reason}`;
    case "tcp":
      return `dial tcp ${kind.host}:${kind.port}: ${reason}`;
    case "grpc":
      return `gRPC check ${kind.host}:${kind.port}: ${reason}`;
    default:
      return reason;
  }
}

/** 2xx passes, 429 warns, everything else is critical. The beginning of the body is kept. */
async function probeHttp(kind: Probe<"http">, maxBytes: number, signal: AbortSignal): Promise<ProbeResult> {
  let url = new URL(kind.url);
  for (let hop = 0; hop <= 10; hop++) {
    const response = await send(kind, url, signal);
    const { statusCode = 0, statusMessage = "", headers } = response;
    if (kind.followRedirects && [301, 302, 303, 307, 308].includes(statusCode) && headers.location) {
      response.resume();
      url = new URL(headers.location, url);
      if (url.protocol !== "http:" && url.protocol !== "https:") break;
      continue;
    }
    const body = await firstBytes(response, maxBytes);
    const status = statusCode >= 200 && statusCode < 300 ? "passing" : statusCode === 429 ? "warning" : "critical";
    return { status, output: `HTTP ${kind.method} ${kind.url}: ${statusCode} ${statusMessage} Output: ${body}` };
  }
  return { status: "critical", output: `HTTP ${kind.method} ${kind.url}: stopped after 10 redirects` };
}

function send(kind: Probe<"http">, url: URL, signal: AbortSignal): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const headers: Record<string, string | string[]> = {
      "user-agent": "Consul Health Check",
      accept: "text/plain, text/*, */*",
    };
    for (const [name, values] of Object.entries(kind.headers))
      headers[name.toLowerCase()] = name.toLowerCase() === "host" ? (values[0] ?? "") : values;
    const options = { method: kind.method, headers, agent: false as const, signal };
    const outgoing =
      url.protocol === "https:"
        ? httpsRequest(url, { ...options, rejectUnauthorized: !kind.tlsSkipVerify })
        : httpRequest(url, options);
    outgoing.once("response", resolve).once("error", reject);
    outgoing.end(kind.body);
  });
}

function firstBytes(response: IncomingMessage, maxBytes: number): Promise<string> {
  return new Promise((resolve, reject) => {
    let kept = Buffer.alloc(0);
    const done = () => resolve(kept.subarray(0, maxBytes).toString("utf8"));
    response.on("data", (chunk: Buffer) => {
      kept = Buffer.concat([kept, chunk]);
      if (kept.length >= maxBytes) {
        response.destroy();
        done();
      }
    });
    response.once("end", done).once("error", reject);
  });
}

function probeTcp(kind: Probe<"tcp">, signal: AbortSignal): Promise<ProbeResult> {
  return new Promise((resolve, reject) => {
    const { host, port, useTls, tlsSkipVerify } = kind;
    const socket = useTls ? tlsConnect({ host, port, rejectUnauthorized: !tlsSkipVerify }) : connect({ host, port });
    const onAbort = () => socket.destroy(new Error("timed out"));
    signal.addEventListener("abort", onAbort, { once: true });
    socket.once(useTls ? "secureConnect" : "connect", () => {
      resolve({ status: "passing", output: `TCP connect ${host}:${port}: Success` });
      socket.destroy();
    });
    socket.once("error", reject);
    socket.once("close", () => signal.removeEventListener("abort", onAbort));
  });
}

/** `grpc.health.v1.Health/Check`: SERVING passes. Source: gRPC Health Checking Protocol. */
async function probeGrpc(kind: Probe<"grpc">, timeoutMs: number, signal: AbortSignal): Promise<ProbeResult> {
  const { Client, credentials } = await import("@grpc/grpc-js");
  const target = `${kind.host}:${kind.port}`;
  const client = new Client(target, kind.useTls ? credentials.createSsl() : credentials.createInsecure());
  try {
    const status = await new Promise<number>((resolve, reject) => {
      const call = client.makeUnaryRequest(
        "/grpc.health.v1.Health/Check",
        encodeHealthRequest,
        decodeHealthResponse,
        kind.service,
        { deadline: Date.now() + timeoutMs },
        (error: Error | null, value?: number) => (error ? reject(error) : resolve(value ?? 0)),
      );
      signal.addEventListener("abort", () => call.cancel(), { once: true });
    });
    return status === 1
      ? { status: "passing", output: `gRPC check ${target}: success` }
      : {
          status: "critical",
          output: `gRPC check ${target}: gRPC ${kind.service} serving status: ${["UNKNOWN", "SERVING", "NOT_SERVING", "SERVICE_UNKNOWN"][status] ?? status}`,
        };
  } finally {
    client.close();
  }
}

/** `message HealthCheckRequest { string service = 1; }`: tag, length, text. */
export function encodeHealthRequest(service: string): Buffer {
  const name = Buffer.from(service);
  if (name.length === 0) return name;
  const length: number[] = [];
  for (let left = name.length; ; left >>= 7) {
    length.push(left > 0x7f ? (left & 0x7f) | 0x80 : left);
    if (left <= 0x7f) break;
  }
  return Buffer.concat([Buffer.from([0x0a, ...length]), name]);
}

/** `message HealthCheckResponse { ServingStatus status = 1; }`, whose values fit one byte; absent means 0. */
export const decodeHealthResponse = (bytes: Buffer): number => (bytes[0] === 0x08 ? (bytes[1] ?? 0) : 0);
