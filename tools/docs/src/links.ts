import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { absolute, filesLike, read } from "./repository.ts";

/** Relative links in Markdown that lead nowhere. */
export function deadLinks(): string[] {
  const pages = filesLike(["*.md", "docs/**/*.md", "{packages,services,tools,schemas,infra,tests}/**/*.md"]);
  return pages.flatMap((file) =>
    [...read(file).matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)]
      .map(([, target]) => target ?? "")
      .filter((target) => !/^[a-z]+:/.test(target) && !existsSync(absolute(join(dirname(file), target))))
      .map((target) => `${file} links to ${target}, which does not exist`),
  );
}
