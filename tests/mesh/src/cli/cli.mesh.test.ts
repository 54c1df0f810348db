import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { contractOf } from "@weft/contracts";
import { eventually } from "@weft/testkit";
import { inTurns } from "../dev/refusal.ts";
import { expectFailure, type Fixture, json, type Ran, startFixture } from "./commands.ts";

const closed = "127.0.0.1:1";
const closedPostgres = `postgres://weft:sesame@${closed}/{database}`;
const databases = ["catalog", "customer", "pricing", "promotion", "review", "shipping", "warehouse_inventory"];
const serviceNames = [...databases.map((name) => `${name.replaceAll("_", "-")}-service`), "gateway"].sort();
const example = contractOf("PromotionCreated")!.examples[0] as unknown as { data: Record<string, unknown> };
const promotion = (promotionId: string, changes: Record<string, unknown> = {}) => ({
  ...example.data,
  promotionId,
  ...changes,
});

describe("pnpm weft", () => {
  let on: Fixture;
  const turns = inTurns(2);
  /** Several runs side by side, their results in the order of the runs. */
  const all = (...runs: (() => Promise<Ran>)[]) => Promise.all(runs.map(turns)) as Promise<Ran[]>;
  const both = (...args: string[]) =>
    all(
      () => on.weft(args),
      () => on.weft([...args, "--json"]),
    ) as Promise<[Ran, Ran]>;

  beforeAll(async () => {
    on = await startFixture();
  }, 180_000);
  afterAll(() => on?.close(), 90_000);

  describe("shows help with code 0, and refuses what it does not know with code 2:", () => {
    const commands = [
      "",
      "dev",
      "services",
      "services list",
      "call",
      "events",
      "events list",
      "events show",
      "events validate",
      "events publish",
      "events tail",
      "schemas",
      "schemas check",
      "schemas register",
      "schemas generate",
      "outbox",
      "outbox status",
      "outbox resequence",
      "dlq",
      "dlq list",
      "dlq show",
      "groups",
      "groups lag",
      "groups rewind",
      "doctor",
    ].map((command) => command.split(" ").filter(Boolean));

    it("every command has --help", async () => {
      const ran = await all(...commands.map((command) => () => on.away(...command, "--help")));
      for (const [index, one] of ran.entries()) {
        expect(one).toMatchObject({ code: 0, stderr: "" });
        expect(one.stdout).toContain(`Usage: ${["weft", ...commands[index]!].join(" ")}`);
      }
    }, 120_000);

    it("an unknown command, option, argument, or none where one is needed: one line that names it", async () => {
      const wrong: [string[], string][] = [
        [["nope"], "nope"],
        [["events", "nope"], "nope"],
        [["events", "list", "--nope"], "--nope"],
        [["events", "list", "extra"], "extra"],
        [["events", "show"], "type"],
        [["events", "show", "Nope"], "there are CustomerCreated"],
        [["events", "publish", "PromotionCreated"], "--data"],
        [["events", "tail", "--topic", "nope"], "promotion.events"],
        [["events", "tail", "--type", "Nope"], "CustomerCreated"],
        [["call", "catalog-service", "FETCH", "/"], "GET, POST"],
        [["call", "catalog-service", "GET", "x"], "must begin with /"],
        [["call", "catalog-service", "GET", "/", "--timeout", "soon"], "milliseconds"],
        [["dlq", "list", "nope"], "catalog-service.dlq"],
        [["dlq", "list", "--limit", "0"], "1 to 1000"],
        [["dlq", "show", "nope"], "dlq list"],
        [["services", "list", "--consul", "nope"], "--consul must be a URL"],
        [["groups", "lag", "--kafka", "nope"], "--kafka must be host:port"],
        [["schemas", "register", "--schema-registry", "ftp://x"], "--schema-registry must be a URL"],
        [["outbox", "status", "--postgres", "postgres://weft:sesame@db/weft"], "{database}"],
      ];
      const ran = await all(
        ...wrong.map(
          ([args]) =>
            () =>
              on.away(...args),
        ),
      );
      for (const [index, one] of ran.entries()) {
        expectFailure(one, 2, wrong[index]![1]);
        expect(one.stderr).not.toContain("sesame");
      }
    }, 120_000);
  });

  describe("where no mesh runs", () => {
    it("says so once, with the way out, and code 1", async () => {
      const commands = [
        "services list",
        "events tail",
        "schemas register",
        "outbox status",
        "outbox resequence --service pricing-service",
        "dlq list",
        "groups lag",
        "groups rewind --group catalog-service",
        "doctor",
      ];
      const ran = await all(...commands.map((command) => () => on.away(...command.split(" "))));
      for (const one of ran) expectFailure(one, 1, "no mesh runs here", "npx -y pnpm dev", "--kafka");
    }, 180_000);

    it("works with the addresses that it is given, and needs only those of the command", async () => {
      const { kafka, consul, schemaRegistry, postgres } = on.mesh.runtime();
      const [services, lag, registered, outbox, dead, answer, doctor] = (await all(
        () => on.away("services", "list", "--json", "--consul", consul.url),
        () => on.away("groups", "lag", "--json", "--kafka", kafka.brokers.join(",")),
        () => on.away("schemas", "register", "--json", "--schema-registry", schemaRegistry.url),
        () => on.away("outbox", "status", "--json", "--postgres", postgres.url),
        () => on.away("dlq", "list", "--json", "--kafka", kafka.brokers.join(",")),
        () => on.away("call", "catalog-service", "GET", "/v1/catalog/products", "--consul", consul.url),
        () => on.away("doctor", "--json", "--consul", consul.url, "--kafka", kafka.brokers.join(",")),
      )) as [Ran, Ran, Ran, Ran, Ran, Ran, Ran];
      expect(json(services)).toHaveLength(serviceNames.length);
      expect(json(outbox)).toHaveLength(databases.length);
      for (const one of [lag, registered, dead]) expect(json(one)).toBeInstanceOf(Array);
      expect(json(answer)).toMatchObject({ status: 200 });
      expect((json(doctor) as { check: string }[]).map(({ check }) => check)).toEqual([
        "disk space",
        "Kafka",
        "services",
        "dependencies",
        "consumers",
        "dead letters",
      ]);
    }, 180_000);

    it("gives up after ten seconds on servers that do not answer, in one line", async () => {
      const commands = [
        ["services", "list", "--consul", `http://${closed}`],
        ["call", "catalog-service", "GET", "/", "--consul", `http://${closed}`],
        ["groups", "lag", "--kafka", closed],
        ["events", "tail", "--kafka", closed],
        ["schemas", "register", "--schema-registry", `http://${closed}`],
        ["outbox", "status", "--postgres", closedPostgres],
      ];
      const ran = await Promise.all(
        commands.map((command) =>
          turns(async () => {
            const begun = performance.now();
            return { one: await on.away(...command), took: performance.now() - begun };
          }),
        ),
      );
      for (const { one, took } of ran) {
        expectFailure(one, 1, "did not answer");
        expect(one.stderr).not.toContain("sesame");
        expect(took).toBeLessThan(40_000);
      }
    }, 300_000);
  });

  it("services list: every instance with health, version and address", async () => {
    // A check that came at a busy moment makes a service critical until the next one, 10 s later.
    const [text, rows] = await eventually(
      "all pass",
      async () => {
        const ran = await both("services", "list");
        return !ran[1].stdout.includes("critical") && ran;
      },
      { timeoutMs: 60_000 },
    );
    expect(json(rows)).toEqual(
      serviceNames.map((service) => ({
        service,
        health: "passing",
        version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
        http: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
        grpc: expect.any(String),
        instance: expect.stringContaining(service),
      })),
    );
    const lines = text.stdout.trim().split("\n");
    expect(lines[0]).toMatch(/^SERVICE +HEALTH +VERSION/);
    expect(lines).toHaveLength(1 + serviceNames.length);
  }, 120_000);

  it("call: asks through discovery, writes with a body, and fails with what the service says", async () => {
    const body = { customerId: "cust_cli", email: "cli@example.com", profile: { firstName: "C", lastName: "L" } };
    const path = "/v1/customers";
    const [created] = (await all(() =>
      on.weft(
        ["call", "customer-service", "post", path, "--data", "-", "--idempotency-key", "k1"],
        JSON.stringify(body),
      ),
    )) as [Ran];
    expect(json(created)).toMatchObject({ status: 201, data: { customer: { customerId: "cust_cli" } } });
    const [read, missing, nobody] = (await all(
      () => on.weft(["call", "customer-service", "GET", `${path}/cust_cli`]),
      () => on.weft(["call", "customer-service", "GET", `${path}/cust_nobody`]),
      () => on.weft(["call", "nobody-service", "GET", "/"]),
    )) as [Ran, Ran, Ran];
    expect(json(read)).toMatchObject({ status: 200, data: { customer: { email: "cli@example.com" } } });
    expectFailure(missing, 1, "cust_nobody");
    expectFailure(nobody, 1, "no nobody-service is registered", "catalog-service");
  });

  it("events list and show: every type, its schema and an example that validates", async () => {
    const [text, list] = await both("events", "list");
    const types = json(list) as { type: string }[];
    expect(types).toHaveLength(13);
    expect(types[0]).toEqual({ type: "CustomerCreated", version: "1.0", topic: "customer.events", key: "customerId" });
    expect(text.stdout.trim().split("\n")).toHaveLength(14);
    const shown = await on.weft(["events", "show", "PromotionCreated"]);
    expect(json(shown)).toMatchObject({
      eventType: "PromotionCreated",
      topic: "promotion.events",
      key: "promotionId",
      subject: "promotion.events-PromotionCreated",
      schema: { type: "object" },
      example: { eventType: "PromotionCreated" },
    });
  });

  it("schemas register: changes nothing that is there, and says so", async () => {
    const [text, rows] = await both("schemas", "register");
    const registered = json(rows) as { subject: string; created: boolean }[];
    expect(registered).toHaveLength(13);
    expect(registered.filter(({ created }) => created)).toEqual([]);
    expect(text.stdout).toContain("promotion.events-PromotionCreated");
  });

  it("outbox status and groups lag: every database and every subscription", async () => {
    const [[outboxText, outbox], [lagText, lag]] = await Promise.all([both("outbox", "status"), both("groups", "lag")]);
    expect((json(outbox) as { database: string }[]).map(({ database }) => database)).toEqual(databases);
    expect(outboxText.stdout).toMatch(/^DATABASE +PENDING +QUARANTINED/);
    const groups = json(lag) as { group: string; topic: string; lag: number; members: number }[];
    expect(groups).toContainEqual(
      expect.objectContaining({ group: "promotion-service", topic: "customer.events", state: "Stable", members: 1 }),
    );
    expect(lagText.stdout).toMatch(/^GROUP +STATE/);
  });

  describe("events validate and publish", () => {
    it("takes data alone, a whole envelope, standard input, and another key", async () => {
      const data = on.file("data.json", promotion("promo_cli_data"));
      const envelope = on.file("envelope.json", {
        eventType: "PromotionCreated",
        data: promotion("promo_cli_envelope"),
      });
      const before = await on.written("promotion.events");
      const [valid, asText, one, two, three, four] = (await all(
        () => on.weft(["events", "validate", "PromotionCreated", data, "--json"]),
        () => on.weft(["events", "validate", "PromotionCreated", envelope]),
        () => on.weft(["events", "publish", "PromotionCreated", "--data", data, "--json"]),
        () => on.weft(["events", "publish", "PromotionCreated", "--data", envelope]),
        () =>
          on.weft(
            ["events", "publish", "PromotionCreated", "--data", "-"],
            JSON.stringify(promotion("promo_cli_stdin")),
          ),
        () => on.weft(["events", "publish", "PromotionCreated", "--data", data, "--key", "another", "--json"]),
      )) as [Ran, Ran, Ran, Ran, Ran, Ran];
      expect(json(valid)).toEqual({ valid: true });
      expect(asText.stdout).toContain("is a valid PromotionCreated");
      expect(json(one)).toMatchObject({ published: true, topic: "promotion.events" });
      for (const { stdout } of [two, three]) expect(stdout).toMatch(/^Published PromotionCreated [0-9a-f-]{36} to /);
      expect(await on.written("promotion.events")).toBe(before + 4);

      const tail = on.tail("--topic", "promotion.events", "--from-beginning", "--json");
      const another = await eventually("the record with another key is shown", () =>
        tail.lines.map((line) => JSON.parse(line)).find(({ key }) => key === "another"),
      );
      expect(another.headers).toMatchObject({
        source: "weft-cli",
        "event-id": (json(four) as { eventId: string }).eventId,
      });
      expect(another.headers).not.toHaveProperty("event-sequence");
      expect(await tail.stop()).toBe(0);
    }, 180_000);

    it("refuses what the schema refuses, names the field, and nothing reaches any topic", async () => {
      const whole = (changes: Record<string, unknown>) => ({
        eventType: "PromotionCreated",
        data: promotion("promo_wrong"),
        ...changes,
      });
      const wrong: [string, unknown, 1 | 2, ...string[]][] = [
        ["missing", promotion("promo_wrong", { name: undefined }), 1, "data.name is required"],
        ["type", promotion("promo_wrong", { name: 7 }), 1, "data.name must be string"],
        ["unknown", promotion("promo_wrong", { colour: "red" }), 1, "data.colour is not a known field"],
        [
          "nested",
          promotion("promo_wrong", { rules: { actions: { discountValue: "10" } } }),
          1,
          "data.rules.actions.discountValue must be number",
        ],
        ["date", promotion("promo_wrong", { effectiveFrom: "tomorrow" }), 1, "data.effectiveFrom", "date-time"],
        ["enum", promotion("promo_wrong", { type: "gift" }), 1, "data.type must be one of percentage"],
        ["two", promotion("promo_wrong", { name: 7, type: "gift" }), 1, "data.name", "data.type"],
        ["list", [1], 1, "data must be object"],
        ["envelope-type", whole({ eventType: "PriceChanged" }), 1, "eventType is PriceChanged, not PromotionCreated"],
        ["envelope-field", whole({ colour: "red" }), 1, "colour is not a known field"],
        ["envelope-version", whole({ version: "9.0" }), 1, "version"],
        ["envelope-id", whole({ eventId: 7 }), 1, "eventId"],
        ["envelope-time", whole({ timestamp: "yesterday" }), 1, "timestamp"],
        ["text", "not json", 2, "is not JSON"],
        ["empty", "", 2, "is not JSON"],
        ["too-large", promotion("promo_wrong", { name: "x".repeat(3 * 1024 * 1024) }), 2, "is larger than"],
        [
          "large",
          promotion("promo_wrong", { name: "x".repeat(1_500_000) }),
          1,
          "takes 1500",
          "an event may take 900000",
        ],
      ];
      const topics = ["promotion.events", "pricing.events"];
      const before = await Promise.all(topics.map(on.written));
      const ran = await all(
        ...wrong.map(
          ([name, content]) =>
            () =>
              on.weft(["events", "publish", "PromotionCreated", "--data", on.file(`${name}.json`, content)]),
        ),
        () => on.weft(["events", "publish", "PromotionCreated", "--data", "-"], '{"promotionId":1}'),
        () => on.weft(["events", "publish", "PromotionCreated", "--data", "/nowhere/at/all.json"]),
        () => on.weft(["events", "publish", "Nope", "--data", on.file("fine.json", promotion("promo_wrong"))]),
        () =>
          on.weft([
            "events",
            "validate",
            "PromotionCreated",
            on.file("date.json", promotion("p", { effectiveFrom: 1 })),
          ]),
      );
      for (const [index, [, , code, ...says]] of wrong.entries()) expectFailure(ran[index]!, code, ...says);
      const [stdin, nowhere, type, validated] = ran.slice(wrong.length) as [Ran, Ran, Ran, Ran];
      expectFailure(stdin, 1, "data.promotionId must be string", "data.name is required");
      expectFailure(nowhere, 2, "/nowhere/at/all.json cannot be read (ENOENT)");
      expectFailure(type, 2, "no event type Nope");
      expectFailure(validated, 1, "data.effectiveFrom must be string");
      expect(await Promise.all(topics.map(on.written))).toEqual(before);
    }, 120_000);
  });

  it("events tail: shows a chain of events with one correlation id, filters by type, ends with 0", async () => {
    const { api } = on.mesh;
    const requestId = "cli-chain-1";
    const tails = [
      on.tail("--json"),
      on.tail("--type", "PromotionApplied", "--from-beginning"),
      on.tail("--key", "cust_chain", "--from-beginning"),
    ] as const;
    await api("POST", "/v1/customers", {
      body: { customerId: "cust_chain", email: "chain@example.com", profile: { firstName: "C", lastName: "N" } },
    });
    await api("POST", "/v1/promotions", {
      body: {
        ...promotion("promo_chain", { rules: { conditions: {}, actions: { discountValue: 10 } } }),
        effectiveFrom: "2026-01-01T00:00:00Z",
        effectiveTo: "2099-01-01T00:00:00Z",
        status: undefined,
        createdBy: undefined,
        createdAt: undefined,
      },
    });
    // It follows from its start on: this event is only there to see that it does.
    await eventually(
      "the tail follows",
      async () => {
        await api("PATCH", "/v1/customers/cust_chain", { body: { preferences: { seen: `${performance.now()}` } } });
        return tails[0].lines.length > 0;
      },
      { everyMs: 200, timeoutMs: 60_000 },
    );
    const applied = await api("POST", "/v1/promotions/promo_chain/apply", {
      body: {
        orderId: "order_chain",
        customerId: "cust_chain",
        items: [{ productId: "prod_1", quantity: 2, unitPrice: 600 }],
      },
      headers: { "x-request-id": requestId },
    });
    expect(applied.status).toBe(201);
    const order = ["PromotionApplied", "CustomerUpdated"];
    const chain = await eventually("the chain is shown", () => {
      const events = tails[0].lines.map((line) => JSON.parse(line)).filter((one) => one.correlationId === requestId);
      // They are of two topics: one answer may hold both, in any order.
      return events.length >= 2 && events.sort((a, b) => order.indexOf(a.eventType) - order.indexOf(b.eventType));
    });
    expect(chain.map(({ eventType }: { eventType: string }) => eventType)).toEqual(order);
    expect(chain[1].headers["causation-id"]).toBe(chain[0].headers["event-id"]);
    await eventually("the others show theirs", () => tails[1].lines.length > 0 && tails[2].lines.length > 1, {
      timeoutMs: 60_000,
    });
    expect(tails[1].lines).toEqual([
      expect.stringMatching(/PromotionApplied order_chain #1 correlation-id=cli-chain-1 \{/),
    ]);
    for (const line of tails[2].lines) expect(line).toContain(" cust_chain ");
    expect(await Promise.all(tails.map((tail) => tail.stop()))).toEqual([0, 0, 0]);
  }, 300_000);

  it("dlq list and show, and doctor: a poisoned record is found, shown whole, and harmless to the terminal", async () => {
    const fine = await on.weft(["doctor"]);
    expect(fine).toMatchObject({ code: 0, stderr: "" });
    expect(fine.stdout).toContain("Nothing is wrong.");

    await on.broker.send([
      {
        topic: "promotion.events",
        key: Buffer.from("evil\u001b[2J\nkey"),
        value: Buffer.from("not in the wire format"),
        headers: { "event-type": Buffer.from("Evil\u001b]0;x\u0007") },
      },
    ]);
    await eventually("it is a dead letter of both subscribers", async () => {
      const counts = await Promise.all(["catalog-service.dlq", "customer-service.dlq"].map(on.written));
      return counts.every((count) => count > 0);
    });
    const [text, rows] = await both("dlq", "list");
    const [one, none] = (await all(
      () => on.weft(["dlq", "list", "catalog-service", "--json"]),
      () => on.weft(["dlq", "show", "pricing-service.dlq:0:0"]),
    )) as [Ran, Ran];
    const [doctorText, doctor] = await both("doctor");
    const tail = on.tail("--topic", "promotion.events", "--from-beginning");
    await eventually("tail shows it", () => tail.lines.some((line) => line.includes("evil")), { timeoutMs: 60_000 });
    await tail.stop();
    const listed = json(rows) as { id: string; reason: string; from: string }[];
    expect(listed.map(({ id }) => id).sort()).toEqual(["catalog-service.dlq:0:0", "customer-service.dlq:0:0"]);
    expect(listed[0]).toMatchObject({
      reason: "undecodable",
      from: expect.stringMatching(/^promotion\.events\/\d@\d+$/),
    });
    expect(json(one)).toHaveLength(1);
    for (const output of [text.stdout, doctorText.stdout, tail.lines.join("\n")])
      expect(output.replaceAll("\n", "")).not.toMatch(/\p{Cc}/u);
    expectFailure(none, 1, "pricing-service.dlq:0:0 does not exist");

    const shown = json(await on.weft(["dlq", "show", "catalog-service.dlq:0:0"])) as Record<string, unknown>;
    expect(shown).toMatchObject({ reason: "undecodable", headers: { "dlq-topic": "promotion.events" } });
    expect(Buffer.from(String(shown.base64), "base64").toString()).toBe("not in the wire format");

    expect(doctorText.code).toBe(1);
    expect(doctorText.stdout).toMatch(/✗ dead letters +catalog-service\.dlq: 1, customer-service\.dlq: 1/);
    expect(doctorText.stdout).toContain("pnpm weft dlq list");
    expect(doctor.code).toBe(1);
    expect(JSON.parse(doctor.stdout).filter(({ ok }: { ok: boolean }) => !ok)).toHaveLength(1);
  }, 240_000);

  it("doctor finds a service that stands still, before Consul does", async () => {
    const { pid } = on.mesh.runtime().services.find(({ name }) => name === "pricing-service")!;
    process.kill(pid, "SIGSTOP");
    try {
      const ran = await on.weft(["doctor"]);
      expect(ran.code).toBe(1);
      expect(ran.stdout).toMatch(/✗ services +pricing-service \(.*\) is \w+ and does not answer/);
    } finally {
      process.kill(pid, "SIGCONT");
    }
  }, 180_000);
});
