import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import { oldConsulDeviations } from "./consul-deviations.ts";
import { embeddedKafkaDeviations } from "./kafka-deviations.ts";
import { apicurioDeviations } from "./schema-registry-deviations.ts";

const readme = readFileSync(new URL("../../../embedded/README.md", import.meta.url), "utf8");

/** Every script of the files that belong to a suite: what is exported under a name that ends in `Scripts`. */
async function countOf(suite: string): Promise<number> {
  const files = readdirSync(new URL(".", import.meta.url)).filter((file) => file.startsWith(`${suite}-`));
  const modules = await Promise.all(files.map((file) => import(new URL(file, import.meta.url).href)));
  return modules
    .flatMap((exported) => Object.entries(exported as Record<string, object>))
    .filter(([name]) => name.endsWith("Scripts"))
    .reduce((sum, [, scripts]) => sum + Object.keys(scripts).length, 0);
}

/** The first numbers in the cells of a row: scripts, those of this server and of the real one that pass, and the deviating. */
function rowOf(suite: string) {
  const rows = readme.split("\n").map((line) => line.split("|").map((cell) => cell.trim()));
  const [, , scripts = "", own = "", real = ""] =
    rows.find((cells) => cells[1] === suite && /^\d+$/.test(cells[2] ?? "")) ?? [];
  const passing = (cell: string) => Number(/^\s*(\d+)|: (\d+)/.exec(cell)?.slice(1).find(Boolean));
  const deviating = (cell: string) => Number(/(\d+) deviating/.exec(cell)?.[1] ?? 0);
  return {
    scripts: Number(scripts),
    own: [passing(own), deviating(own)],
    real: [passing(real), deviating(real)],
  };
}

const lengthOf = (deviations: object) => Object.keys(deviations).length;

describe("the table of conformance in the embedded servers' README has the numbers of the code", () => {
  it.each([
    ["Kafka protocol", "kafka", lengthOf(embeddedKafkaDeviations), 0],
    ["Broker port (kafkajs driver)", "broker", 0, 0],
    ["Consul HTTP API and ACLs", "consul", 0, lengthOf(oldConsulDeviations)],
    ["Schema Registry", "schema-registry", 0, lengthOf(apicurioDeviations)],
  ])("%s", async (row, suite, own, real) => {
    const scripts = await countOf(suite);
    expect(rowOf(row)).toEqual({ scripts, own: [scripts - own, own], real: [scripts - real, real] });
  });
});

it.each(
  [embeddedKafkaDeviations, apicurioDeviations, oldConsulDeviations].flatMap((deviations) =>
    Object.entries(deviations),
  ),
)("the deviation of %j is listed there with its reason", (script, reason) => {
  const rows = readme.split("\n").map((line) => line.split("|").map((cell) => cell.trim()));
  expect(rows).toContainEqual(["", script, reason, ""]);
});
