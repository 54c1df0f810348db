import { createServer, type Server } from "node:http";
import { hostGuard } from "@weft/core";

export interface OverviewPart {
  name: string;
  kind: "server" | "service";
  state: "up" | "down";
  health: string;
  address: string;
  pid?: number;
  note?: string;
}

export interface OverviewEvent {
  timestamp: string;
  topic: string;
  eventType: string;
  key: string;
  source: string;
  correlationId: string;
}

export interface Overview {
  parts: OverviewPart[];
  /** Newest first. */
  events: OverviewEvent[];
}

/**
 * The plain page on the console's port: what runs, how it is, where it is, and the last events. On loopback only, and only
 * under loopback's names and those that are allowed.
 */
export function overviewServer(
  look: () => Promise<Overview>,
  { allowedHosts = [] }: { allowedHosts?: readonly string[] } = {},
): {
  listen(port: number): Promise<string>;
  close(): Promise<void>;
} {
  const guard = hostGuard({ listensOn: "127.0.0.1", allowed: allowedHosts });
  const server: Server = createServer(async (request, response) => {
    const [path = "/"] = (request.url ?? "/").split("?");
    response.setHeader(
      "Content-Security-Policy",
      "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    );
    response.setHeader("X-Content-Type-Options", "nosniff");
    response.setHeader("Cache-Control", "no-store");
    const { host, origin } = request.headers;
    if (guard({ host, origin }) !== undefined) {
      response
        .writeHead(421, { "Content-Type": "text/plain" })
        .end("This name is not served here; WEFT_ALLOWED_HOSTS lists those that are.\n");
      return;
    }
    if (request.method !== "GET" || !["/", "/overview.json"].includes(path)) {
      response.writeHead(404, { "Content-Type": "text/plain" }).end("There is / and /overview.json.\n");
      return;
    }
    const overview = await look().catch(() => undefined);
    if (!overview) {
      response.writeHead(500, { "Content-Type": "text/plain" }).end("The mesh could not be looked at; try again.\n");
      return;
    }
    const json = path === "/overview.json";
    response.setHeader("Content-Type", json ? "application/json" : "text/html; charset=utf-8");
    response.end(json ? JSON.stringify(overview, null, 2) : page(overview));
  });
  server.headersTimeout = 10_000;
  server.requestTimeout = 10_000;
  server.maxConnections = 100;
  return {
    listen: (port) =>
      new Promise((resolve, reject) => {
        server.once("error", reject);
        server.listen({ port, host: "127.0.0.1" }, () => {
          resolve(`http://127.0.0.1:${(server.address() as { port: number }).port}`);
        });
      }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const escapeHtml = (text: string) =>
  text.replace(
    /[&<>"']/g,
    (char) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" })[char] ?? "",
  );

const row = (cells: string[], className = "") =>
  `<tr class="${className}">${cells.map((cell) => `<td>${escapeHtml(cell)}</td>`).join("")}</tr>`;

const page = ({ parts, events }: Overview) => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Weft</title><meta http-equiv="refresh" content="2">
<meta name="viewport" content="width=device-width">
<style>
  :root { color-scheme: light dark; }
  body { font: 14px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 72rem; padding: 0 1rem; }
  table { border-collapse: collapse; width: 100%; margin-bottom: 2rem; }
  th, td { text-align: left; padding: .3rem .8rem .3rem 0; border-bottom: 1px solid #8884; overflow-wrap: anywhere; }
  td:nth-child(n+3) { font-family: ui-monospace, monospace; font-size: 12px; }
  .bad td:nth-child(2) { color: #d33; font-weight: 600; }
</style></head><body>
<h1>Weft</h1>
<h2>Parts</h2>
<table><tr><th>part</th><th>health</th><th>address</th><th>pid</th><th></th></tr>
${parts.map((part) => row([part.name, part.health, part.address, String(part.pid ?? ""), part.note ?? ""], part.health === "healthy" ? "" : "bad")).join("\n")}
</table>
<h2>Last events</h2>
${
  events.length === 0
    ? "<p>None yet.</p>"
    : `<table><tr><th>time</th><th>event</th><th>key</th><th>topic</th><th>source</th><th>correlation</th></tr>
${events.map((event) => row([event.timestamp, event.eventType, event.key, event.topic, event.source, event.correlationId])).join("\n")}
</table>`
}
</body></html>
`;
