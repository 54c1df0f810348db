#!/usr/bin/env bash
# ajv refuses money amounts with two decimals under `multipleOf: 0.01`; its option for this, `multipleOfPrecision`, has no
# effect at all on amounts beyond a size.
set -euo pipefail

cat <<'TEXT'
Run on:   ajv 8.20.0, Node 24.21.0 (npm), first on 2026-12-01.
Expected: `{ "type": "number", "multipleOf": 0.01 }` accepts every amount with two decimals once `multipleOfPrecision`
          is set, which ajv has for fractional divisors.
Seen:     without the option about one amount in six is refused (19.99 is). With `multipleOfPrecision: 8` small amounts
          are accepted and about one in seven large ones is refused: exactly those that are refused without it.
          The tolerance is for the quotient and absolute (1e-8), and from 671,088.64 on neighbouring quotients lie
          further apart than that. A smaller number moves the limit (6: to 114 million) and does not remove it.
          A test with small prices does not meet it.
TEXT

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
cd "$work"

echo '{ "private": true, "type": "module", "allowScripts": { "node": true } }' > package.json
npm install --no-audit --no-fund --loglevel=error ajv@8.20.0 node@24.21.0 > install.log 2>&1 || { cat install.log; exit 1; }

cat > try.mjs <<'JS'
import { Ajv } from "ajv";

const schema = { type: "number", multipleOf: 0.01 };
const accepts = {
  none: new Ajv().compile(schema),
  6: new Ajv({ multipleOfPrecision: 6 }).compile(schema),
  8: new Ajv({ multipleOfPrecision: 8 }).compile(schema),
};
const wrong = [];
const check = (what, holds) => holds || wrong.push(what);
/** As it comes from JSON: the double next to the decimal number. */
const amount = (cents) => JSON.parse(`${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, "0")}`);
const verdict = (valid) => (valid ? "accepted" : "REFUSED ");

console.log(`\nNode ${process.version}\n\namount            no option   precision 6  precision 8`);
for (const [value, none, six, eight] of [
  [0.07, false, true, true],
  [19.99, false, true, true],
  [894784.94, false, true, false],
  [1234567.89, false, true, false],
  [114532461.32, false, false, false],
]) {
  const seen = [accepts.none(value), accepts[6](value), accepts[8](value)];
  console.log(value.toFixed(2).padEnd(17), seen.map((valid) => verdict(valid).padEnd(11)).join(" ").trimEnd());
  check(`${value}`, seen.join() === [none, six, eight].join());
}

let first = 0;
while (accepts[8](first / 100)) first++;
console.log(`\nThe smallest amount refused with precision 8: ${(first / 100).toFixed(2)}`);
check("the smallest refused amount", first === 89478494 && amount(first) === first / 100);

let seed = 1;
const random = () => (seed = (seed * 48271) % 2147483647) / 2147483647;
const tries = 100_000;
console.log(`\nRefused of ${tries} random amounts:\n\nfrom          to               no option   precision 6  precision 8  8 as without`);
for (const [from, to, sixRefuses, eightRefuses] of [
  [0, 10_000, false, false],
  [894_784, 10_000_000, false, true],
  [10_000_000, 85_000_000, false, true],
  [100_000_000, 1_000_000_000, true, true],
  [1_000_000_000, 10_000_000_000, true, true],
]) {
  const refused = { none: 0, 6: 0, 8: 0 };
  let same = true;
  for (let i = 0; i < tries; i++) {
    const value = amount(Math.floor((from + random() * (to - from)) * 100));
    for (const name of Object.keys(refused)) if (!accepts[name](value)) refused[name]++;
    same &&= accepts.none(value) === accepts[8](value);
  }
  const share = (count) => `${((count / tries) * 100).toFixed(1)} %`;
  console.log(
    from.toLocaleString("en").padEnd(13), to.toLocaleString("en").padEnd(16), share(refused.none).padEnd(11),
    share(refused[6]).padEnd(12), share(refused[8]).padEnd(12), same ? "yes" : "no",
  );
  const many = (count) => count > 0.08 * tries;
  check(
    `${from} to ${to}`,
    many(refused.none) && (sixRefuses ? many(refused[6]) : refused[6] === 0) &&
      (eightRefuses ? many(refused[8]) : refused[8] === 0) && same === eightRefuses,
  );
}

if (wrong.length > 0) {
  console.error(`\nNo longer as described: ${wrong.join(", ")}`);
  process.exitCode = 1;
} else console.log("\nAs described.");
JS
"$work/node_modules/.bin/node" try.mjs
