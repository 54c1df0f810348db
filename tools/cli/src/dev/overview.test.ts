import { request } from "node:http";
import { afterEach, describe, expect, it } from "@jest/globals";
import { type Overview, overviewServer } from "./overview.ts";

const payloads = [
  "<script>alert(1)</script>",
  '"><img src=x onerror=alert(1)>',
  "' onmouseover='alert(1)",
  "&lt;b&gt;",
  "</td></table><h1>",
];
const open: { close(): Promise<void> }[] = [];
afterEach(() => Promise.all(open.splice(0).map((server) => server.close())));

async function serve(look: () => Promise<Overview>): Promise<string> {
  const server = overviewServer(look);
  open.push(server);
  return server.listen(0);
}
const withText = (text: string): Overview => ({
  parts: [
    { name: text, kind: "service", state: "up", health: text, address: text, pid: 1, note: text },
    { name: "b", kind: "server", state: "down", health: "down", address: "" },
  ],
  events: [{ timestamp: text, topic: text, eventType: text, key: text, source: text, correlationId: text }],
});
const empty: Overview = { parts: [], events: [] };

describe("the overview page", () => {
  it.each(payloads)("shows %s as text in every field", async (payload) => {
    const plain = await (await fetch(await serve(async () => withText("text")))).text();
    const page = await (await fetch(await serve(async () => withText(payload)))).text();
    expect(page).not.toContain(payload);
    const tags = (html: string) => html.match(/<[^>]*>/g);
    expect(tags(page)).toEqual(tags(plain));
    const escaped = payload
      .replaceAll("&", "&amp;")
      .replaceAll("<", "&lt;")
      .replaceAll(">", "&gt;")
      .replaceAll('"', "&quot;")
      .replaceAll("'", "&#39;");
    expect(page.split(escaped)).toHaveLength(1 + 4 + 6);
  });

  it("allows no script, no frame and no sniffing", async () => {
    const { headers } = await fetch(await serve(async () => empty));
    expect(headers.get("content-security-policy")).toContain("default-src 'none'");
    expect(headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
    expect(headers.get("x-content-type-options")).toBe("nosniff");
  });

  it("has the same as JSON, and nothing else", async () => {
    const url = await serve(async () => withText("<b>"));
    expect(await (await fetch(`${url}/overview.json`)).json()).toEqual(withText("<b>"));
    expect((await fetch(`${url}/nope`)).status).toBe(404);
    expect((await fetch(url, { method: "POST" })).status).toBe(404);
    expect((await fetch(`${url}//`)).status).toBe(404);
  });

  it.each(["/", "/overview.json"])(
    "answers %s under loopback's names and those that are allowed, and no other",
    async (path) => {
      const server = overviewServer(async () => empty, { allowedHosts: ["mesh.example"] });
      open.push(server);
      const { port } = new URL(await server.listen(0));
      const status = (host: string, headers = {}) =>
        new Promise((resolve, reject) => {
          request({ port, host: "127.0.0.1", path, headers: { host, ...headers } }, (response) => {
            resolve(response.resume().statusCode);
          })
            .on("error", reject)
            .end();
        });
      for (const host of ["localhost", `127.0.0.1:${port}`, "mesh.example:443"]) expect(await status(host)).toBe(200);
      for (const host of ["evil.example", `evil.example:${port}`]) expect(await status(host)).toBe(421);
      expect(await status("localhost", { origin: "http://evil.example" })).toBe(421);
    },
  );

  it("says that it could not look, and goes on serving", async () => {
    let fails = true;
    const url = await serve(async () => {
      if (fails) throw new Error("no");
      return empty;
    });
    expect((await fetch(url)).status).toBe(500);
    fails = false;
    expect((await fetch(url)).status).toBe(200);
  });

  it("refuses a port that is taken", async () => {
    const url = await serve(async () => empty);
    await expect(overviewServer(async () => empty).listen(Number(new URL(url).port))).rejects.toThrow("EADDRINUSE");
  });
});
