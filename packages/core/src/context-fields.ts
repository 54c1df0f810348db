import {
  type CallContext,
  type ContextParts,
  formatTraceparent,
  isRequestId,
  parseTraceparent,
} from "./call-context.ts";

/** What carries a context from one process to another. The two sorts of calls have metadata, a commit has headers of events. */
export type ContextCarrier = "http" | "grpc" | "event";

/** One field of the call context, as it goes from one process to another. */
export type ContextField = Field & (Loggable | Secret);

interface Loggable {
  readonly isSecret: false;
  /** Its field of a log line. */
  readonly log?: { readonly name: string; value(context: CallContext): string | undefined };
}

/** Never in a log line, neither by itself nor under one of its names in what is logged. */
interface Secret {
  readonly isSecret: true;
  readonly log?: undefined;
}

interface Field {
  /** Names of its headers in a request, in lower case. Where the field has several parts, it is there if the last one is. */
  readonly http: readonly string[];
  /** Names in gRPC metadata; none where gRPC has something of its own for it. */
  readonly grpc: readonly string[];
  /** Names of the headers of an event's record; none where it ends at a commit. */
  readonly event: readonly string[];
  /** Whether a client hands it on with every call. A server reads it all the same where it has a name. */
  readonly crossesCalls: boolean;
  /** Whether an outbox writes it with every event, and a consumer reads it. */
  readonly crossesCommits: boolean;
  /** Whether the edge takes it from a caller whom nobody knows. */
  readonly fromStrangers: boolean;
  /** Which values count; any other one counts as absent. */
  readonly takes: string;
  /** A server answers 400 to a call with another value, because one without the field would mean more. @defaultValue false */
  readonly isRefusedWhenInvalid?: true;
  /** A value of each name. */
  readonly example: readonly string[];
  /** What the values mean, one of each name and none of them empty. @returns nothing where they are not valid */
  read(values: readonly string[], carrier: ContextCarrier): ContextParts | undefined;
  /** A value for each name. @returns nothing where the context has none to hand on */
  write(context: CallContext, carrier: ContextCarrier): readonly string[] | undefined;
}

type FieldName = keyof CallContext | "tracestate";

/** No longer value of one header counts, whatever it is. */
const maxValueLength = 8192;
/** Less in events: each row of an outbox and each record has it. */
const maxBaggage = { http: maxValueLength, grpc: maxValueLength, event: 1024 };
const maxTracestate = 512;

const isText = (value: string, maxLength: number) => value.length <= maxLength && isPrintable(value);
/** Printable ASCII, without a blank at either end: what every carrier takes, and gives back as it was. */
const isPrintable = (value: string) => /^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/.test(value);
const isEventId = (value: string) => value.length <= 128 && !/\p{Cc}/u.test(value);
const one = (value: string | undefined) => (value === undefined ? undefined : [value]);
const withName = <const Name extends string>(name: Name) => ({ http: [name], grpc: [name], event: [name] }) as const;

/**
 * Every field of the call context that goes anywhere, each declared once. Servers, clients, the gateway, the outbox, the
 * consumer and the log go through this table and name none of them themselves. `docs/call-context.md` is made from it.
 */
export const contextFields = {
  /** After a commit, the correlation id takes its place: the work of a handler belongs to the request that began the chain. */
  requestId: {
    http: ["x-request-id"],
    grpc: ["x-request-id"],
    event: [],
    crossesCalls: true,
    crossesCommits: false,
    fromStrangers: true,
    isSecret: false,
    log: { name: "request_id", value: ({ requestId }) => requestId },
    takes: "1 to 128 of `A-Z a-z 0-9 . _ : -`",
    example: ["req-1"],
    read: ([requestId]) => (isRequestId(requestId) ? { requestId } : undefined),
    write: ({ requestId }) => [requestId],
  },
  correlationId: {
    http: ["x-weft-correlation-id"],
    grpc: ["x-weft-correlation-id"],
    event: ["correlation-id"],
    crossesCalls: true,
    crossesCommits: true,
    fromStrangers: false,
    isSecret: false,
    log: {
      name: "correlation_id",
      value: ({ correlationId, requestId }) => (correlationId === requestId ? undefined : correlationId),
    },
    takes: "1 to 128 of `A-Z a-z 0-9 . _ : -`",
    example: ["cor-1"],
    read([correlationId], carrier) {
      if (!isRequestId(correlationId)) return undefined;
      return carrier === "event" ? { correlationId, requestId: correlationId } : { correlationId };
    },
    write: ({ correlationId }) => [correlationId],
  },
  /** A consumer puts the id of the event itself in its place. */
  causationId: {
    http: ["x-weft-causation-id"],
    grpc: ["x-weft-causation-id"],
    event: ["causation-id"],
    crossesCalls: true,
    crossesCommits: true,
    fromStrangers: false,
    isSecret: false,
    log: { name: "causation_id", value: ({ causationId }) => causationId },
    takes: "an event id: 1 to 128 characters, none of control; over calls printable ASCII",
    example: ["event-0"],
    read: ([causationId]) => (isEventId(causationId!) ? { causationId } : undefined),
    write: ({ causationId }) => one(causationId),
  },
  trace: {
    ...withName("traceparent"),
    crossesCalls: true,
    crossesCommits: true,
    fromStrangers: true,
    isSecret: false,
    log: { name: "trace_id", value: ({ trace }) => trace.traceId },
    takes: "W3C Trace Context",
    example: ["00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"],
    read: ([traceparent]) => (parseTraceparent(traceparent!) ? { traceparent } : undefined),
    write: ({ trace }) => [formatTraceparent(trace)],
  },
  /** Only beside a trace. Not logged: it is addressed to other tools. */
  tracestate: {
    ...withName("tracestate"),
    crossesCalls: true,
    crossesCommits: true,
    fromStrangers: true,
    isSecret: false,
    takes: "W3C Trace Context; the whole members that fit into 512 characters",
    example: ["vendor=1"],
    read: ([tracestate]) => listed("tracestate", wholeMembers(tracestate, maxTracestate)),
    write: ({ trace }) => one(wholeMembers(trace.state, maxTracestate)),
  },
  /** A secret, because anyone may put anything in it. */
  baggage: {
    ...withName("baggage"),
    crossesCalls: true,
    crossesCommits: true,
    fromStrangers: true,
    isSecret: true,
    takes: "W3C Baggage; up to 8,192 characters in calls, in events the whole members that fit into 1,024",
    example: ["cart=17"],
    read: ([baggage], carrier) => listed("baggage", wholeMembers(baggage, maxBaggage[carrier])),
    write: ({ baggage }, carrier) => one(wholeMembers(baggage, maxBaggage[carrier])),
  },
  /** Each call names its own caller. An event names whoever called the service that published it. */
  caller: {
    http: ["x-service-name"],
    grpc: ["x-service-name"],
    event: ["caller"],
    crossesCalls: false,
    crossesCommits: true,
    fromStrangers: false,
    isSecret: false,
    log: { name: "calling_service", value: ({ caller }) => caller },
    takes: "1 to 128 characters of printable ASCII",
    example: ["asking-service"],
    read: ([caller]) => (isText(caller!, 128) ? { caller } : undefined),
    write: ({ caller }) => one(caller),
  },
  /**
   * A secret, because the subject of a token may be an e-mail address. Refused where it is not valid: a call without a user
   * is that of a service, which may do more.
   */
  user: {
    http: ["x-user-id", "x-user-role"],
    grpc: ["x-user-id", "x-user-role"],
    event: ["user-id", "user-role"],
    crossesCalls: true,
    crossesCommits: true,
    fromStrangers: false,
    isSecret: true,
    takes: "printable ASCII: an id of 1 to 200 characters, a role of 1 to 64",
    isRefusedWhenInvalid: true,
    example: ["cust_1", "customer"],
    read([id, role], carrier) {
      if (!isText(id!, 200) || !isText(role!, 64)) return undefined;
      const user = { id: id!, role: role! };
      return { user: carrier === "event" ? { ...user, isProvenance: true } : user };
    },
    // A call that a handler makes is the service's own: whoever began the chain has not asked for it.
    write: ({ user }, carrier) =>
      user && (carrier === "event" || !user.isProvenance) ? [user.id, user.role] : undefined,
  },
  /** Each call has its own or none: one key for two calls would be one request to whoever gets both. */
  idempotencyKey: {
    ...withName("idempotency-key"),
    crossesCalls: false,
    crossesCommits: true,
    fromStrangers: true,
    isSecret: true,
    takes: "1 to 255 characters of printable ASCII",
    example: ["key-1"],
    read: ([idempotencyKey]) => (isText(idempotencyKey!, 255) ? { idempotencyKey } : undefined),
    write: ({ idempotencyKey }) => one(idempotencyKey),
  },
  /** Milliseconds that are left. It ends at a commit: nobody waits for a handler. */
  deadline: {
    http: ["x-request-timeout-ms"],
    grpc: [],
    event: [],
    crossesCalls: true,
    crossesCommits: false,
    fromStrangers: true,
    isSecret: false,
    takes: "a whole number from 0, of at most 9 digits",
    example: ["1500"],
    read: ([left]) => (/^\d{1,9}$/.test(left!) ? { deadline: performance.now() + Number(left) } : undefined),
    write: ({ deadline }) =>
      deadline === undefined ? undefined : [String(Math.max(0, Math.round(deadline - performance.now())))],
  },
} as const satisfies Record<FieldName, ContextField>;

const fields: readonly ContextField[] = Object.values(contextFields);

/**
 * The parts of a context that came in, for `newContext`. What is not valid counts as absent.
 * @param header the value of a header, by its name in lower case
 */
export function readContext(carrier: ContextCarrier, header: (name: string) => string | undefined): ContextParts {
  let parts: ContextParts = {};
  for (const field of fields) {
    const reading = readField(field, carrier, header);
    if (reading.kind === "valid") parts = { ...parts, ...reading.parts };
  }
  return parts;
}

/** Names that came in with a value with which a call is refused. */
export function refusedContextHeaders(
  carrier: Exclude<ContextCarrier, "event">,
  header: (name: string) => string | undefined,
): string[] {
  return fields
    .filter((field) => field.isRefusedWhenInvalid && readField(field, carrier, header).kind === "invalid")
    .flatMap((field) => field[carrier]);
}

/**
 * What a context says by headers: with every call, or with every event.
 * @throws TypeError for a user who cannot be named in a header: without one, the call would be that of a service
 */
export function writeContext(carrier: ContextCarrier, context: CallContext): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const field of fields) {
    const names = field[carrier];
    const crosses = carrier === "event" ? field.crossesCommits : field.crossesCalls;
    const values = crosses && names.length > 0 ? field.write(context, carrier) : undefined;
    if (!values) continue;
    const reading = readField(field, carrier, (name) => values[names.indexOf(name)]);
    if (reading.kind === "valid") for (const [index, name] of names.entries()) headers[name] = values[index]!;
    else if (field.isRefusedWhenInvalid && carrier !== "event") {
      throw new TypeError(`${names.join(" and ")} of the call context would not be valid`);
    }
  }
  return headers;
}

/** What a log line says of the context in which it was written. */
export function contextOfLogLine(context: CallContext): Record<string, string> {
  const line: Record<string, string> = {};
  for (const { log } of fields) {
    const value = log?.value(context);
    if (log && value !== undefined) line[log.name] = value;
  }
  return line;
}

/** Whether a client writes a header with every call, by its name in lower case. */
export function isHandedOn(name: string): boolean {
  return fields.some(({ http, grpc, crossesCalls }) => crossesCalls && (http.includes(name) || grpc.includes(name)));
}

/** Whether a header of a request is a field of the context that only services may set, by its name in lower case. */
export function isForServices(name: string): boolean {
  return fields.some(({ http, grpc, fromStrangers }) => !fromStrangers && (http.includes(name) || grpc.includes(name)));
}

type FieldReading = { kind: "absent" | "invalid" } | { kind: "valid"; parts: ContextParts };

function readField(
  field: ContextField,
  carrier: ContextCarrier,
  header: (name: string) => string | undefined,
): FieldReading {
  const values = field[carrier].map(header);
  if (values.at(-1) === undefined) return { kind: "absent" };
  const areReadable = values.every(
    (value) =>
      value !== undefined &&
      value.length > 0 &&
      value.length <= maxValueLength &&
      // A header of a call is ASCII; what is more would be sent as something else, or not at all.
      (carrier === "event" || isPrintable(value)),
  );
  const parts = areReadable ? field.read(values as string[], carrier) : undefined;
  return parts ? { kind: "valid", parts } : { kind: "invalid" };
}

/** A list of members with commas, with as many of them as fit: what is left out is left out whole, as W3C asks. */
function wholeMembers(list: string | undefined, maxLength: number): string | undefined {
  if (list === undefined || !isPrintable(list)) return undefined;
  let kept = "";
  for (const member of list.length <= maxLength ? [list] : list.split(",")) {
    const longer = kept === "" ? member.trim() : `${kept},${member.trim()}`;
    if (longer.length <= maxLength) kept = longer;
  }
  return kept === "" ? undefined : kept;
}

const listed = (name: "tracestate" | "baggage", members: string | undefined): ContextParts | undefined =>
  members === undefined ? undefined : { [name]: members };
