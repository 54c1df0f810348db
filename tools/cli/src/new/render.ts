import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const templates = fileURLToPath(new URL("../../templates/", import.meta.url));

/**
 * Fills `{{name}}` in a template folder's files and file names, and writes the result. All of it appears at once: what is made
 * lies beside its place until it is whole.
 * @returns the files, as seen from `target`   @throws what the file system throws; then nothing is left behind
 */
export function renderFolder(template: string, target: string, values: Record<string, string>): string[] {
  const source = join(templates, template);
  const unfinished = `${target}.unfinished-${process.pid}`;
  const files = readdirSync(source, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(source.length + 1))
    .sort();
  const made = files.map((file) => fill(file.replace(/\.tmpl$/, ""), values));
  try {
    for (const [index, file] of files.entries()) {
      const path = join(unfinished, made[index]!);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, fill(readFileSync(join(source, file), "utf8"), values));
    }
    renameSync(unfinished, target);
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true });
    throw error;
  }
  return made;
}

function fill(text: string, values: Record<string, string>): string {
  return text.replace(/\{\{(\w+)\}\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`the template names ${name}, which nobody gives`);
    return value;
  });
}
