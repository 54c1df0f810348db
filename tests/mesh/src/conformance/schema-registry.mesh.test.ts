import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "@jest/globals";
import { silentLogger } from "@weft/core";
import { embeddedSchemaRegistry } from "@weft/embedded";
import { schemaRegistryConformance } from "@weft/testkit/conformance";

async function started(dataDir: string) {
  const server = embeddedSchemaRegistry({ log: silentLogger }, { dataDir, port: 0 });
  await server.start();
  return { url: `http://127.0.0.1:${server.address.port}`, stop: () => server.stop() };
}

schemaRegistryConformance("embedded", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "weft-schema-registry-"));
  const { url, stop } = await started(dataDir);
  return {
    url,
    async stop() {
      await stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
});

it("the embedded Schema Registry has what it acknowledged after its disk was full, and gives no id twice", async () => {
  const disk = mkdtempSync(join(tmpdir(), "weft-small-disk-"));
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=256k", "tmpfs", disk], { stdio: "pipe" });
  } catch (error) {
    process.stdout.write(`no small disk can be mounted here, so nothing was shown: ${(error as Error).message}\n`);
    return;
  }
  let registry: Awaited<ReturnType<typeof started>> | undefined;
  try {
    const reserve = join(disk, "reserve");
    writeFileSync(reserve, Buffer.alloc(128 * 1024));
    const dataDir = join(disk, "data");
    registry = await started(dataDir);
    const acknowledged: { subject: string; id: number }[] = [];
    let names = 0;
    async function register(): Promise<number> {
      const subject = `s${++names}`;
      // Of a length that ends in the middle of a page, so that the last page that there is takes half a line.
      const schema = JSON.stringify({ title: subject, description: "x".repeat(3000) });
      const response = await fetch(`${registry?.url}/subjects/${subject}/versions`, {
        method: "POST",
        headers: { "content-type": "application/vnd.schemaregistry.v1+json" },
        body: JSON.stringify({ schemaType: "JSON", schema }),
      });
      const { id } = (await response.json()) as { id: number };
      if (response.status === 200) acknowledged.push({ subject, id });
      return response.status;
    }

    while ((await register()) === 200) expect(names).toBeLessThan(100);
    expect([await register(), await register()]).toEqual([500, 500]);
    rmSync(reserve);
    expect([await register(), await register()]).toEqual([200, 200]);
    await registry.stop();

    registry = await started(dataDir);
    expect(await register()).toBe(200);
    const found = await Promise.all(
      acknowledged.map(async ({ subject }) => {
        const { id } = (await (await fetch(`${registry?.url}/subjects/${subject}/versions/1`)).json()) as {
          id: number;
        };
        return { subject, id };
      }),
    );
    expect(found).toEqual(acknowledged);
    expect(new Set(acknowledged.map(({ id }) => id)).size).toBe(acknowledged.length);
  } finally {
    await registry?.stop();
    execFileSync("umount", [disk]);
    rmSync(disk, { recursive: true, force: true });
  }
}, 60_000);
