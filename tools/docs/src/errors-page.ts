import { pathToFileURL } from "node:url";
import { definedErrors, errorKinds } from "@weft/core";
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
  const rows = byCode.map(({ code, kind, retryable, isFinal }) => [
    `\`${code}\``,
    kind,
    retryable ? "yes" : "no",
    isFinal,
    placesOf(code).join(", "),
  ]);
  const kinds = Object.entries(errorKinds).map(([kind, { http, grpc, code, mayPass, again, speaksAgainst }]) => [
    kind,
    `${http}`,
    grpc,
    `\`${code}\``,
    mayPass ? "yes" : "no",
    again,
    speaksAgainst,
  ]);
  return `# Errors

Every error that Weft's code defines. Made from the code by \`tools/docs\`; \`pnpm test\` fails when it is stale.
Callers branch on the code; the kind decides everything else, by the second table. *Retryable*: the same request may succeed later.
*Final*: the same request is refused for ever, whatever anybody does meanwhile; \`sometimes\`: for some of its reasons. Only a final
refusal is kept under the request's \`Idempotency-Key\`; any other is worked out anew when the request comes again.

${table(["code", "kind", "retryable", "final", "defined in"], rows)}

## What a kind means

One table in \`packages/core\` (\`error-kinds.ts\`) is read by HTTP and gRPC, by servers, clients, consumers, the relay and the command
line. *Common code*: what a caller gets where the error's own code is none that callers know. *May pass*: whether it may succeed later
without anybody changing something. *Again*: what a client of ours does with such an answer (\`not-done\`: certainly nothing happened
there, so also a write goes elsewhere). *Speaks against*: whom circuit breakers and load balancing blame. \`resource\` and \`unavailable\`
share a code; \`details.cause\` is \`resource\` for the first.

${table(["kind", "HTTP", "gRPC", "common code", "may pass", "again", "speaks against"], kinds)}
`;
}
