import { describe, expect, it } from "@jest/globals";
import { type CallContext, newContext, runInContext } from "./call-context.ts";
import {
  type ContextCarrier,
  type ContextField,
  contextFields,
  isForServices,
  isHandedOn,
  readContext,
  refusedContextHeaders,
  writeContext,
} from "./context-fields.ts";
import { createLogger } from "./log.ts";

type FieldName = keyof typeof contextFields;
const rows = Object.entries(contextFields) as [FieldName, ContextField][];
const carriers: ContextCarrier[] = ["http", "grpc", "event"];

/** Every field with its example, as a server has it that was called with all of them. */
const examples = Object.fromEntries(
  rows.flatMap(([, { http, example }]) => http.map((name, i) => [name, example[i]!])),
);
const whole = (): CallContext => newContext(readContext("http", (name) => examples[name]));

/** What is wrong, for each field: no value of these counts. A field without such values is one that takes any. */
const invalid: Record<FieldName, string[][]> = {
  requestId: [["a b"], ["x".repeat(129)], ["é"]],
  correlationId: [["a b"], ["x".repeat(129)], ["a\n"]],
  causationId: [["x".repeat(129)], ["a\u0000"]],
  trace: [["nonsense"], ["00-0-0-01"]],
  tracestate: [["a=é"], ["a=1\n"], ["x".repeat(513)]],
  baggage: [["a=é"], ["a=1\r\nb: 2"], ["x".repeat(8193)]],
  caller: [["x".repeat(129)], ["a\nb"], [" a"], ["é"]],
  user: [
    ["x".repeat(201), "customer"],
    ["cust_1", "x".repeat(65)],
    ["cust_é", "customer"],
    ["", "customer"],
    ["cust_1", ""],
  ],
  idempotencyKey: [["x".repeat(256)], ["a\tb"], ["é"]],
  deadline: [["-1"], ["1.5"], ["soon"], ["1".repeat(10)]],
};

/** The part of a context that a field is, in a form that can be compared after a hop: each process has a span of its own. */
function partOf(name: FieldName, context: CallContext): unknown {
  if (name === "trace") return [context.trace.traceId, context.trace.sampled];
  if (name === "tracestate") return context.trace.state;
  if (name === "deadline") return context.deadline !== undefined;
  return context[name];
}

function readBack(carrier: ContextCarrier, headers: Record<string, string>): CallContext {
  return newContext(readContext(carrier, (name) => headers[name]));
}

const cells = rows.flatMap(([name, field]) => carriers.map((carrier) => [name, carrier, field] as const));

describe("the fields of the call context", () => {
  it.each(cells)(
    "%s over %s: crosses where the table says so, under the names that it has there",
    (name, carrier, field) => {
      const context = whole();
      const headers = writeContext(carrier, context);
      const crosses = (carrier === "event" ? field.crossesCommits : field.crossesCalls) && field[carrier].length > 0;
      expect(field[carrier].map((header) => header in headers)).toEqual(field[carrier].map(() => crosses));
      if (!crosses) return;
      const after = partOf(name, readBack(carrier, headers));
      const isProvenance = name === "user" && carrier === "event";
      expect(after).toEqual(isProvenance ? { ...context.user, isProvenance: true } : partOf(name, context));
    },
  );

  it.each(cells)(
    "%s over %s: counts as absent where it is not valid, alone or beside the others",
    (name, carrier, field) => {
      for (const values of invalid[name]) {
        const wrong = Object.fromEntries(field[carrier].map((header, i) => [header, values[i]!]));
        const alone = readContext(carrier, (header) => wrong[header]);
        expect(alone).toEqual({});
        const others = readContext(carrier, (header) => ({ ...examples, ...wrong })[header]);
        const without = readContext(carrier, (header) =>
          field[carrier].includes(header) ? undefined : examples[header],
        );
        expect(Object.keys(others)).toEqual(Object.keys(without));
      }
    },
  );

  it.each(rows)("%s: never reaches a header as a value that would not be read again", (_name, field) => {
    for (const carrier of carriers) {
      for (const text of ["é\u0000\n", "x".repeat(9000)]) {
        const context = {
          ...newContext(),
          ...{
            requestId: text,
            correlationId: text,
            causationId: text,
            caller: text,
            baggage: text,
            idempotencyKey: text,
          },
          trace: { ...newContext().trace, state: text },
          ...(carrier === "event" ? { user: { id: text, role: text } } : {}),
        };
        const headers = writeContext(carrier, context);
        for (const name of field[carrier])
          if (field !== contextFields.trace) expect(headers).not.toHaveProperty([name]);
      }
    }
  });

  it.each(rows)("%s: every name is in lower case and belongs to this field alone", (name, field) => {
    for (const carrier of carriers) {
      for (const header of field[carrier]) {
        expect(header).toMatch(/^[a-z]+(-[a-z]+)*$/);
        expect(rows.filter(([, other]) => other[carrier].includes(header)).map(([other]) => other)).toEqual([name]);
      }
    }
  });

  it.each(rows)(
    "%s: is for services alone exactly where strangers may not set it, and handed on where it crosses calls",
    (_name, field) => {
      for (const header of field.http) {
        expect(isForServices(header)).toBe(!field.fromStrangers);
        expect(isHandedOn(header)).toBe(field.crossesCalls);
      }
    },
  );
});

describe("an event id in the call context", () => {
  it("goes into events as it is, and over calls only where a header can carry it", () => {
    const context = newContext({ causationId: "ereignis-ё" });
    expect(writeContext("event", context)["causation-id"]).toBe("ereignis-ё");
    for (const carrier of ["http", "grpc"] as const) {
      expect(writeContext(carrier, context)).not.toHaveProperty("x-weft-causation-id");
    }
  });
});

describe("a user in the call context", () => {
  const user = { id: "cust_1", role: "customer" };

  it("is provenance after a commit, goes on to further events, and is named in no call", () => {
    const handler = readBack("event", writeContext("event", newContext({ user })));
    expect(handler.user).toEqual({ ...user, isProvenance: true });
    expect(writeContext("event", handler)).toMatchObject({ "user-id": "cust_1", "user-role": "customer" });
    for (const carrier of ["http", "grpc"] as const) {
      expect(writeContext(carrier, newContext({ user }))).toMatchObject({ "x-user-id": "cust_1" });
      const called = writeContext(carrier, handler);
      expect([called["x-user-id"], called["x-user-role"]]).toEqual([undefined, undefined]);
    }
  });

  it("stops a call where it cannot be named, because without it the call would be that of a service", () => {
    for (const wrong of [
      { id: "cust_ё", role: "customer" },
      { id: "cust_1", role: "" },
      { id: "x".repeat(201), role: "r" },
    ]) {
      for (const carrier of ["http", "grpc"] as const) {
        expect(() => writeContext(carrier, newContext({ user: wrong }))).toThrow(TypeError);
      }
      expect(writeContext("event", newContext({ user: wrong }))).not.toHaveProperty("user-id");
    }
  });

  it.each(["http", "grpc"] as const)(
    "is refused of a call over %s where its role is there and not the rest",
    (carrier) => {
      const refused = (headers: Record<string, string>) => refusedContextHeaders(carrier, (name) => headers[name]);
      const both = ["x-user-id", "x-user-role"];
      expect(refused({ "x-user-role": "customer" })).toEqual(both);
      expect(refused({ "x-user-id": "", "x-user-role": "customer" })).toEqual(both);
      expect(refused({ "x-user-id": "x".repeat(201), "x-user-role": "customer" })).toEqual(both);
      expect(refused({ "x-user-id": "cust_1", "x-user-role": "customer" })).toEqual([]);
      expect(refused({ "x-user-id": "cust_1", baggage: "é" })).toEqual([]);
    },
  );
});

describe("baggage and tracestate", () => {
  const members = (count: number) => Array.from({ length: count }, (_, i) => `key-${String(i).padStart(3, "0")}=value`);

  it("go on with the whole members that fit: 1,024 characters of baggage in an event, 512 of a tracestate anywhere", () => {
    const baggage = members(200).join(",");
    const context = newContext({ baggage });
    expect(writeContext("http", context).baggage).toBe(baggage);
    const written = writeContext("event", context).baggage!;
    expect(written).toBe(members(73).join(","));
    expect(written.length).toBeLessThanOrEqual(1024);
    // A foreign producer may write more.
    expect(readContext("event", (name) => (name === "baggage" ? baggage : undefined))).toEqual({ baggage: written });
    const parts = readContext("http", (name) => ({ ...examples, tracestate: baggage })[name]);
    expect(parts.tracestate).toBe(members(36).join(","));
  });

  it("leave out a member that is too long, and keep the ones beside it", () => {
    const long = `long=${"x".repeat(2000)}`;
    expect(writeContext("event", newContext({ baggage: `a=1,${long}, b=2` })).baggage).toBe("a=1,b=2");
    expect(writeContext("event", newContext({ baggage: long }))).not.toHaveProperty("baggage");
  });
});

describe("the call context in a log line", () => {
  function linesOf(log: (logger: ReturnType<typeof createLogger>) => void): string {
    let text = "";
    const destination = {
      write(line: string) {
        text += line;
      },
    };
    log(createLogger({ name: "s", version: "1.0.0", instanceId: "s-1" }, { level: "trace", destination }));
    return text;
  }

  it.each(rows)("%s: is there under its name exactly where it is no secret and has one", (_name, field) => {
    const context = whole();
    const text = linesOf((logger) => runInContext(context, () => logger.info("inside")));
    const line = JSON.parse(text);
    if (field.log) expect(line[field.log.name]).toBe(field.log.value(context));
    else for (const value of field.example) expect(text).not.toContain(value);
  });

  it.each(rows.filter(([, { isSecret }]) => isSecret))(
    "%s: is hidden also in what is logged, under any of its names",
    (name, field) => {
      const context = whole();
      const headers = { ...writeContext("http", context), ...writeContext("event", context), ...examples };
      const text = linesOf((logger) => {
        logger.info({ headers, context }, "everything");
        logger.child(headers).warn({ [name]: context[name as keyof CallContext] }, "child");
      });
      for (const value of field.example) expect(text).not.toContain(value);
    },
  );

  it("does not repeat the request id as the correlation id", () => {
    const text = linesOf((logger) => runInContext(newContext({ requestId: "r-1" }), () => logger.info("inside")));
    expect(JSON.parse(text)).toMatchObject({ request_id: "r-1" });
    expect(text).not.toContain("correlation_id");
  });
});
