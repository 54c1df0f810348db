import type * as grpcJs from "@grpc/grpc-js";
import { AddressNotAllowed, type Networks, type ServiceInstance } from "@weft/discovery";
import { type GrpcJs, loadGrpcJs } from "./grpc-js.ts";
import type { FailedCall } from "./verdict.ts";

export interface ConnectionOptions {
  /** Bound of making a connection, in milliseconds. */
  connectTimeoutMs: number;
  /** Largest answer, in bytes. */
  answerLimitBytes: number;
  /** Where instances may be. */
  networks: Networks;
}

interface UnaryRequest {
  /** `/inventory.v1.InventoryService/CheckStock` */
  path: string;
  message: Buffer;
  headers: Record<string, string>;
  /** Told to the other side as gRPC's deadline, in milliseconds. */
  timeoutMs: number;
  /** Cancels this call and no other. */
  signal: AbortSignal;
}

/** What came back, or would have. */
type UnaryAnswer = { kind: "message"; message: Buffer } | ({ kind: "status" } & FailedCall);

/** The connections of one caller to the instances of one service. */
export interface Connections {
  /** @throws AddressNotAllowed   Rejects besides only where a header cannot be sent. */
  unary(to: ServiceInstance, request: UnaryRequest): Promise<UnaryAnswer | { kind: "no-connection" }>;
  /** Closes those to instances that are not there any more; their calls in flight still end. */
  keepOnly(instances: readonly ServiceInstance[]): void;
  close(): void;
}

/** Of one name; more are not tried. */
const maxAddresses = 4;

const hostPort = (host: string, port: number | undefined) => `${host.includes(":") ? `[${host}]` : host}:${port}`;

/** Timers fire early by a little. */
const timerSlackMs = 5;

interface Connection {
  /** None while the first one is made. */
  client: grpcJs.Client | undefined;
  connecting: Promise<boolean> | undefined;
  /** When anything last came back, in milliseconds of `performance.now()`. */
  heardAt: number;
}

/**
 * One connection an instance, made when it is first needed, and made anew rather than waited for: grpc-js backs off for up to
 * two minutes, while breaker and retry of the policy chain already spare an instance that is away.
 *
 *   *made*     by the first call; whoever calls meanwhile waits for the same attempt, at most `connectTimeoutMs`
 *   *kept*     with a ping every 10 s, also without calls, so that one that is gone without a word is found within 15 s
 *   *dropped*  when it cannot be made, when its instance is gone, and when a call got no answer in time and nothing came back
 *              on it meanwhile: it may be half open, and the next call must not find out again
 */
export function connections({ connectTimeoutMs, answerLimitBytes, networks }: ConnectionOptions): Connections {
  const open = new Map<string, Connection>();
  const options: grpcJs.ChannelOptions = {
    "grpc.keepalive_time_ms": 10_000,
    "grpc.keepalive_timeout_ms": 5000,
    "grpc.keepalive_permit_without_calls": 1,
    "grpc.max_receive_message_length": answerLimitBytes,
    // What follows is the policy chain's, or another way to an address that discovery has not checked.
    "grpc.enable_retries": 0,
    "grpc.enable_http_proxy": 0,
    "grpc.service_config_disable_resolution": 1,
    "grpc.use_local_subchannel_pool": 1,
    "grpc.enable_channelz": 0,
  };

  const loading = loadGrpcJs();

  function connectionTo(to: ServiceInstance): Connection {
    const key = keyOf(to);
    let connection = open.get(key);
    if (!connection) {
      connection = { client: undefined, connecting: undefined, heardAt: 0 };
      open.set(key, connection);
    }
    return connection;
  }

  /**
   * Finds the addresses of a name itself, because grpc-js would connect to whatever DNS says. One is tried after the other.
   * @throws AddressNotAllowed
   */
  async function connect(js: GrpcJs, to: ServiceInstance, connection: Connection): Promise<boolean> {
    if (connection.client) return isConnected(js, connection.client, connectTimeoutMs);
    for (const address of (await networks.resolve(to.host)).slice(0, maxAddresses)) {
      const client = new js.Client(hostPort(address, to.grpcPort), js.credentials.createInsecure(), {
        ...options,
        "grpc.default_authority": hostPort(to.host, to.grpcPort),
      });
      const isReady = await isConnected(js, client, connectTimeoutMs);
      // The instance may have gone meanwhile.
      if (isReady && open.get(keyOf(to)) === connection) {
        connection.client = client;
        return true;
      }
      client.close();
      if (isReady) return false;
    }
    return false;
  }

  function drop(to: ServiceInstance, connection: Connection): void {
    if (open.get(keyOf(to)) === connection) open.delete(keyOf(to));
    connection.client?.close();
  }

  return {
    async unary(to, request) {
      const js = await loading;
      const connection = connectionTo(to);
      connection.connecting ??= connect(js, to, connection).finally(() => {
        connection.connecting = undefined;
      });
      const isReady = await connection.connecting.catch((error: unknown) => {
        drop(to, connection);
        if (AddressNotAllowed.is(error)) throw error;
        return false;
      });
      const { client } = connection;
      if (!isReady || !client) {
        drop(to, connection);
        return { kind: "no-connection" };
      }
      const started = performance.now();
      const answer = await call(js, client, request);
      const isLate = performance.now() - started >= request.timeoutMs - timerSlackMs;
      if (answer.kind === "message" || answer.details || !isLate) connection.heardAt = performance.now();
      else if (connection.heardAt < started) drop(to, connection);
      return answer;
    },
    keepOnly(instances) {
      const known = new Set(instances.map(keyOf));
      for (const [key, { client }] of open) {
        if (known.has(key)) continue;
        open.delete(key);
        client?.close();
      }
    },
    close() {
      for (const { client } of open.values()) client?.close();
      open.clear();
    },
  };
}

const keyOf = ({ instanceId, host, grpcPort }: ServiceInstance) => `${instanceId} ${host} ${grpcPort}`;

/** @returns whether there is a connection now; never waits for longer than `timeoutMs` */
function isConnected(js: GrpcJs, client: grpcJs.Client, timeoutMs: number): Promise<boolean> {
  const { READY, TRANSIENT_FAILURE, SHUTDOWN } = js.connectivityState;
  const channel = client.getChannel();
  const deadline = new Date(Date.now() + timeoutMs);
  return new Promise((resolve) => {
    const look = (): void => {
      const state = channel.getConnectivityState(true);
      if (state === READY || state === TRANSIENT_FAILURE || state === SHUTDOWN) resolve(state === READY);
      else channel.watchConnectivityState(state, deadline, (error) => (error ? resolve(false) : look()));
    };
    look();
  });
}

function call(js: GrpcJs, client: grpcJs.Client, request: UnaryRequest): Promise<UnaryAnswer> {
  const { path, message, headers, timeoutMs, signal } = request;
  const metadata = new js.Metadata();
  for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
  const same = (bytes: Buffer) => bytes;
  const deadline = new Date(Date.now() + timeoutMs);
  return new Promise((resolve) => {
    const running = client.makeUnaryRequest(path, same, same, message, metadata, { deadline }, (error, answer) => {
      signal.removeEventListener("abort", cancel);
      if (!error) return resolve({ kind: "message", message: answer! });
      const [details] = error.metadata.get("grpc-status-details-bin");
      const bytes = details instanceof Buffer ? details : undefined;
      resolve({ kind: "status", code: error.code, message: error.details, details: bytes });
    });
    const cancel = () => running.cancel();
    if (signal.aborted) cancel();
    else signal.addEventListener("abort", cancel, { once: true });
  });
}
