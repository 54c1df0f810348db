import { describe, expect, it } from "@jest/globals";
import { type DevOptions, devCommand } from "./options.ts";

async function parse(...args: string[]): Promise<DevOptions> {
  let options: DevOptions | undefined;
  const command = devCommand(["catalog", "gateway", "pricing"], async (given) => {
    options = given;
  });
  command.exitOverride().configureOutput({ writeErr: () => {}, outputError: () => {} });
  await command.parseAsync(args, { from: "user" });
  return options!;
}

describe("the options of pnpm dev", () => {
  it("are these where none is given", async () => {
    expect(await parse()).toEqual({
      infra: "embedded",
      fresh: false,
      scale: {},
      console: true,
      demo: true,
      json: false,
    });
  });

  it("take names with and without -service, with spaces and a comma too many", async () => {
    expect((await parse("--only", "catalog-service, pricing,")).only).toEqual(["catalog", "pricing"]);
  });

  it("gather several --scale, the last of the same service counts", async () => {
    const { scale } = await parse("--scale", "catalog=2", "--scale", "pricing-service=10", "--scale", "catalog=3");
    expect(scale).toEqual({ catalog: 3, pricing: 10 });
  });

  it("turn things off", async () => {
    expect(await parse("--no-console", "--no-demo", "--fresh", "--json")).toMatchObject({
      console: false,
      demo: false,
      fresh: true,
      json: true,
    });
  });

  it.each([
    ["--nope"],
    ["extra"],
    ["--infra", "cloud"],
    ["--only", ""],
    ["--only", ",,"],
    ["--only", "nope"],
    ["--scale", "catalog"],
    ["--scale", "catalog=0"],
    ["--scale", "catalog=11"],
    ["--scale", "catalog=-1"],
    ["--scale", "catalog=1.5"],
    ["--scale", "nope=1"],
  ])("refuse %s %s", async (...args) => {
    await expect(parse(...args.filter((arg) => arg !== undefined))).rejects.toThrow();
  });
});
