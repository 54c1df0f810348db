import { createHash } from "node:crypto";
import type { OpenApiDocument, Operation } from "./merge-documents.ts";

const style = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h2 { margin-top: 2.5rem; border-bottom: 1px solid #8886; }
article { margin: 1rem 0; }
code { font-size: 0.95em; }
.method { display: inline-block; min-width: 4.5rem; font-weight: 700; }
.parameters { margin: 0.2rem 0 0 4.5rem; opacity: 0.8; font-size: 0.9em; }
`;

/** No script, nothing from elsewhere, and of styles this one. */
export const pagePolicy = `default-src 'none'; style-src 'sha256-${createHash("sha256").update(style).digest("base64")}'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'`;

/** A page to read: every operation with its parameters, under the service that has it. */
export function docsPage(document: OpenApiDocument): string {
  const groups = new Map<string, string[]>();
  for (const [path, operations] of Object.entries(document.paths)) {
    for (const [method, operation] of Object.entries(operations)) {
      const tag = operation.tags?.[0] ?? "other";
      groups.set(tag, [...(groups.get(tag) ?? []), article(method, path, operation)]);
    }
  }
  const unavailable = (document["x-weft-unavailable"] as string[] | undefined) ?? [];
  const sections = [...groups].sort(([a], [b]) => (a < b ? -1 : 1));
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escapeHtml(document.info.title)} API</title><style>${style}</style></head>
<body>
<h1>${escapeHtml(document.info.title)} API ${escapeHtml(document.info.version)}</h1>
<p>${escapeHtml(document.info.description ?? "")} The same as OpenAPI: <code>curl -H 'Accept: application/json' …/docs</code></p>
${unavailable.length > 0 ? `<p role="status">Without an answer now: ${escapeHtml(unavailable.join(", "))}</p>` : ""}
${sections.map(([tag, articles]) => `<section><h2>${escapeHtml(tag)}</h2>${articles.join("")}</section>`).join("\n")}
</body>
</html>
`;
}

function article(method: string, path: string, { summary = "", parameters = [] }: Operation): string {
  const names = parameters
    .filter(({ name }) => name !== "Idempotency-Key")
    .map(
      ({ name, in: place, required }) =>
        `<code>${escapeHtml(name)}</code> (${escapeHtml(place)}${required ? "" : ", optional"})`,
    );
  return `<article><span class="method">${escapeHtml(method.toUpperCase())}</span> <code>${escapeHtml(path)}</code> ${escapeHtml(summary)}${
    names.length > 0 ? `<p class="parameters">${names.join(", ")}</p>` : ""
  }</article>`;
}

const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
const escapeHtml = (text: string) => String(text).replace(/[&<>"']/g, (character) => entities[character]!);
