import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { eventually, ownPorts } from "@weft/testkit";

const repository = fileURLToPath(new URL("../../../../", import.meta.url));

/** The commands and changes of a guide, in the order in which a reader meets them. */
function stepsOf(guide: string): { kind: "sh" | "diff"; text: string }[] {
  const page = readFileSync(join(repository, "docs/guides", guide), "utf8");
  return [...page.matchAll(/```(sh|diff)\n([\s\S]*?)```/g)].map(([, kind, text]) => ({
    kind: kind as "sh" | "diff",
    text: text!,
  }));
}

/** Whoever reads the guides: has a copy of the repository, types what they say, and has nothing prepared. */
class Reader {
  private folder = "";
  private dev: ChildProcess | undefined;
  private readonly environment: NodeJS.ProcessEnv = {
    ...process.env,
    WEFT_RETURNS_HTTP_PORT: "0",
    WEFT_REFUNDS_HTTP_PORT: "0",
    NODE_OPTIONS: "",
    NODE_ENV: "production",
    // Somebody at a terminal: pnpm brings the lockfile up to date for a new package.
    CI: "",
    // Set by the `pnpm test` around us: it would keep the reader's pnpm from installing.
    pnpm_config_verify_deps_before_run: undefined,
  };

  copyRepository(): void {
    // For its owner alone, as a home may be: the embedded PostgreSQL, which never runs as root, works there too.
    this.folder = mkdtempSync(join(tmpdir(), "weft-guide-"));
    const listed = spawnSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", "-z"], {
      cwd: repository,
      encoding: "utf8",
      maxBuffer: 64 * 1024 * 1024,
    });
    for (const file of listed.stdout.split("\0")) {
      if (file === "" || !existsSync(join(repository, file))) continue;
      mkdirSync(dirname(join(this.folder, file)), { recursive: true });
      cpSync(join(repository, file), join(this.folder, file));
    }
    this.run("git init -q && git add -A && git -c user.name=reader -c user.email=reader@localhost commit -qm start");
  }

  runtime(): { gateway: { url: string }; services: { name: string }[] } {
    return JSON.parse(readFileSync(join(this.folder, ".weft/runtime.json"), "utf8"));
  }

  /** @returns what the commands print */
  run(script: string): string {
    const text = script.includes("127.0.0.1:8080")
      ? script.replaceAll("http://127.0.0.1:8080", this.runtime().gateway.url)
      : script;
    const shell = spawnSync("bash", ["--norc", "-euo", "pipefail", "-c", text], {
      cwd: this.folder,
      env: this.environment,
      encoding: "utf8",
      timeout: 120_000,
    });
    if (shell.status !== 0) throw new Error(`${script}\nended with ${shell.status}\n${shell.stdout}${shell.stderr}`);
    return shell.stdout;
  }

  change(diff: string): void {
    const { status, stderr } = spawnSync("git", ["apply", "--whitespace=nowarn", "-"], {
      cwd: this.folder,
      input: diff,
      encoding: "utf8",
    });
    if (status !== 0) throw new Error(`this change of the guide does not apply:\n${diff}\n${stderr}`);
  }

  async startDev(): Promise<void> {
    const output: string[] = [];
    const dev = spawn("npx", ["-y", "pnpm", "dev"], {
      cwd: this.folder,
      env: { ...this.environment, ...(await ownPorts()) },
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    this.dev = dev;
    for (const stream of [dev.stdout, dev.stderr]) stream?.setEncoding("utf8").on("data", (text) => output.push(text));
    await eventually(
      "pnpm dev is up",
      () => {
        if (dev.exitCode !== null) throw new Error(output.join("").slice(-3000));
        return existsSync(join(this.folder, ".weft/runtime.json"));
      },
      { timeoutMs: 120_000 },
    );
  }

  async stopDev(): Promise<void> {
    const dev = this.dev;
    if (!dev) return;
    this.dev = undefined;
    const ended = new Promise((resolve) => dev.once("exit", resolve));
    // Ctrl-C goes to everything in the terminal's foreground: this process group, which we started.
    if (dev.exitCode === null) process.kill(-dev.pid!, "SIGINT");
    await ended;
    await eventually("its state is given back", () => !existsSync(join(this.folder, ".weft/runtime.json")));
  }

  async remove(): Promise<void> {
    await this.stopDev();
    if (this.folder !== "") rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Each line that is JSON. */
// biome-ignore lint/suspicious/noExplicitAny: a test knows what it asks for
const answers = (text: string): any[] =>
  text
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line));

describe("the guides, followed to the letter", () => {
  const reader = new Reader();
  beforeAll(() => reader.copyRepository(), 60_000);
  afterAll(() => reader.remove(), 60_000);

  /** @returns what each step printed; a step that starts `pnpm dev` prints nothing */
  async function follow(guide: string): Promise<string[]> {
    const printed: string[] = [];
    for (const { kind, text } of stepsOf(guide)) {
      if (kind === "diff") reader.change(text);
      else if (text.trim() === "npx -y pnpm dev") {
        await reader.stopDev();
        await reader.startDev();
      } else printed.push(reader.run(text));
    }
    return printed;
  }

  it("add a service: it is registered, behind the gateway, in /docs and in the event map, and no other file changed", async () => {
    const [, used = "", shown = ""] = await follow("add-a-service.md");
    const [made, found] = answers(used);
    expect(made.data.return).toMatchObject({ returnId: "retu_1", productId: "prod_wool", note: "too warm" });
    expect(found.data.return).toMatchObject({ returnId: "retu_1", productName: "Merino wool, 500 g" });
    expect(shown).toMatch(/returns-service\s.*(passing|healthy)/);
    expect(shown).toMatch(/ProductCreated\s+catalog\s+→ .*returns/);

    const docs = await fetch(`${reader.runtime().gateway.url}/docs`);
    expect(Object.keys(((await docs.json()) as { paths: object }).paths)).toContain("/api/v1/returns/{returnId}");
    const changed = reader.run("git status --porcelain").trimEnd().split("\n");
    expect(changed.map((line) => line.slice(3)).sort()).toEqual(["pnpm-lock.yaml", "services/returns/"]);
    const checked = reader.run(
      "PATH=$PWD/node_modules/.bin:$PATH; biome check services/returns && tsc -p services/returns 2>&1 && node --experimental-vm-modules node_modules/jest/bin/jest.js --selectProjects=unit --testPathPatterns=services/returns 2>&1",
    );
    expect(checked).toMatch(/Tests: +4 passed/);
  }, 480_000);

  it("add an event: it is published with the row, read once, and both ends are in the map", async () => {
    const printed = await follow("add-an-event.md");
    const [made, refund] = answers(printed.at(-2) ?? "");
    expect(made.data.return).toMatchObject({ returnId: "retu_2" });
    expect(refund.data?.refund).toMatchObject({ refundId: "refu_retu_2", productId: "prod_wool" });
    expect(printed.at(-1)).toMatch(/ReturnCreated\s+returns\s+→ refunds/);
  }, 480_000);
});
