import { describe, expect, it } from "@jest/globals";
import { stopEdgeFirst } from "./services.ts";

/** Services that write down when their stop begins and ends. */
function stopping(folders: string[], failing?: string) {
  const said: string[] = [];
  const services = folders.map((folder, index) => ({
    part: { folder },
    process: {
      async stop() {
        said.push(`${folder} ${index} stops`);
        await new Promise((resolve) => setImmediate(resolve));
        if (folder === failing) throw new Error(`${folder} does not stop`);
        said.push(`${folder} ${index} stopped`);
      },
    },
  }));
  return { said, services };
}

describe("the end of the services of pnpm dev", () => {
  it("begins with the gateways, and the others go on until those have stopped", async () => {
    const { said, services } = stopping(["catalog", "gateway", "gateway", "pricing"]);
    const stack = new AsyncDisposableStack();
    stopEdgeFirst(stack, services);
    await stack.disposeAsync();
    expect(said).toEqual([
      ...["gateway 1 stops", "gateway 2 stops", "gateway 1 stopped", "gateway 2 stopped"],
      ...["catalog 0 stops", "pricing 3 stops", "catalog 0 stopped", "pricing 3 stopped"],
    ]);
  });

  it("comes for the others also where a gateway does not stop", async () => {
    const { said, services } = stopping(["gateway", "catalog"], "gateway");
    const stack = new AsyncDisposableStack();
    stopEdgeFirst(stack, services);
    await expect(stack.disposeAsync()).rejects.toThrow("gateway does not stop");
    expect(said).toContain("catalog 1 stopped");
  });
});
