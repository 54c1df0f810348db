#!/usr/bin/env bash
# undici's headersTimeout and bodyTimeout end nothing before half a second over HTTP/1.1, whatever they say; over HTTP/2 the
# same options hold to the millisecond.
set -euo pipefail

cat <<'TEXT'
Run on:   undici 8.12.4, Node 24.21.0 (npm), first on 2026-12-01.
Expected: `headersTimeout: 50` and `bodyTimeout: 50` end a call of which nothing arrives for 50 ms, give or take a few.
          undici's documentation warns that its timers are coarse, and exempts delays up to 1000 ms over HTTP/1.1.
Seen:     over HTTP/1.1 every answer that comes after 250 ms is taken, and so is every pause of 250 ms in a body; a
          server that is silent for longer is given up after 500 to 1000 ms, ten to twenty times the 50. (One timer
          that ticks every 499 ms serves every delay, and no delay ends before its second tick.) Over HTTP/2, with the
          same options and the same server, both end after 50 ms. So with HTTP/2 calls fail that never did before.
          `signal: AbortSignal.timeout(50)` holds over both.
TEXT

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
cd "$work"

echo '{ "private": true, "type": "module", "allowScripts": { "node": true } }' > package.json
npm install --no-audit --no-fund --loglevel=error undici@8.12.4 node@24.21.0 > install.log 2>&1 || { cat install.log; exit 1; }

cat > try.mjs <<'JS'
import { once } from "node:events";
import http from "node:http";
import http2 from "node:http2";
import { Agent, request } from "undici";

/** `/headers/250` answers after 250 ms; `/body/250` begins at once and pauses for 250 ms. */
function answer(req, res) {
  const [, where, ms] = req.url.split("/");
  if (where === "body") res.write("begun, ");
  setTimeout(() => res.end("done"), Number(ms));
}

async function call(origin, path, options) {
  const begun = performance.now();
  try {
    const { body } = await request(`${origin}${path}`, options);
    await body.text();
    return { outcome: "answer", ms: performance.now() - begun };
  } catch (error) {
    return { outcome: typeof error.code === "string" ? error.code : error.name, ms: performance.now() - begun };
  }
}

const timeouts = { headersTimeout: 50, bodyTimeout: 50 };
const protocols = [
  ["HTTP/1.1", http.createServer(answer), timeouts],
  ["HTTP/2", http2.createServer(answer), { ...timeouts, useH2c: true }],
];
const codes = { headers: "UND_ERR_HEADERS_TIMEOUT", body: "UND_ERR_BODY_TIMEOUT" };
const wrong = [];

console.log(`\nNode ${process.version}; headersTimeout and bodyTimeout are 50 ms\n`);
console.log("protocol  silence                 calls  outcome                      after ms");
for (const [protocol, server, options] of protocols) {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const origin = `http://127.0.0.1:${server.address().port}`;
  const dispatcher = new Agent(options);
  const lines = [
    ["headers", 250, 10, {}],
    ["body", 250, 10, {}],
    ["headers", 4000, 3, {}],
    ["body", 4000, 3, {}],
    ["headers", 250, 3, { signal: true }],
  ];
  // The first call also pays for what is loaded and compiled late.
  await call(origin, "/headers/0", { dispatcher });
  for (const [where, silence, calls, { signal }] of lines) {
    const seen = [];
    for (let i = 0; i < calls; i++)
      seen.push(await call(origin, `/${where}/${silence}`, { dispatcher, ...(signal && { signal: AbortSignal.timeout(50) }) }));
    const outcomes = [...new Set(seen.map(({ outcome }) => outcome))];
    const times = seen.map(({ ms }) => Math.round(ms));
    const [least, most] = [Math.min(...times), Math.max(...times)];
    console.log(
      protocol.padEnd(9), `${silence} ms, ${where}${signal ? ", signal" : ""}`.padEnd(23), String(calls).padEnd(6),
      outcomes.join(" and ").padEnd(28), `${least} to ${most}`,
    );
    const coarse = protocol === "HTTP/1.1" && !signal;
    const expected = signal ? ["TimeoutError"] : coarse && silence === 250 ? ["answer"] : [codes[where]];
    const inTime = !coarse ? least < 200 : silence === 250 || (least > 450 && most < 3500);
    if (outcomes.length !== 1 || !expected.includes(outcomes[0]) || !inTime) wrong.push(`${protocol} ${where} ${silence} ms`);
  }
  await dispatcher.destroy();
  server.closeAllConnections?.();
  server.close();
}

if (wrong.length > 0) console.error(`\nNo longer as described: ${wrong.join(", ")}`);
else console.log("\nAs described.");
process.exit(wrong.length > 0 ? 1 : 0);
JS
"$work/node_modules/.bin/node" try.mjs
