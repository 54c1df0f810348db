import { Refusal } from "../refusal.ts";

export type Access = "read" | "write";
type Level = Access | "deny";

const named = ["agent", "event", "key", "node", "query", "service", "session"] as const;
const whole = ["acl", "keyring", "mesh", "operator", "peering"] as const;
export type Resource = (typeof named)[number] | (typeof whole)[number];

interface Rule {
  resource: Resource;
  /** Absent where a resource has no names. */
  name: string;
  isPrefix: boolean;
  level: Level;
}

const invalid = (reason: string) => new Refusal(400, `Failed to parse ACL rules: ${reason}`);
const maxRulesBytes = 64 * 1024;

/**
 * The rules of a policy, in HCL (`service_prefix "" { policy = "read" }`) or the same in JSON.
 * Source: Consul, "ACL rules". Blocks that it does not know, and what Connect and Enterprise add, are not looked at.
 * @throws Refusal 400
 */
export function parseRules(text: string): Rule[] {
  if (Buffer.byteLength(text) > maxRulesBytes) throw invalid(`longer than ${maxRulesBytes} bytes`);
  const trimmed = text.trim();
  return trimmed.startsWith("{") ? rulesOfJson(trimmed) : rulesOfHcl(trimmed);
}

function rulesOfJson(text: string): Rule[] {
  let value: Record<string, unknown>;
  try {
    value = JSON.parse(text) as Record<string, unknown>;
  } catch {
    throw invalid("no JSON");
  }
  return Object.entries(value).flatMap(([block, content]) => {
    if (typeof content === "string") return rule(block, undefined, content);
    const labels = (Array.isArray(content) ? content : [content]) as Record<string, { policy?: unknown }>[];
    return labels.flatMap((one) =>
      Object.entries(one ?? {}).flatMap(([name, body]) => rule(block, name, String(body?.policy ?? ""))),
    );
  });
}

function rulesOfHcl(text: string): Rule[] {
  const tokens = [...text.replace(/^\s*(#|\/\/).*$/gm, "").matchAll(/"((?:[^"\\]|\\.)*)"|([A-Za-z_]+)|([={}])|(\S)/g)];
  const rules: Rule[] = [];
  let at = 0;
  const word = () => tokens[at++]?.[2] ?? fail();
  const quoted = () => tokens[at++]?.[1] ?? fail();
  const sign = (wanted: string) => tokens[at]?.[3] === wanted && at++ >= 0;
  const fail = (): never => {
    throw invalid(`unexpected ${tokens[at - 1]?.[0] ?? "end"}`);
  };
  while (at < tokens.length) {
    const block = word();
    if (sign("=")) {
      rules.push(...rule(block, undefined, quoted()));
      continue;
    }
    const name = quoted();
    if (!sign("{")) fail();
    let level = "";
    while (!sign("}")) {
      const field = word();
      if (!sign("=")) fail();
      const value = quoted();
      if (field === "policy") level = value;
    }
    rules.push(...rule(block, name, level));
  }
  return rules;
}

function rule(block: string, name: string | undefined, level: string): Rule[] {
  const isPrefix = block.endsWith("_prefix");
  const resource = (isPrefix ? block.slice(0, -"_prefix".length) : block) as Resource;
  const hasNames = (named as readonly string[]).includes(resource);
  if (!hasNames && (isPrefix || !(whole as readonly string[]).includes(resource))) return [];
  if (hasNames === (name === undefined)) throw invalid(`"${block}" ${hasNames ? "needs" : "has no"} name`);
  // `list` is a read that also allows listing; here listing shows what may be read.
  if (level !== "read" && level !== "write" && level !== "deny" && level !== "list")
    throw invalid(`Invalid ${resource} policy: "${level.slice(0, 40)}"`);
  return [{ resource, name: name ?? "", isPrefix, level: level === "list" ? "read" : level }];
}

const strength: Record<Level, number> = { read: 0, write: 1, deny: 2 };

/** Whether several policies together allow it: the exact name counts before the longest prefix, and `deny` before all. */
export function isAllowed(rules: readonly Rule[], resource: Resource, name: string, access: Access): boolean {
  const fitting = rules
    .filter((one) => one.resource === resource && (one.isPrefix ? name.startsWith(one.name) : one.name === name))
    .sort(
      (a, b) =>
        Number(a.isPrefix) - Number(b.isPrefix) ||
        b.name.length - a.name.length ||
        strength[b.level] - strength[a.level],
    );
  const level = fitting[0]?.level;
  return level === "write" || (level === "read" && access === "read");
}
