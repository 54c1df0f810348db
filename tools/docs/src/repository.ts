import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { deadLetterTopic, topics } from "@weft/contracts";

const root = fileURLToPath(new URL("../../../", import.meta.url));

/** A file of the repository, by its path from the root. */
export const absolute = (file: string) => join(root, file);
export const read = (file: string) => readFileSync(absolute(file), "utf8");
/** Files that fit one of the patterns, by their paths from the root, in order. */
export const filesLike = (patterns: string | string[]) =>
  globSync(patterns, { cwd: root, exclude: (name) => name === "node_modules" || name === "dist" }).sort();

/** `services/<name>` of every service that can be started. */
export const serviceFolders = () => filesLike("services/*/src/main.ts").map((file) => file.replace("/src/main.ts", ""));

/**
 * Those that the pages are about: the gateway, and who has a place for its dead letters in `schemas/topics.json`. One that was
 * just begun (`weft new service`) is its owner's business until it is to be deployed.
 */
export const isDeployed = (service: string) => {
  const name = service.replace(/^services\//, "").replace(/(-service)?$/, "-service");
  return name === "gateway-service" || topics.some((topic) => topic.name === deadLetterTopic(name));
};
export const deployedFolders = () => serviceFolders().filter(isDeployed);

/** A table in Markdown; what would end a cell is escaped. */
export const table = (head: string[], rows: string[][]) =>
  [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.map(cell).join(" | ")} |`).join("\n");
const cell = (text: string) => text.replaceAll("|", "\\|").replaceAll("\n", " ");
