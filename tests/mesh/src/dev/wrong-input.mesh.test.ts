import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import {
  type Attempt,
  attempt,
  type Expected,
  expectRefusal,
  heldToPermissions,
  inTurns,
  type Outcome,
  processesWith,
} from "./refusal.ts";
import { type ScratchRepository, scratchRepository } from "./scratch-repository.ts";

const nobody = 65_534;
const isRoot = process.getuid?.() === 0;
let folder: string;
const inFolder = (name: string) => join(folder, name);

// Not before: what only reads which tests there are leaves no folder behind.
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "weft-wrong-"));
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

const closed = "127.0.0.1:1";
const elsewhere = {
  WEFT_KAFKA_BROKERS: closed,
  WEFT_SCHEMA_REGISTRY_URL: `http://${closed}`,
  WEFT_CONSUL_URL: `http://${closed}`,
  WEFT_POSTGRES_URL: `postgres://weft:sesame@${closed}/{database}`,
};

interface SchemaDocument {
  description: string;
  topic: string;
  schema: { properties: Record<string, unknown> };
  examples?: { data: Record<string, unknown> }[];
  counterExamples: unknown[];
}

type Case = [string, Attempt, Expected];

describe("pnpm dev, used wrongly, says so in one line with code 2 before it touches anything:", () => {
  const dev = (...args: string[]): Attempt => ({ args: ["dev", ...args] });
  const withEnvironment = (environment: NodeJS.ProcessEnv, ...args: string[]): Attempt => ({
    args: ["dev", ...args],
    environment,
  });
  const wrong = (...says: string[]): Expected => ({ code: 2, says });
  const cases: Case[] = [
    ["an unknown option", dev("--nope"), wrong("unknown option '--nope'", "--help")],
    ["an argument too many", dev("extra"), wrong("too many arguments", "extra")],
    ["an unknown kind of infrastructure", dev("--infra", "cloud"), wrong("embedded, docker, external")],
    ["--infra without a kind", dev("--infra"), wrong("--infra <kind>")],
    ["--only with an unknown service", dev("--only", "pricing,nope"), wrong("no service nope", "catalog, customer")],
    ["--only with nothing", dev("--only", ","), wrong("name services", "catalog")],
    ["--scale without a number", dev("--scale", "catalog"), wrong("catalog=2")],
    ["--scale with none", dev("--scale", "catalog=0"), wrong("1 to 10")],
    ["--scale with too many", dev("--scale", "catalog=11"), wrong("1 to 10")],
    ["--scale with an unknown service", dev("--scale", "nope=2"), wrong("no service nope")],
    ["--scale of what --only leaves out", dev("--only", "pricing", "--scale", "catalog=2"), wrong("--only leaves out")],
    ["a server's port that is no number", withEnvironment({ WEFT_KAFKA_PORT: "abc" }), wrong("WEFT_KAFKA_PORT", "abc")],
    ["a service's port out of range", withEnvironment({ WEFT_CATALOG_HTTP_PORT: "70000" }), wrong("70000", "65535")],
    ["a negative port of the overview", withEnvironment({ WEFT_CONSOLE_PORT: "-1" }), wrong("WEFT_CONSOLE_PORT")],
    ["a broken advertised address", withEnvironment({ WEFT_KAFKA_ADVERTISED: "x" }), wrong("WEFT_KAFKA_ADVERTISED")],
    [
      "--infra external without addresses",
      dev("--infra", "external"),
      wrong("WEFT_KAFKA_BROKERS, WEFT_SCHEMA_REGISTRY_URL, WEFT_CONSUL_URL, WEFT_POSTGRES_URL are not set"),
    ],
    [
      "--infra external with one address missing",
      withEnvironment({ ...elsewhere, WEFT_CONSUL_URL: "" }, "--infra", "external"),
      wrong("WEFT_CONSUL_URL is not set"),
    ],
    [
      "an address that is none",
      withEnvironment({ ...elsewhere, WEFT_KAFKA_BROKERS: "broker" }, "--infra", "external"),
      wrong("WEFT_KAFKA_BROKERS must be host:port"),
    ],
    [
      "a database address without a place for the name",
      withEnvironment({ ...elsewhere, WEFT_POSTGRES_URL: "postgres://weft:sesame@db/weft" }, "--infra", "external"),
      wrong("WEFT_POSTGRES_URL", "{database}"),
    ],
  ];
  const turns = inTurns(3);
  const outcomes = new Map<string, Promise<Outcome>>();
  beforeAll(() => {
    for (const [index, [name, one]] of cases.entries())
      outcomes.set(
        name,
        turns(() => attempt(inFolder(`use-${index}`), one)),
      );
  });

  it.each(cases)("%s", async (name, _attempt, expected) => {
    const outcome = await outcomes.get(name)!;
    expectRefusal(outcome, expected);
    expect(outcome.stderr).not.toContain("sesame");
    expect(outcome.stdout).toBe("");
    expect(existsSync(outcome.stateDir)).toBe(false);
  });

  it("servers elsewhere that do not answer: code 1, one line", async () => {
    const outcome = await attempt(inFolder("elsewhere"), withEnvironment(elsewhere, "--infra", "external"));
    expectRefusal(outcome, { code: 1, says: "did not answer" });
    expect(outcome.stderr).not.toContain("sesame");
  });
});

describe("pnpm dev --infra docker", () => {
  it("without an engine: code 1, one line, with the way out, and nothing forgotten", async () => {
    const environment = { DOCKER_HOST: `unix://${inFolder("no-engine.sock")}` };
    const data = inFolder("no-engine/data");
    mkdirSync(data, { recursive: true });
    writeFileSync(inFolder("no-engine/format"), "1\n");
    const outcome = await attempt(inFolder("no-engine"), {
      args: ["dev", "--infra", "docker", "--fresh"],
      environment,
    });
    expectRefusal(outcome, { code: 1, says: ["Docker", "without --infra docker"] });
    expect(existsSync(data)).toBe(true);
  });
});

describe("pnpm dev, with a state directory that it cannot use, says why and the way out with code 1:", () => {
  const failed = (...says: string[]): Expected => ({ code: 1, says });
  const dev: Attempt = { args: ["dev"] };

  it("a file in its place", async () => {
    writeFileSync(inFolder("file"), "mine");
    expectRefusal(await attempt(inFolder("file"), dev), failed("not a folder", "move it away"));
    expectRefusal(await attempt(inFolder("file/deeper"), dev), failed("not a folder"));
    expect(readFileSync(inFolder("file"), "utf8")).toBe("mine");
  });

  it("a place where no folder can be made, or whose parent is missing", async () => {
    if (existsSync("/proc/self"))
      expectRefusal(await attempt("/proc/weft", dev), failed("/proc/weft cannot be used", "WEFT_STATE_DIR"));
    expectRefusal(await attempt(inFolder("no/such/parent"), dev), failed("does not exist", "make that one first"));
    expect(existsSync(inFolder("no"))).toBe(false);
  });

  it("a folder of somebody else's", async () => {
    const through = heldToPermissions();
    if (through === undefined) {
      process.stdout.write("root cannot be held to permissions here, as there is no setpriv, so nothing was shown\n");
      return;
    }
    const path = inFolder("read-only");
    mkdirSync(path);
    chmodSync(path, 0o555);
    if (isRoot) chownSync(path, nobody, nobody);
    const stranger = { ...dev, through };
    expectRefusal(await attempt(join(path, ".weft"), stranger), failed("may not write there", "owner"));
    expectRefusal(await attempt(path, stranger), failed("may not write there", "owner"));
    expect(readdirSync(path)).toEqual([]);
  });

  it("an older format, a newer one, data of unknown format: nothing is changed, and --fresh is named", async () => {
    for (const [name, format] of [
      ["older", "0"],
      ["newer", "2"],
      ["unknown", undefined],
    ] as const) {
      const path = inFolder(name);
      mkdirSync(join(path, "data/kafka"), { recursive: true });
      writeFileSync(join(path, "data/kafka/segment"), "precious");
      if (format !== undefined) writeFileSync(join(path, "format"), `${format}\n`);
      expectRefusal(await attempt(path, dev), failed("pnpm dev --fresh", "moving it away"));
      expect(readFileSync(join(path, "data/kafka/segment"), "utf8")).toBe("precious");
      expect(existsSync(join(path, "format"))).toBe(format !== undefined);
    }
  });

  it("a folder with other things in it, which --fresh leaves alone", async () => {
    const path = inFolder("home");
    mkdirSync(join(path, "data"), { recursive: true });
    writeFileSync(join(path, "thesis.txt"), "precious");
    writeFileSync(join(path, "data/measured.csv"), "precious");
    expectRefusal(await attempt(path, { args: ["dev", "--fresh"] }), failed("thesis.txt", "removes nothing there"));
    expect(readdirSync(path).sort()).toEqual(["data", "thesis.txt"]);
    expect(readdirSync(join(path, "data"))).toEqual(["measured.csv"]);
  });

  it("a key that is none", async () => {
    const path = inFolder("key");
    mkdirSync(join(path, "keys"), { recursive: true });
    writeFileSync(join(path, "keys/jwt.jwk.json"), "{");
    expectRefusal(await attempt(path, dev), failed("jwt.jwk.json", "remove it"));
  });

  it("no space on its disk, from the first byte or while the servers start", async () => {
    const disk = inFolder("disk");
    mkdirSync(disk);
    try {
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", disk], { stdio: "pipe" });
    } catch (error) {
      process.stdout.write(`no small disk can be mounted here, so nothing was shown: ${(error as Error).message}\n`);
      return;
    }
    try {
      expectRefusal(await attempt(join(disk, "later"), dev), failed("postgres did not start", "no space left"));
      rmSync(join(disk, "later"), { recursive: true, force: true });
      const full = join(disk, "full");
      expect(() => writeFileSync(full, Buffer.alloc(2 * 1024 * 1024))).toThrow("ENOSPC");
      expectRefusal(await attempt(join(disk, "at-once"), dev), failed("no space left", "free some"));
    } finally {
      execFileSync("umount", [disk]);
    }
  }, 120_000);
});

describe("pnpm dev, in a repository that is broken, names the file and what is wrong with it:", () => {
  let scratch: ScratchRepository;
  let stateDir: string;
  const servers: Server[] = [];

  beforeAll(() => {
    scratch = scratchRepository();
    stateDir = inFolder("scratch");
  });

  afterAll(() => {
    for (const server of servers) server.close();
    scratch.remove();
  });

  /** Puts a file's text in place for as long as `work` takes; nothing takes the file away. */
  async function withFile<T>(name: string, text: string | undefined, work: () => Promise<T>): Promise<T> {
    const path = join(scratch.path, name);
    const before = existsSync(path) ? readFileSync(path, "utf8") : undefined;
    if (text === undefined) rmSync(path);
    else writeFileSync(path, text);
    try {
      return await work();
    } finally {
      if (before === undefined) rmSync(path, { force: true });
      else writeFileSync(path, before);
    }
  }
  const original = (name: string) => readFileSync(join(scratch.path, name), "utf8");
  const run = (...args: string[]) => attempt(stateDir, { args, main: scratch.main });

  const configuration = "services/catalog/config/config.yaml";

  it("a configuration that is not YAML, or not there, or not an object: before anything starts", async () => {
    const broken = `${original(configuration)}\nextra: [`;
    const cases: [string | undefined, string][] = [
      [broken, "is not YAML"],
      [undefined, "cannot be read (ENOENT)"],
      ["- 1", "must be object"],
    ];
    for (const [text, says] of cases) {
      const outcome = await withFile(configuration, text, () => run("dev"));
      expectRefusal(outcome, { code: 2, says: [configuration, says], lines: 2 });
      expect(existsSync(stateDir)).toBe(false);
    }
  });

  it("leaves the other commands alone while a configuration is broken", async () => {
    const outcome = await withFile(configuration, "server: [", () => run("events", "list"));
    expect(outcome).toMatchObject({ code: 0, stderr: "" });
  });

  it("wrong fields in a configuration: all of them, with code 2, and everything that ran is stopped", async () => {
    const text = original(configuration)
      .replace(/tags: \[.*\]/, "tags: weft")
      .replace("name: catalog-service", "name: catalog-service\n    nmae: x");
    const outcome = await withFile(configuration, text, () => run("dev", "--only", "catalog"));
    expectRefusal(outcome, {
      code: 2,
      says: [
        "catalog-service did not start",
        configuration,
        "consul.service.tags: must be array",
        "consul.service.nmae",
      ],
      lines: 3,
    });
  }, 120_000);

  it("a migration that PostgreSQL refuses", async () => {
    const migration = "services/pricing/migrations/0900_broken.sql";
    const outcome = await withFile(migration, "CREATE TABLE half (id int);\nCREATE TABEL x ();\n", () =>
      run("dev", "--only", "pricing"),
    );
    expectRefusal(outcome, {
      code: 1,
      says: ["pricing-service", migration, "rolled back", 'syntax error at or near "TABEL"'],
    });
  }, 120_000);

  it("a database that a newer version has migrated; and one that is whole after a broken migration", async () => {
    const migration = "services/pricing/migrations/0900_newer.sql";
    await withFile(migration, "CREATE TABLE half (id int);\n", async () => {
      const child = attempt(stateDir, {
        args: ["dev", "--only", "pricing", "--no-demo"],
        main: scratch.main,
        onOutput: (text) => {
          if (text.includes("Everything is up"))
            process.kill(JSON.parse(readFileSync(join(stateDir, "runtime.json"), "utf8")).pid, "SIGINT");
        },
      });
      expect(await child).toMatchObject({ code: 0, stderr: "" });
    });
    const outcome = await run("dev", "--only", "pricing");
    expectRefusal(outcome, { code: 1, says: ["pricing-service", "newer version", "0900_newer", "run that version"] });
  }, 120_000);

  it("a port that another program takes between the choice and the start", async () => {
    if (!existsSync("/proc/self/environ")) return;
    // The server needs some 300 ms from its birth to its port. Whoever loses that race here tries again.
    for (let round = 1; round <= 10; round++) {
      const probe = createServer();
      const port = await listening(probe, 0);
      await new Promise((resolve) => probe.close(resolve));
      const outcome = attempt(stateDir, {
        args: ["dev"],
        main: scratch.main,
        environment: { WEFT_KAFKA_PORT: String(port) },
      });
      const thief = createServer();
      servers.push(thief);
      let ended = false;
      void outcome.then(() => {
        ended = true;
      });
      while (!ended && processesWith(stateDir, "kafka\0--data-dir").length === 0)
        await new Promise((resolve) => setTimeout(resolve, 5));
      const stolen = await listening(thief, port).catch(() => undefined);
      if (stolen === undefined) {
        for (const pid of processesWith(stateDir, "main.ts\0dev")) process.kill(pid, "SIGINT");
        await outcome;
        continue;
      }
      expectRefusal(await outcome, { code: 1, says: ["kafka did not start", String(port), "choose another port"] });
      return;
    }
    throw new Error("the server was faster ten times");
  }, 400_000);

  describe("a schema document:", () => {
    const document = "schemas/events/customer/customer-created.json";
    const generated = "packages/contracts/src/generated";
    const fingerprint = () => {
      const hash = createHash("sha256");
      for (const entry of readdirSync(join(scratch.path, generated), { recursive: true, withFileTypes: true })
        .filter((one) => one.isFile())
        .map((one) => relative(scratch.path, join(one.parentPath, one.name)))
        .sort())
        hash.update(entry).update(original(entry));
      return hash.digest("hex");
    };
    const change = (edit: (document: SchemaDocument) => void) => {
      const parsed = JSON.parse(original(document)) as SchemaDocument;
      edit(parsed);
      return JSON.stringify(parsed, null, 2);
    };
    const stale = () =>
      attempt(stateDir, { args: ["--check"], main: join(scratch.path, "packages/contracts/src/generate/main.ts") });
    const file = "events/customer/customer-created.json";

    it.each<[string, () => string | undefined, string[]]>([
      ["that is not JSON", () => "{ nope", [file, "is not JSON"]],
      ["without examples", () => change((one) => delete one.examples), [file, "examples"]],
      [
        "with an example that its schema refuses",
        () => change((one) => delete one.examples?.[0]?.data.customerId),
        [`${file} at examples.0.data.customerId`, "is required"],
      ],
      [
        "with a counter-example that its schema takes",
        () => change((one) => one.counterExamples.push({ reason: "test", envelope: one.examples?.[0] })),
        [`${file} at counterExamples.`, "validates, although it should not"],
      ],
      ["for a topic that is not declared", () => change((one) => (one.topic = "nope.events")), [`${file} at topic`]],
      [
        "with a type that does not exist",
        () => change((one) => (one.schema.properties.email = { type: "text" })),
        [`${file} at schema`],
      ],
    ])("%s is refused with file and path, and nothing is generated", async (_name, text, says) => {
      const before = fingerprint();
      const [made, checked] = await withFile(document, text(), () =>
        Promise.all([run("schemas", "generate"), stale()]),
      );
      for (const text of says) expect(made.stderr).toContain(text);
      expect(made).toMatchObject({ code: 1, stdout: "" });
      expect(made.stderr).not.toMatch(/^\s+at .+:\d+/m);
      expect(checked.code).toBe(1);
      for (const text of says) expect(checked.stderr).toContain(text);
      expect(checked.stderr).not.toMatch(/^\s+at .+:\d+/m);
      expect(fingerprint()).toBe(before);
    });

    it("that was changed without generating is found, and generating puts it right", async () => {
      const text = change((one) => {
        one.description = "Another text.";
      });
      await withFile(document, text, async () => {
        const before = fingerprint();
        const found = await stale();
        expect(found.code).toBe(1);
        expect(found.stderr).toContain("pnpm weft schemas generate");
        expect(fingerprint()).toBe(before);
        expect((await run("schemas", "generate")).code).toBe(0);
        expect((await stale()).code).toBe(0);
      });
      expect((await run("schemas", "generate")).code).toBe(0);
    });
  });
});

function listening(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ port, host: "127.0.0.1" }, () => resolve((server.address() as { port: number }).port));
  });
}
