import { Refusal } from "../refusal.ts";
import { HclError, type HclItem, type HclPosition, parseHcl } from "./hcl.ts";

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

const invalid = (reason: string) => new Refusal(500, `Failed to parse ACL rules: ${reason}`);
const at = (position: HclPosition | undefined) => (position ? `At ${position.line}:${position.column}: ` : "");
const maxRulesBytes = 64 * 1024;

/**
 * The rules of a policy, in HCL (`service_prefix "" { policy = "read" }`) or the same in JSON.
 * Source: Consul, "ACL rules". Blocks that it does not know, and what Connect and Enterprise add, are not looked at.
 * @throws Refusal 500, as Consul
 */
export function parseRules(text: string): Rule[] {
  if (Buffer.byteLength(text) > maxRulesBytes) throw invalid(`longer than ${maxRulesBytes} bytes`);
  return text.trimStart().startsWith("{") ? rulesOfJson(text) : rulesOfHcl(text);
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
  let items: HclItem[];
  try {
    items = parseHcl(text);
  } catch (error) {
    if (error instanceof HclError) throw invalid(error.message);
    throw error;
  }
  return items.flatMap(({ keys: [block = "", ...names], value, at }) => {
    if (value.kind !== "object") return rule(block, undefined, value.kind === "text" ? value.text : "", at);
    if (names.length === 0) return value.items.flatMap((one) => ruleNamed(block, one));
    return ruleNamed(block, { keys: names, value, at });
  });
}

/** A field that is given twice has what was said last, as in Consul. */
function ruleNamed(block: string, { keys: [name = "", ...more], value, at }: HclItem): Rule[] {
  const fields = value.kind === "object" && more.length === 0 ? value.items : [];
  const field = fields.findLast(({ keys }) => keys.length === 1 && keys[0] === "policy");
  return rule(block, name, field?.value.kind === "text" ? field.value.text : "", field?.at ?? at);
}

function rule(block: string, name: string | undefined, level: string, position?: HclPosition): Rule[] {
  const isPrefix = block.endsWith("_prefix");
  const resource = (isPrefix ? block.slice(0, -"_prefix".length) : block) as Resource;
  const hasNames = (named as readonly string[]).includes(resource);
  if (!hasNames && (isPrefix || !(whole as readonly string[]).includes(resource))) return [];
  if (hasNames === (name === undefined))
    throw invalid(`${at(position)}"${block}" ${hasNames ? "needs" : "has no"} name`);
  // `list` is a read that also allows listing; here listing shows what may be read.
  if (level !== "read" && level !== "write" && level !== "deny" && level !== "list")
    throw invalid(`${at(position)}Invalid ${resource} policy: ${JSON.stringify(level.slice(0, 40))}`);
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
