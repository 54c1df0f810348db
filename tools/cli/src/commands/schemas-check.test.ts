import { execFileSync, spawn } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { silentLogger } from "@weft/core";
import { embeddedSchemaRegistry } from "@weft/embedded";
import { schemaRegistry } from "@weft/messaging";

const schemas = fileURLToPath(new URL("../../../../schemas", import.meta.url));
const program = fileURLToPath(new URL("../main.ts", import.meta.url));
const promotion = "events/promotion/promotion-created.json";
const shipment = "events/shipping/shipment-created.json";
const stock = "proto/inventory/v1/inventory.proto";

interface Ran {
  code: number | null;
  stdout: string;
  stderr: string;
}

function check(folder: string, ...args: string[]): Promise<Ran> {
  const flags = ["--conditions=@weft/source", "--disable-warning=ExperimentalWarning", program, "schemas", "check"];
  const child = spawn(process.execPath, [...flags, "--schemas", join(folder, "schemas"), ...args], {
    // As in a hook of git; nothing of a repository around the scratch folders, and no mesh.
    env: {
      ...process.env,
      GIT_DIR: ".git",
      NODE_OPTIONS: "",
      GIT_CEILING_DIRECTORIES: tmpdir(),
      WEFT_STATE_DIR: join(folder, "nothing-here"),
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const output = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const)
    child[name].setEncoding("utf8").on("data", (text: string) => {
      output[name] += text;
    });
  return new Promise((resolve) => child.once("close", (code) => resolve({ code, ...output })));
}

const git = (folder: string, ...args: string[]) =>
  execFileSync("git", ["-c", "user.name=Test", "-c", "user.email=test@example.com", ...args], {
    cwd: folder,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });

/** Documents as tests change them. */
// biome-ignore lint/suspicious/noExplicitAny: a test knows what it changes
type Draft = any;

function edit(folder: string, file: string, change: (document: Draft) => void): void {
  const path = join(folder, "schemas", file);
  const document: Draft = JSON.parse(readFileSync(path, "utf8"));
  change(document);
  writeFileSync(path, `${JSON.stringify(document, null, 2)}\n`);
}

/** As a person does it who knows how: the old one to history/, the version up by one, its examples with it. */
function nextMinor(folder: string, file: string, change: (document: Draft) => void): void {
  const path = join(folder, "schemas", file);
  const { version } = JSON.parse(readFileSync(path, "utf8")) as { version: string };
  const [major, minor] = version.split(".").map(Number) as [number, number];
  cpSync(path, path.replace(/([^/]+)\.json$/, `history/$1.${version}.json`));
  edit(folder, file, (document) => {
    document.version = `${major}.${minor + 1}`;
    change(document);
  });
}

describe("weft schemas check", () => {
  let root: string;
  let count = 0;
  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), "weft-schemas-check-"));
    const original = join(root, "original");
    cpSync(schemas, join(original, "schemas"), { recursive: true });
    git(original, "init", "-q", "-b", "main");
    git(original, "add", ".");
    git(original, "commit", "-q", "-m", "all of it");
  });
  afterAll(() => rmSync(root, { recursive: true, force: true, maxRetries: 5 }));

  /** A repository with the documents of this one, committed. */
  function scratch(): string {
    const folder = join(root, String(++count));
    cpSync(join(root, "original"), folder, { recursive: true });
    return folder;
  }

  type Kind = [name: string, file: string, change: (document: Draft) => void, line: RegExp];
  const fields = (document: Draft) => document.schema.properties;
  const kinds: Kind[] = [
    [
      "a required field added",
      promotion,
      (d) => {
        fields(d).currency = { type: "string" };
        d.schema.required.push("currency");
      },
      /\/schema\/properties\/currency: currency is new and required\. The new schema refuses what 1\.0 and 1\.1 allowed \(old data, new consumers\)\. Fix: make it optional: take currency out of required/,
    ],
    [
      "a field removed",
      promotion,
      (d) => delete fields(d).createdBy,
      /\/schema\/properties\/createdBy: createdBy is gone\. .* \(old data, new consumers\)\. Fix: put createdBy back as it was/,
    ],
    [
      "a field renamed",
      shipment,
      (d) => {
        fields(d).orderNumber = fields(d).orderId;
        delete fields(d).orderId;
        d.schema.required[d.schema.required.indexOf("orderId")] = "orderNumber";
      },
      /\/schema\/properties\/orderId: .*looks like a rename of orderId to orderNumber\. .*old data, new consumers.*new data, old consumers.*Fix: keep orderId as it was and add orderNumber/,
    ],
    [
      "a type changed, inside an item",
      shipment,
      (d) => {
        fields(d).items.items.properties.quantity.type = "number";
      },
      /\/schema\/properties\/items\/items\/properties\/quantity\/type: items\[\]\.quantity was integer and is number\. Consumers of 1\.0 and 1\.1 refuse what is published now \(new data, old consumers\)\. Fix: give it back the type integer/,
    ],
    [
      "an enumeration without one of its values",
      shipment,
      (d) => {
        fields(d).fulfillmentEntity.properties.type.enum = ["warehouse", "store", "dropship"];
      },
      /\/schema\/properties\/fulfillmentEntity\/properties\/type\/enum: fulfillmentEntity\.type no longer takes "3pl"\. .*old data, new consumers.*Fix: put "3pl" back/,
    ],
    [
      "an enumeration with one more value",
      promotion,
      (d) => fields(d).status.enum.push("paused"),
      /\/schema\/properties\/status\/enum: status takes "paused", which the open form does not let pass either.*Consumers of 1\.0 and 1\.1 refuse what is published now \(new data, old consumers\)\. Fix: take "paused" out again/,
    ],
    [
      "required made optional",
      promotion,
      (d) => {
        d.schema.required = d.schema.required.filter((name: string) => name !== "effectiveTo");
      },
      /\/schema\/properties\/effectiveTo: effectiveTo was required and is optional\. .*new data, old consumers.*Fix: put effectiveTo back into required/,
    ],
    [
      "a bound narrowed",
      "events/review/review-submitted.json",
      (d) => {
        fields(d).rating.minimum = 2;
      },
      /\/schema\/properties\/rating\/minimum: rating has minimum 2 and had minimum 1\. .*old data, new consumers.*Fix: give minimum back 1/,
    ],
    [
      "an array that may not be empty",
      shipment,
      (d) => {
        fields(d).items.minItems = 1;
      },
      /\/schema\/properties\/items\/minItems: items has minItems 1 and had no minItems\. .*old data, new consumers.*Fix: take minItems out again/,
    ],
    [
      "an object closed",
      shipment,
      (d) => {
        fields(d).fulfillmentEntity.properties.address.additionalProperties = false;
      },
      /\/schema\/properties\/fulfillmentEntity\/properties\/address\/additionalProperties: fulfillmentEntity\.address takes fewer other fields.*old data, new consumers.*Fix: leave the object open/,
    ],
    [
      "a format added",
      promotion,
      (d) => {
        fields(d).createdBy.format = "email";
      },
      /\/schema\/properties\/createdBy\/format: createdBy has format "email" and had no format\. .*old data, new consumers.*Fix: take format out again/,
    ],
    [
      "another key",
      shipment,
      (d) => {
        d.key = "orderId";
      },
      /\/key: the key was shipmentId and is orderId.*Fix: give key back shipmentId/,
    ],
  ];

  it.each(kinds)("refuses %s, with its path, reason and fix", async (_name, file, change, line) => {
    const folder = scratch();
    nextMinor(folder, file, change);
    const { code, stdout, stderr } = await check(folder);
    const [first, finding, last, ...more] = stdout.trim().split("\n");
    expect({ code, stderr, first, more }).toEqual({ code: 1, stderr: "", first: file, more: [] });
    expect(finding).toMatch(line);
    expect(finding).toMatch(/; or write a new major, [a-z-]+\.v2\.json, beside this one\.$/);
    expect(last).toMatch(/compared with history\/, HEAD \([0-9a-f]{7}\): 1 change refused\.$/);
  });

  it("refuses a version that was not raised, one that skipped, one that went back, and a history that is not kept", async () => {
    const optional = (d: Draft) => {
      fields(d).currency = { type: "string" };
    };
    const folder = scratch();
    edit(folder, promotion, optional);
    nextMinor(folder, shipment, (d) => {
      d.version = "1.3";
    });
    rmSync(join(folder, "schemas/events/shipping/history/shipment-created.1.0.json"));
    const { code, stdout } = await check(folder);
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /\/version: the schema is another one than in HEAD \([0-9a-f]+\), and the version is still 1\.1\. Fix: raise version to 1\.2, and put the document as it was into events\/promotion\/history\/promotion-created\.1\.1\.json\./,
    );
    expect(stdout).toMatch(
      /history\/shipment-created\.1\.0\.json\n {2}1\.0 is older than the 1\.3 .*Fix: put it there as HEAD/,
    );
    expect(stdout).toMatch(/\/version: 1\.3 follows on nothing: there is no 1\.2 in history\/\. Fix: .*call it 1\.2/);

    git(folder, "checkout", "-q", ".");
    edit(folder, promotion, (d) => {
      d.version = "1.0";
    });
    rmSync(join(folder, "schemas/events/promotion/history/promotion-created.1.0.json"));
    const back = await check(folder);
    expect(back.stdout).toMatch(/\/version: 1\.0 comes after 1\.1 of HEAD/);
  });

  it("refuses a document that is gone, and a major in the place of the one before", async () => {
    const folder = scratch();
    rmSync(join(folder, "schemas/events/pricing/price-changed.json"));
    edit(folder, "events/review/review-submitted.json", (d) => {
      d.version = "2.0";
    });
    const { code, stdout } = await check(folder);
    expect(code).toBe(1);
    expect(stdout).toMatch(/price-changed\.json\n {2}PriceChanged 1\.0 is gone, .*Fix: bring the file back as HEAD/);
    expect(stdout).toMatch(
      /\/version: 2\.0 is written over 1\.0, .*put 2\.0 beside it as review-submitted\.v2\.json\./,
    );
  });

  it("lets pass an optional field, other words, and a new major", async () => {
    const folder = scratch();
    nextMinor(folder, promotion, (d) => {
      fields(d).currency = { type: "string" };
      d.description = "In other words.";
    });
    cpSync(
      join(folder, "schemas", "events/pricing/price-changed.json"),
      join(folder, "schemas", "events/pricing/price-changed.v2.json"),
    );
    edit(folder, "events/pricing/price-changed.v2.json", (d) => {
      d.version = "2.0";
      d.schema.properties.extra = { type: "string" };
      d.schema.required.push("extra");
    });
    expect(await check(folder)).toMatchObject({
      code: 0,
      stderr: "",
      stdout: expect.stringMatching(
        /^\d+ events, 3 older versions and \d+ protos compared with .*: all go together\.\n$/,
      ),
    });
  });

  it("compares with where a branch left the default branch, or with what --against names; --json says the same", async () => {
    const folder = scratch();
    git(folder, "checkout", "-q", "-b", "feature");
    nextMinor(folder, promotion, (d) => delete fields(d).createdBy);
    git(folder, "add", ".");
    git(folder, "commit", "-q", "-m", "drop a field");
    const commit = git(folder, "rev-parse", "main").trim();
    const [byDefault, head] = await Promise.all([
      check(folder, "--json"),
      check(folder, "--against", "HEAD", "--json"),
    ]);
    expect(byDefault).toMatchObject({ code: 1, stderr: "" });
    expect(JSON.parse(byDefault.stdout)).toMatchObject({
      compatible: false,
      against: { commit, name: `main (${commit.slice(0, 7)})` },
      registry: null,
      findings: [
        {
          file: promotion,
          path: "/schema/properties/createdBy",
          change: "field_removed",
          breaks: ["old data, new consumers"],
          versions: ["1.0", "1.1"],
          fix: expect.stringMatching(/^put createdBy back/),
        },
      ],
    });
    // history/ holds the field, whatever is committed.
    expect(JSON.parse(head.stdout).findings).toHaveLength(1);
  });

  it.each<[string, (path: string) => void, RegExp]>([
    [
      "a field removed",
      (path) => writeFileSync(path, readFileSync(path, "utf8").replace("string warehouse_id = 2;", "")),
      /inventory\.proto\n {2}\d+:\d+: Previously present field "2" with name "warehouse_id" on message "CheckStockRequest" was deleted, as it is in HEAD .*Fix: put the field back, marked deprecated; or make a new version of the package beside this one, proto\/inventory\/v2\./,
    ],
    [
      "a file removed",
      (path) => renameSync(path, `${path}.txt`),
      /inventory\.proto\n {2}is gone, .*Fix: bring the file back as HEAD .* has it\./,
    ],
    [
      "a file that does not compile",
      (path) => writeFileSync(path, "syntax = nonsense"),
      /inventory\.proto\n {2}1:10: does not compile: .*Fix: correct it\./,
    ],
  ])("compares protos with the rules of buf: %s", async (_name, change, lines) => {
    const folder = scratch();
    change(join(folder, "schemas", stock));
    const { code, stdout } = await check(folder);
    expect(code).toBe(1);
    expect(stdout).toMatch(lines);
  });

  it("compares with a registry, and says when there is none", async () => {
    const folder = scratch();
    const server = embeddedSchemaRegistry({ log: silentLogger }, { dataDir: join(folder, "registry"), port: 0 });
    await server.start();
    try {
      const { host, port } = server.address;
      const url = `http://${host}:${port}`;
      const client = schemaRegistry({ log: silentLogger }, { url });
      await client.registerAll();
      // Committed on its own, so that only the registry knows better.
      nextMinor(folder, promotion, (d) => delete fields(d).createdBy);
      for (const version of ["1.0", "1.1"])
        edit(folder, `events/promotion/history/promotion-created.${version}.json`, (d) => {
          delete fields(d).createdBy;
          for (const { data } of d.examples) delete data.createdBy;
        });
      git(folder, "add", ".");
      git(folder, "commit", "-q", "-m", "never happened");
      expect(await check(folder)).toMatchObject({ code: 0 });
      for (const option of ["--registry", "--schema-registry"]) {
        const { code, stdout } = await check(folder, option, url);
        expect(code).toBe(1);
        expect(stdout).toMatch(
          /createdBy is gone\. The new schema refuses what version 1 of promotion\.events-PromotionCreated allowed/,
        );
        expect(stdout).toContain(url);
      }
    } finally {
      await server.stop();
    }
    const away = await check(folder, "--registry", `http://${server.address.host}:${server.address.port}`);
    expect(away).toMatchObject({ code: 1, stdout: "" });
    expect(away.stderr).toMatch(/^the Schema Registry did not answer .*\n$/);
  });

  describe("says in one line what to do about", () => {
    const oneLine = ({ stderr, stdout }: Ran) => {
      expect(stdout).toBe("");
      expect(stderr.trim().split("\n")).toHaveLength(1);
      return stderr;
    };

    it("a commit that is not here, and a repository that is not there", async () => {
      const folder = scratch();
      for (const ref of ["nowhere", "--all", ""]) {
        const ran = await check(folder, `--against=${ref}`);
        expect(ran.code).toBe(2);
        expect(oneLine(ran)).toMatch(/--against names no commit that is here.*git fetch/);
      }
      rmSync(join(folder, ".git"), { recursive: true });
      const ran = await check(folder, "--against", "main");
      expect(ran.code).toBe(2);
      expect(oneLine(ran)).toMatch(/--against needs a git repository: .* leave it out/);
    });

    it("another folder, another address, no mesh, another option", async () => {
      const folder = scratch();
      const wrong: [string[], 1 | 2, RegExp][] = [
        [["--schemas", join(folder, "nothing")], 2, /--schemas must be a folder with events\//],
        [["--registry", "ftp://x"], 2, /--registry must be a URL/],
        [["--registry", "runtime"], 1, /no mesh runs here/],
        [["--agianst", "main"], 2, /unknown option/],
      ];
      for (const [args, code, message] of wrong) {
        const ran = await check(folder, ...args);
        expect(oneLine(ran)).toMatch(message);
        expect(ran.code).toBe(code);
      }
    });

    it("no repository, or no commit yet: it checks the rest", async () => {
      const folder = scratch();
      rmSync(join(folder, ".git"), { recursive: true });
      expect(await check(folder)).toMatchObject({
        code: 0,
        stderr: expect.stringMatching(/^Not compared with an earlier commit: .* is in no git repository\.\n$/),
        stdout: expect.stringMatching(/2 older versions compared with history\/: all go together\.\n$/),
      });
      git(folder, "init", "-q");
      nextMinor(folder, promotion, (d) => delete fields(d).createdBy);
      expect(await check(folder)).toMatchObject({
        code: 1,
        stderr: "Not compared with an earlier commit: there is none yet.\n",
        stdout: expect.stringContaining("createdBy is gone"),
      });
    });

    it("a clone without history: it compares with HEAD", async () => {
      const folder = scratch();
      git(folder, "commit", "-q", "--allow-empty", "-m", "one more");
      const clone = join(root, `${count}-shallow`);
      git(root, "clone", "-q", "--depth=1", `file://${folder}`, clone);
      expect(await check(clone)).toMatchObject({
        code: 0,
        stderr: expect.stringMatching(/^Compared with HEAD alone: this clone does not hold.*git fetch --unshallow/),
      });
    });

    it("a commit that had no schemas", async () => {
      const folder = scratch();
      git(folder, "rm", "-q", "-r", "--cached", "schemas");
      git(folder, "commit", "-q", "-m", "without");
      const ran = await check(folder, "--against", "HEAD");
      expect(ran).toMatchObject({ code: 0, stderr: expect.stringMatching(/^Not compared with HEAD .*, which has no/) });
    });

    it("broken JSON, now and in the commit", async () => {
      const folder = scratch();
      const path = join(folder, "schemas", promotion);
      const right = readFileSync(path, "utf8");
      writeFileSync(path, '{ "eventType": ');
      const now = await check(folder);
      expect(now.code).toBe(1);
      const lines = now.stdout.split("\n").filter((line) => line.includes("is not JSON"));
      expect(lines).toEqual([expect.stringMatching(/^ {2}is not JSON: /)]);
      expect(now.stdout).not.toContain("is gone");
      git(folder, "commit", "-q", "-a", "-m", "broken");
      writeFileSync(path, right);
      const then = await check(folder);
      expect(then.code).toBe(1);
      expect(then.stdout).toMatch(
        /promotion-created\.json\n {2}in HEAD \([0-9a-f]+\), is not JSON: .*Fix: name a commit where it is right with --against\./,
      );
    });
  });
});
