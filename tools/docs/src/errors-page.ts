import { pathToFileURL } from "node:url";
import { definedErrors } from "@weft/core";
import { absolute, filesLike, read, table } from "./repository.ts";

/** `docs/errors.md`. Every file that defines errors is imported: no module starts work when imported, so this is safe. */
export async function errorsPage(): Promise<string> {
  const files = filesLike("{packages,services,tools}/*/src/**/*.ts")
    .filter((file) => !file.endsWith(".test.ts") && !file.startsWith("tools/docs/"))
    .filter((file) => read(file).includes("defineError<"));
  for (const file of files) await import(pathToFileURL(absolute(file)).href);

  const placesOf = (code: string) =>
    files
      .filter((file) => read(file).includes(`code: "${code}"`))
      .map((file) => `[${file.split("/").slice(0, 2).join("/")}](../${file})`);
  const byCode = definedErrors().sort((a, b) => (a.code < b.code ? -1 : 1));
  const rows = byCode.map(({ code, kind, retryable }) => [
    `\`${code}\``,
    kind,
    retryable ? "yes" : "no",
    placesOf(code).join(", "),
  ]);
  return `# Errors

Every error that Weft's code defines. Made from the code by \`tools/docs\`; \`pnpm test\` fails when it is stale.
Callers branch on the code; the kind decides the HTTP status and the gRPC code (\`packages/transport\`). *Retryable*: the same
request may succeed later.

${table(["code", "kind", "retryable", "defined in"], rows)}
`;
}
