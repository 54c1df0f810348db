import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { filesIn } from "./files-in.ts";
import { checkContracts, generateContracts, type Problem, SchemasInvalid } from "./index.ts";

const schemas = fileURLToPath(new URL("../../../../schemas", import.meta.url));
const generated = fileURLToPath(new URL("../generated", import.meta.url));
const main = fileURLToPath(new URL("./main.ts", import.meta.url));

let folder: string;
let schemasDir: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "weft-contracts-"));
  schemasDir = join(folder, "schemas");
  cpSync(schemas, schemasDir, { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const applied = "events/promotion/promotion-applied.json";
const created = "events/promotion/promotion-created.json";
const inventory = "proto/inventory/v1/inventory.proto";
const history = "events/promotion/history/promotion-created.1.0.json";

/** Documents and topics.json as tests change them, rightly and wrongly. */
interface Draft {
  eventType: string;
  version: unknown;
  topic: string;
  key: string;
  publishers: string[];
  owner: string;
  schema: { properties: Record<string, Record<string, unknown>>; required: string[] };
  examples: DraftEnvelope[];
  counterExamples: { reason: string; envelope: DraftEnvelope }[];
  defaults: { partitions: unknown };
  topics: unknown[];
}
interface DraftEnvelope {
  eventType: string;
  version: string;
  data: Record<string, unknown>;
}

const without = (field: keyof Draft) => (document: Draft) => {
  Reflect.deleteProperty(document, field);
};
const envelopesOf = ({ examples, counterExamples }: Draft) => [
  ...examples,
  ...counterExamples.map(({ envelope }) => envelope),
];

function change(file: string, how: (document: Draft) => void): void {
  const document: Draft = JSON.parse(readFileSync(join(schemasDir, file), "utf8"));
  how(document);
  writeFileSync(join(schemasDir, file), JSON.stringify(document));
}

async function problems(): Promise<Problem[]> {
  try {
    await checkContracts({ schemasDir, outDir: generated });
  } catch (error) {
    if (SchemasInvalid.is(error)) return (error.details as { problems: Problem[] }).problems;
    throw error;
  }
  return [];
}

describe("generated contracts", () => {
  it("match the documents; else: pnpm weft schemas generate", async () => {
    expect(await checkContracts({ schemasDir: schemas, outDir: generated })).toEqual([]);
  });

  it("are the same bytes every time, and name what is stale or does not belong", async () => {
    const outDir = join(folder, "out");
    const files = filesIn(generated);
    expect(files).toEqual(expect.arrayContaining(["documents.ts", "types.ts", "validators.ts", "grpc/index.ts"]));
    expect(await generateContracts({ schemasDir, outDir })).toEqual(files);
    expect(await generateContracts({ schemasDir, outDir })).toEqual([]);
    for (const file of files)
      expect(readFileSync(join(outDir, file), "utf8")).toBe(readFileSync(join(generated, file), "utf8"));
    writeFileSync(join(outDir, "types.ts"), "export {};");
    writeFileSync(join(outDir, "stray.ts"), "");
    writeFileSync(join(outDir, "grpc/descriptor-set.ts"), "export {};");
    const stale = ["grpc/descriptor-set.ts", "stray.ts", "types.ts"];
    expect(await checkContracts({ schemasDir, outDir })).toEqual(stale);
    expect(await generateContracts({ schemasDir, outDir })).toEqual(stale);
    expect(filesIn(outDir)).toEqual(files);
  });

  it("follow a new field, a new event and a new major", async () => {
    const outDir = join(folder, "out");
    change(applied, (document) => {
      document.schema.properties.currency = { type: "string", enum: ["EUR", "USD"] };
    });
    mkdirSync(join(schemasDir, "events/returns"));
    cpSync(join(schemasDir, applied), join(schemasDir, "events/returns/goods-returned.json"));
    change("events/returns/goods-returned.json", (document) => {
      document.eventType = "GoodsReturned";
      for (const envelope of envelopesOf(document)) {
        envelope.eventType = "GoodsReturned";
      }
      document.counterExamples = document.counterExamples.filter(({ reason }) => !/nobody declared/.test(reason));
    });
    cpSync(join(schemasDir, applied), join(schemasDir, "events/promotion/promotion-applied.v2.json"));
    for (const file of [applied, "events/promotion/promotion-applied.v2.json"]) {
      change(file, (document) => {
        document.counterExamples = document.counterExamples.filter(({ reason }) => !/nobody declared/.test(reason));
        if (!file.includes("v2")) return;
        document.version = "2.0";
        for (const envelope of envelopesOf(document)) {
          envelope.version = "2.0";
        }
      });
    }
    await generateContracts({ schemasDir, outDir });
    const types = readFileSync(join(outDir, "types.ts"), "utf8");
    expect(types).toContain('currency?: "EUR" | "USD";');
    expect(types).toMatch(
      /interface PromotionAppliedV1 [\s\S]*interface PromotionApplied [\s\S]*GoodsReturned: GoodsReturned;/,
    );
    const validators = readFileSync(join(outDir, "validators.ts"), "utf8");
    expect(validators).toContain('"PromotionApplied 1": { closed: closedPromotionAppliedV1');
    expect(validators).toContain('"PromotionApplied 2": { closed: closedPromotionApplied,');
  });

  it.each<[string, () => void, string, RegExp]>([
    ["broken JSON", () => writeFileSync(join(schemasDir, applied), '{"eventType": '), applied, /is not JSON/],
    ["no examples", () => change(applied, without("examples")), applied, /is required.*README/],
    [
      "an empty list of examples",
      () =>
        change(applied, (document) => {
          document.examples = [];
        }),
      applied,
      /fewer than 1/,
    ],
    ["no publishers", () => change(applied, without("publishers")), applied, /publishers.*is required/],
    [
      "an example of another publisher",
      () => change(applied, (document) => Object.assign(document, { publishers: ["a-service"] })),
      applied,
      /examples.0.source.*is promotion-service, which is none of publishers/,
    ],
    ["no counter-examples", () => change(applied, without("counterExamples")), applied, /is required/],
    [
      "a field that no document has",
      () =>
        change(applied, (document) => {
          document.owner = "me";
        }),
      applied,
      /not a known field/,
    ],
    [
      "an example that does not validate",
      () =>
        change(applied, (document) => {
          document.examples[1]!.data.discountAmount = "0";
        }),
      applied,
      /must be number; an example must validate/,
    ],
    [
      "a counter-example that validates",
      () =>
        change(applied, (document) => {
          document.counterExamples[0]!.envelope = document.examples[0]!;
        }),
      applied,
      /validates, although it should not \("the discount is missing"\)/,
    ],
    [
      "a key that data need not have",
      () =>
        change(applied, (document) => {
          document.key = "appliedAt";
        }),
      applied,
      /appliedAt must be a field of data/,
    ],
    [
      "a key that is a number",
      () =>
        change(applied, (document) => {
          document.key = "discountAmount";
        }),
      applied,
      /"type": "string"/,
    ],
    [
      "a topic that is not declared",
      () =>
        change(applied, (document) => {
          document.topic = "promo.events";
        }),
      applied,
      /promo\.events is not declared in topics\.json/,
    ],
    [
      "a version without a minor",
      () =>
        change(applied, (document) => {
          document.version = "1";
        }),
      applied,
      /must match pattern/,
    ],
    [
      "a format that nobody knows",
      () =>
        change(applied, (document) => {
          document.schema.properties.orderId!.format = "ean13";
        }),
      applied,
      /unknown format "ean13".*known formats: date-time/,
    ],
    [
      "a type that nobody knows",
      () =>
        change(applied, (document) => {
          document.schema.properties.orderId!.type = "text";
        }),
      applied,
      /must be equal to one of the allowed values|type must be/,
    ],
    [
      "a keyword with a typing error",
      () =>
        change(applied, (document) => {
          document.schema.properties.orderId!.minLenght = 1;
        }),
      applied,
      /not a keyword that event documents use/,
    ],
    [
      "a reference",
      () =>
        change(applied, (document) => {
          document.schema.properties.orderId = { $ref: "#/x" };
        }),
      applied,
      /not a keyword/,
    ],
    [
      "a required field that is not declared",
      () =>
        change(applied, (document) => {
          document.schema.required.push("orderID");
        }),
      applied,
      /orderID/,
    ],
    [
      "a file with another event's name",
      () => renameSync(join(schemasDir, applied), join(schemasDir, "events/promotion/applied.json")),
      "events/promotion/applied.json",
      /call the file promotion-applied\.json/,
    ],
    [
      "two documents for one type",
      () => {
        mkdirSync(join(schemasDir, "events/sales"));
        cpSync(join(schemasDir, applied), join(schemasDir, "events/sales/promotion-applied.json"));
      },
      "events/sales/promotion-applied.json",
      /so does events\/promotion\/promotion-applied\.json/,
    ],
    [
      "history that is not older",
      () =>
        change(created, (document) => {
          document.version = "1.0";
        }),
      history,
      /is not older than the 1\.0/,
    ],
    ["history of nothing", () => rmSync(join(schemasDir, created)), history, /has no document beside it/],
    [
      "a minor that asks for more",
      () =>
        change(created, (document) => {
          document.schema.required.push("status");
        }),
      created,
      /examples\.1 of events\/promotion\/history.*a minor only adds optional fields/,
    ],
    [
      "a minor on another topic",
      () =>
        change(created, (document) => {
          document.topic = "review.events";
        }),
      created,
      /a minor cannot move it/,
    ],
    [
      "topics.json with a text for a number",
      () =>
        change("topics.json", (topics) => {
          topics.defaults.partitions = "6";
        }),
      "topics.json",
      /must be integer/,
    ],
    [
      "a topic twice",
      () => change("topics.json", (topics) => topics.topics.push(topics.topics[0])),
      "topics.json",
      /declared twice/,
    ],
    [
      "a proto that does not parse",
      () => writeFileSync(join(schemasDir, inventory), 'syntax = "proto3";\nmessage CheckStock { string 1; }\n'),
      inventory,
      /^line 2 /,
    ],
    [
      "two protos that define one service",
      () => {
        const text = 'syntax = "proto3"; package inventory.v1; service InventoryService {}';
        writeFileSync(join(schemasDir, "proto/inventory/v1/again.proto"), text);
      },
      "proto/inventory/v1/again.proto",
      /^line 1 `?InventoryService`? declared multiple times.*one file/,
    ],
    ["no topics.json", () => rmSync(join(schemasDir, "topics.json")), "topics.json", /cannot be read \(ENOENT\)/],
    [
      "no documents",
      () => {
        rmSync(join(schemasDir, "events"), { recursive: true });
        mkdirSync(join(schemasDir, "events"));
      },
      "events",
      /has no document/,
    ],
    [
      "another folder",
      () => rmSync(join(schemasDir, "events"), { recursive: true }),
      "events",
      /is this the schemas folder/,
    ],
  ])("says what is wrong and the way out: %s", async (_name, breakIt, file, message) => {
    breakIt();
    const found = await problems();
    expect(
      found
        .filter((one) => one.file === file)
        .map(({ path, problem }) => `${path ?? ""} ${problem}`)
        .join("\n"),
    ).toMatch(message);
  });

  it("follow the protos: a new package, a field, and none at all", async () => {
    const outDir = join(folder, "out");
    mkdirSync(join(schemasDir, "proto/returns/v2"), { recursive: true });
    writeFileSync(
      join(schemasDir, "proto/returns/v2/returns.proto"),
      'syntax = "proto3"; package returns.v2; message Goods { string goods_id = 1; } service Returns { rpc Take(Goods) returns (Goods); }',
    );
    await generateContracts({ schemasDir, outDir });
    expect(readFileSync(join(outDir, "grpc/index.ts"), "utf8")).toContain("export * as returnsV2 from");
    const code = readFileSync(join(outDir, "grpc/returns/v2/returns.ts"), "utf8");
    expect(code).toMatch(/goodsId: string;[\s\S]*fullName: "returns\.v2\.Returns"/);
    rmSync(join(schemasDir, "proto"), { recursive: true });
    await generateContracts({ schemasDir, outDir });
    expect(filesIn(outDir).filter((file) => file.startsWith("grpc/"))).toEqual([
      "grpc/descriptor-set.ts",
      "grpc/index.ts",
    ]);
  });

  it("writes nothing while a document is wrong, and reports all of them together", async () => {
    change(applied, without("key"));
    change(created, without("topic"));
    const outDir = join(folder, "out");
    await expect(generateContracts({ schemasDir, outDir })).rejects.toThrow(
      /promotion-applied\.json at key[\s\S]*promotion-created\.json at topic|promotion-created/,
    );
    expect(readdirSync(folder)).toEqual(["schemas"]);
  });
});

describe("main.ts", () => {
  const run = (...args: string[]) =>
    new Promise<{ code: number; output: string }>((done) => {
      const argv = ["--conditions=@weft/source", main, ...args];
      execFile(process.execPath, argv, (error, stdout, stderr) =>
        done({ code: Number(error?.code ?? 0), output: stdout + stderr }),
      );
    });

  it("exits with 0 when fresh, 1 when stale or wrong, 2 when misused, without a stack", async () => {
    const out = join(folder, "out");
    const results = [
      await run("--check"),
      await run("--check", "--schemas", schemasDir, "--out", out),
      await run("--schemas", join(folder, "nowhere"), "--out", out),
      await run("--chekc"),
    ];
    expect(results.map(({ code }) => code)).toEqual([0, 1, 1, 2]);
    expect(results[1]?.output).toMatch(/^stale: documents\.ts, grpc\/.*, types\.ts, validators\.ts; run/);
    expect(results[2]?.output).toMatch(/topics\.json: cannot be read/);
    expect(results[3]?.output).toMatch(/usage:/);
    for (const { output } of results) expect(output).not.toMatch(/\n\s+at /);
  });
});
