import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { contracts, contractsOfAllMajors } from "@weft/contracts";
import { silentLogger } from "@weft/core";
import { SchemaIncompatible, SchemaRegistryUnavailable, SchemaUnknown } from "./errors.ts";
import { eventOf, schemaRegistry } from "./schema-registry.ts";
import type { SchemaRegistry } from "./schemas.ts";

type Answer = { status: number; body: unknown } | "silence" | { status: number; text: string; location?: string };

/** The part of the Confluent API that is used here, in memory; `answer` takes over where it is set. */
class FakeRegistry {
  readonly requests: string[] = [];
  readonly compatibility = new Map<string, string>();
  readonly schemas: { id: number; subject: string; schema: string }[] = [];
  answer: ((path: string) => Answer | undefined) | undefined;
  private readonly server = createServer((request, response) => void this.respond(request, response));

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = `${request.method} ${decodeURIComponent(request.url ?? "")}`;
    this.requests.push(path);
    let text = "";
    for await (const chunk of request) text += chunk;
    const answer = this.answer?.(path) ?? this.usual(path, text === "" ? {} : JSON.parse(text));
    if (answer === "silence") return;
    response.writeHead(answer.status, {
      "content-type": "application/vnd.schemaregistry.v1+json",
      ...("location" in answer && answer.location ? { location: answer.location } : {}),
    });
    response.end("text" in answer ? answer.text : JSON.stringify(answer.body));
  }

  private usual(path: string, body: { schema?: string; compatibility?: string }): Answer {
    const [, subject] = /\/(?:subjects|config)\/([^/]+)/.exec(path) ?? [];
    const found = this.schemas.find((known) => known.subject === subject && known.schema === body.schema);
    if (path.startsWith("PUT /config/")) {
      this.compatibility.set(subject!, body.compatibility!);
      return { status: 200, body };
    }
    if (path.endsWith("/versions")) {
      if (found) return { status: 200, body: { id: found.id } };
      this.schemas.push({ id: this.schemas.length + 1, subject: subject!, schema: body.schema! });
      return { status: 200, body: { id: this.schemas.length } };
    }
    if (path.startsWith("POST /subjects/")) {
      return found
        ? { status: 200, body: { id: found.id, subject, version: 1 } }
        : { status: 404, body: { error_code: 40401, message: "Subject not found" } };
    }
    const byId = this.schemas[Number(path.split("/").at(-1)) - 1];
    return byId
      ? { status: 200, body: { schema: byId.schema, schemaType: "JSON" } }
      : { status: 404, body: { error_code: 40403, message: "Schema not found" } };
  }
}

describe("the schema registry", () => {
  let server: FakeRegistry;
  let registry: SchemaRegistry;

  beforeEach(async () => {
    server = new FakeRegistry();
    registry = schemaRegistry({ log: silentLogger }, { url: await server.start(), timeoutMs: 10_000, attempts: 2 });
  });
  afterEach(() => server.stop());

  it("registers every contract once, with its compatibility, and finds it the next time", async () => {
    const first = await registry.registerAll();
    expect(first.map(({ subject }) => subject)).toEqual(contractsOfAllMajors.map(({ subject }) => subject).sort());
    expect(first.every(({ created }) => created)).toBe(true);
    expect(new Set(server.compatibility.values())).toEqual(new Set(["BACKWARD_TRANSITIVE"]));
    const second = await registry.registerAll();
    expect(second.every(({ created }) => !created)).toBe(true);
    expect(second.map(({ id }) => id)).toEqual(first.map(({ id }) => id));
  });

  it("names what the registry has against an incompatible schema", async () => {
    const subject = contracts.PriceChanged.subject;
    server.answer = (path) =>
      path === `POST /subjects/${subject}/versions`
        ? {
            status: 409,
            body: {
              error_code: 409,
              message: "Schema being registered is incompatible: REQUIRED_ATTRIBUTE_ADDED at data.tax",
            },
          }
        : undefined;
    const error = await registry.registerAll().catch((caught) => caught);
    expect(SchemaIncompatible.is(error)).toBe(true);
    expect(error.message).toContain("data.tax");
    expect(error.message).toContain(subject);
  });

  it("finds the id of the schema itself, and asks once for it, then never again", async () => {
    await registry.registerAll();
    const fresh = schemaRegistry({ log: silentLogger }, { url: addressOf(server), timeoutMs: 10_000 });
    server.requests.length = 0;
    const ids = await Promise.all(Array.from({ length: 5 }, () => fresh.idOf("PriceChanged", 1)));
    await fresh.idOf("PriceChanged", 1);
    expect(new Set(ids).size).toBe(1);
    expect(server.requests).toEqual([`POST /subjects/${contracts.PriceChanged.subject}`]);
    await server.stop();
    expect(await fresh.idOf("PriceChanged", 1)).toBe(ids[0]);
    expect(await fresh.typeOf(ids[0]!)).toEqual({ eventType: "PriceChanged", major: 1 });
  });

  it("says how to register a schema that is not there", async () => {
    const error = await registry.idOf("PriceChanged", 1).catch((caught) => caught);
    expect(SchemaUnknown.is(error)).toBe(true);
    expect(error.message).toContain("pnpm weft schemas register");
  });

  it("knows what an id stands for, and that an unknown one stands for nothing", async () => {
    const { id, subject } = (await registry.registerAll())[0]!;
    const fresh = schemaRegistry({ log: silentLogger }, { url: addressOf(server), timeoutMs: 10_000 });
    expect((await fresh.typeOf(id))?.eventType).toBe(subject.split("-").at(-1));
    expect(await fresh.typeOf(id)).toEqual(await fresh.typeOf(id));
    expect(await fresh.typeOf(9999)).toBeUndefined();
    server.requests.length = 0;
    expect(await fresh.typeOf(9999)).toBeUndefined();
    expect(server.requests).toEqual([]);
  });

  it.each<[string, Answer]>([
    ["is silent", "silence"],
    ["fails", { status: 500, body: { error_code: 50001, message: "store" } }],
    ["answers with another server's page", { status: 404, text: "<html>not found</html>" }],
    ["wants to be asked elsewhere", { status: 302, text: "", location: "http://127.0.0.1:1/" }],
    ["does not know us", { status: 401, body: { message: "Unauthorized" } }],
    ["answers with something else", { status: 200, body: { hello: "world" } }],
    ["sends something that is not JSON", { status: 503, text: "{" }],
  ])("counts as unavailable when it %s, so that nothing is dead-lettered for it (S2, S4)", async (_, answer) => {
    const timeoutMs = answer === "silence" ? 1000 : 10_000;
    registry = schemaRegistry({ log: silentLogger }, { url: addressOf(server), timeoutMs, attempts: 2 });
    server.answer = () => answer;
    const error = await registry.typeOf(1).catch((caught) => caught);
    expect(SchemaRegistryUnavailable.is(error)).toBe(true);
    expect(error.retryable).toBe(true);
    expect(await registry.health?.()).toMatchObject({ status: "degraded" });
    server.answer = undefined;
    expect(await registry.typeOf(1)).toBeUndefined();
    expect(await registry.health?.()).toMatchObject({ status: "healthy" });
  });

  it("counts as unavailable when nobody listens", async () => {
    await server.stop();
    expect(SchemaRegistryUnavailable.is(await registry.idOf("PriceChanged", 1).catch((caught) => caught))).toBe(true);
    server = new FakeRegistry();
    await server.start();
  });

  it("refuses options that cannot work, all of them together", () => {
    expect(() => schemaRegistry({ log: silentLogger }, { url: "ftp://x", timeoutMs: 0 })).toThrow(/url.*timeoutMs/);
  });
});

describe("an envelope's schema", () => {
  it("says which event and major it is for", () => {
    for (const { eventType, major, envelopeSchema } of contractsOfAllMajors) {
      expect(eventOf(JSON.stringify(envelopeSchema))).toEqual({ eventType, major });
    }
    expect(eventOf("{")).toBeUndefined();
    expect(eventOf('"text"')).toBeUndefined();
    expect(eventOf('{"properties":{"eventType":{"const":"X"}}}')).toBeUndefined();
  });
});

/** For another client, one that has learnt nothing yet. */
function addressOf(server: FakeRegistry): string {
  const { port } = (server as unknown as { server: { address(): AddressInfo } }).server.address();
  return `http://127.0.0.1:${port}`;
}
