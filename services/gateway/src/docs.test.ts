import { createHash } from "node:crypto";
import { describe, expect, it } from "@jest/globals";
import { newContext, RateLimited, silentLogger } from "@weft/core";
import type { ServiceInstance } from "@weft/discovery";
import type { RawRequest } from "@weft/transport";
import { docsRoute } from "./docs.ts";
import { mergeDocuments, type OpenApiDocument } from "./merge-documents.ts";

const document = (paths: OpenApiDocument["paths"], schemas: Record<string, unknown> = {}): OpenApiDocument => ({
  openapi: "3.1.0",
  info: { title: "x", version: "1" },
  paths,
  components: { schemas },
});
const reference = (name: string) => ({ schema: { $ref: `#/components/schemas/${name}` } });
const serves = () => true;

describe("the merged document", () => {
  it("has the paths as they are here, and one of each equal schema", () => {
    const merged = mergeDocuments(
      [
        ["a", document({ "/v1/a/{id}": { get: { summary: "A" } } }, { Error: { type: "object" } })],
        ["b", document({ "/v1/b": { get: { summary: "B" } } }, { Error: { type: "object" } })],
      ],
      { version: "1", serves },
    );
    expect(Object.keys(merged.paths)).toEqual(["/api/v1/a/{id}", "/api/v1/b"]);
    expect(Object.keys(merged.components!.schemas!)).toEqual(["Error"]);
  });

  it("keeps schemas apart that differ under one name", () => {
    const merged = mergeDocuments(
      [
        ["a", document({ "/v1/a": { get: reference("Item") } }, { Item: { type: "object" } })],
        ["b", document({ "/v1/b": { get: reference("Item") } }, { Item: { type: "string" } })],
      ],
      { version: "1", serves },
    );
    expect(merged.components!.schemas).toEqual({ Item: { type: "object" }, "b.Item": { type: "string" } });
    expect(merged.paths["/api/v1/b"]!.get).toEqual(reference("b.Item"));
    expect(merged.paths["/api/v1/a"]!.get).toEqual(reference("Item"));
  });

  it("says of each service which events it publishes and reads", () => {
    const events = { publishes: ["PriceChanged"], subscribes: [] };
    const merged = mergeDocuments(
      [
        ["a", { ...document({}), "x-weft-events": events }],
        ["b", document({})],
      ],
      { version: "1", serves },
    );
    expect(merged["x-weft-events"]).toEqual({ a: events });
  });

  it("leaves out what is routed elsewhere, and names who did not answer", () => {
    const merged = mergeDocuments(
      [
        ["a", document({ "/v1/a": {}, "/v1/b/{id}": {} })],
        ["gone", undefined],
      ],
      { version: "1", serves: (_service, path) => path === "/v1/a" },
    );
    expect(Object.keys(merged.paths)).toEqual(["/api/v1/a"]);
    expect(merged["x-weft-unavailable"]).toEqual(["gone"]);
  });
});

describe("GET /docs", () => {
  let asked = 0;
  const answers: Record<string, () => Buffer> = {
    good: () =>
      Buffer.from(
        JSON.stringify(
          document({
            "/v1/good": {
              get: { summary: "<script>alert(1)</script>", tags: ["good"], parameters: [{ name: "q", in: "query" }] },
            },
          }),
        ),
      ),
    broken: () => Buffer.from("{"),
    away: () => {
      throw new Error("no instance");
    },
  };
  const { begin } = docsRoute(
    {
      routes: {
        services: () => Object.keys(answers),
        match: (path) => ({ service: path.split("/")[2]!, isPublicRead: false }),
      },
      clientFor: (service) => ({
        async forward() {
          asked += 1;
          return { status: 200, headers: {}, body: answers[service]!(), instance: {} as ServiceInstance };
        },
      }),
      log: silentLogger,
      limitStrangers({ remoteAddress }) {
        if (remoteAddress === "10.0.0.9") throw new RateLimited();
      },
    },
    { version: "1" },
  );
  const get = async (more: Partial<RawRequest> = {}) => {
    const answer = await begin({
      method: "GET",
      url: "/docs",
      headers: {},
      remoteAddress: "",
      context: newContext(),
      ...more,
    });
    return answer(Buffer.alloc(0));
  };

  it("is the merged document, without those that fail, and is kept for a while", async () => {
    const { headers, body } = await get();
    expect(headers["Content-Type"]).toBe("application/json; charset=utf-8");
    expect(JSON.parse(body.toString())).toMatchObject({
      paths: { "/api/v1/good": {} },
      "x-weft-unavailable": ["broken", "away"],
    });
    await get();
    expect(asked).toBe(3);
  });

  it("is a page where HTML is asked for, without scripts, with every text escaped and its one style allowed", async () => {
    const { headers, body } = await get({ headers: { accept: "text/html,*/*" } });
    const page = body.toString();
    expect(headers["Content-Type"]).toBe("text/html; charset=utf-8");
    expect(page).toContain("/api/v1/good");
    expect(page).not.toContain("<script");
    expect(page).not.toMatch(/(src|href)=/);
    const style = /<style>(.*)<\/style>/s.exec(page)![1]!;
    const hash = createHash("sha256").update(style).digest("base64");
    expect(headers["Content-Security-Policy"]).toContain(`style-src 'sha256-${hash}'`);
  });

  it("is made once for all who ask while it is kept, as a document and as a page", async () => {
    const pages = await Promise.all([1, 2, 3].map(() => get({ headers: { accept: "text/html" } })));
    const documents = await Promise.all([1, 2, 3].map(() => get()));
    for (const [first, ...others] of [pages, documents]) {
      for (const one of others) expect(one.body).toBe(first!.body);
    }
    expect(asked).toBe(3);
  });

  it("is limited as other requests of strangers are", async () => {
    await expect(get({ remoteAddress: "10.0.0.9" })).rejects.toMatchObject({ code: "RATE_LIMITED" });
  });

  it("is nothing below, and is only read", async () => {
    await expect(get({ url: "/docs/more" })).rejects.toMatchObject({ code: "NOT_FOUND" });
    await expect(get({ method: "POST" })).rejects.toMatchObject({ code: "METHOD_NOT_ALLOWED" });
  });
});
