import { type Component, classify, type Logger, option, takeOptions, within } from "@weft/core";
import type { Registry, ServiceInstance, ServiceWatch } from "@weft/discovery";
import { isServiceName } from "@weft/transport";
import { RoutesUnknown } from "./errors.ts";

export interface RouteTableOptions {
  /** This gateway's own name, which routes nowhere. */
  self: string;
  /** How long the first answer of the registry may take, in milliseconds. @defaultValue 3000 */
  firstAnswerMs?: number;
  /** How long a prefix stays known (503 rather than 404) after its service left, in milliseconds. @defaultValue 600000 */
  forgetAfterMs?: number;
}

const rules = { firstAnswerMs: option.milliseconds(3000), forgetAfterMs: option.count(600_000, { from: 0 }) };

interface Target {
  service: string;
  /** Whether the service says (metadata `public_read`) that anyone may read what the gateway has no rule for. */
  isPublicRead: boolean;
}

export interface RouteTable extends Component {
  /** The service that serves a path, by the longest prefix; nothing where no service ever said so. */
  match(path: string): Target | undefined;
  /** Every service that has a prefix. */
  services(): string[];
}

interface KnownService {
  watch: ServiceWatch;
  unwatch: () => void;
  /** Prefix → the oldest registration that claimed it: a service that restarts all its instances keeps its age. */
  claims: Map<string, number>;
  isPublicRead: boolean;
  /** Whether the registry names instances of it now. */
  isServed: boolean;
  /** Since when the registry does not list it. */
  goneAt?: number;
}

/**
 * Which service serves which prefix, as the instances say in the metadata `route` (a comma-separated list). One blocking query
 * for the names and one for each service keep it up to date. A service without healthy instances keeps its prefixes, unless one
 * with instances claims them too. What could never be routed (a name that is none of a service, a prefix that is no path) is left
 * out, and the log says so once.
 */
export function routeTable(
  { registry, log }: { registry: Registry; log: Logger },
  options: RouteTableOptions,
): RouteTable {
  const { self, firstAnswerMs, forgetAfterMs } = takeOptions("routeTable", rules, options);
  const known = new Map<string, KnownService>();
  const told = new Set<string>();
  let table: { prefix: string; service: string }[] = [];
  let unwatchServices: (() => void) | undefined;
  let answered = false;
  let onFirstAnswer = () => {};

  function onServices(names: readonly string[]): void {
    const listed = new Set(names);
    const added = names.filter((name) => name !== self && !known.has(name) && isRoutable(name));
    for (const name of added) follow(name);
    for (const [name, service] of known) {
      if (listed.has(name)) service.goneAt = undefined;
      else service.goneAt ??= performance.now();
      if (service.goneAt !== undefined && performance.now() - service.goneAt > forgetAfterMs) forget(name, service);
    }
    rebuild();
    if (answered && added.length > 0) void seed();
    answered = true;
    onFirstAnswer();
  }

  function follow(name: string): void {
    const watch = registry.watch(name);
    const service: KnownService = {
      watch,
      unwatch: () => {},
      claims: new Map(),
      isPublicRead: false,
      isServed: false,
    };
    known.set(name, service);
    seeInstances(service);
    service.unwatch = watch.onChange(() => {
      if (seeInstances(service)) rebuild();
    });
  }

  /** Nobody could call it: a client refuses such a name. */
  function isRoutable(name: string): boolean {
    if (isServiceName(name)) return true;
    warnOnce(
      `name ${name}`,
      { service: name.slice(0, 200) },
      "a registration is ignored: its name is none of a service",
    );
    return false;
  }

  /** @returns whether the table may be another one now */
  function seeInstances(entry: KnownService): boolean {
    const { instances, isDoubted } = entry.watch.current();
    const wasServed = entry.isServed;
    entry.isServed = instances.length > 0 && !isDoubted;
    return claim(entry, instances) || entry.isServed !== wasServed;
  }

  function forget(name: string, service: KnownService): void {
    service.unwatch();
    known.delete(name);
  }

  /** Of a service that answers, what it says now counts; of one without instances, what it said last. */
  function claim(entry: KnownService, instances: readonly ServiceInstance[]): boolean {
    if (instances.length === 0) return false;
    const { claims } = entry;
    const before = JSON.stringify([...claims]);
    const now = new Map<string, number>();
    for (const { service, metadata, createIndex } of instances) {
      const { prefixes, impossible } = readRoute(metadata.route);
      if (impossible.length > 0) {
        const shown = impossible.map((prefix) => prefix.slice(0, 200)).slice(0, 10);
        warnOnce(
          `route ${service} ${shown}`,
          { service, ignored: shown },
          "a registered route is ignored: it is no path",
        );
      }
      for (const prefix of prefixes) {
        const oldest = Math.min(createIndex, now.get(prefix) ?? createIndex, claims.get(prefix) ?? createIndex);
        now.set(prefix, oldest);
      }
    }
    // All of them must say so: one that was configured otherwise is one too many.
    entry.isPublicRead = instances.every(({ metadata }) => metadata.public_read === "true");
    claims.clear();
    for (const [prefix, age] of now) claims.set(prefix, age);
    return JSON.stringify([...claims]) !== before;
  }

  function rebuild(): void {
    const winners = new Map<string, Claimant>();
    for (const [service, { claims, goneAt, isServed }] of known) {
      for (const [prefix, age] of claims) {
        const claimant = { service, age, isGone: goneAt !== undefined, isServed };
        const other = winners.get(prefix);
        if (!other) winners.set(prefix, claimant);
        else {
          const [winner, loser] = comesBefore(claimant, other) ? [claimant, other] : [other, claimant];
          winners.set(prefix, winner);
          // One that comes back is served before the list of names has it again.
          if (loser.isServed && !loser.isGone) tellOfRival(prefix, winner.service, loser.service);
        }
      }
    }
    table = [...winners]
      .map(([prefix, { service }]) => ({ prefix, service }))
      .sort((a, b) => b.prefix.length - a.prefix.length);
    tellOfPartsTaken();
  }

  function tellOfRival(prefix: string, winner: string, loser: string): void {
    warnOnce(
      `${prefix} ${winner} ${loser}`,
      { prefix, routedTo: winner, ignored: loser },
      "two services registered the same prefix; the older one has it",
    );
  }

  /** A longer prefix takes a part of a shorter one away from another service: meant or not, whoever looks for it finds it here. */
  function tellOfPartsTaken(): void {
    for (const [index, { prefix, service }] of table.entries()) {
      const around = table.slice(index + 1).find((other) => prefix.startsWith(`${other.prefix}/`));
      if (!around || around.service === service) continue;
      warnOnce(
        `${prefix} ${service} below ${around.prefix} ${around.service}`,
        { prefix, routedTo: service, below: around.prefix, of: around.service },
        "a service registered a prefix below another service's and takes that part of it",
      );
    }
  }

  function warnOnce(key: string, fields: Record<string, unknown>, message: string): void {
    if (told.has(key) || told.size >= 1000) return;
    told.add(key);
    log.warn(fields, message);
  }

  /** Services that are registered but not healthy have prefixes too; only a look at the whole catalog shows them. */
  async function seed(): Promise<void> {
    if ([...known.values()].every(({ claims }) => claims.size > 0)) return;
    try {
      for (const { service, instances } of await registry.catalog()) {
        const entry = known.get(service);
        if (entry && entry.claims.size === 0) claim(entry, instances);
      }
      rebuild();
    } catch (error) {
      log[classify(error) === "bug" ? "error" : "debug"]({ err: error }, "the catalog could not be read");
    }
  }

  function firstAnswer(): Promise<void> {
    if (answered) return Promise.resolve();
    const answer = new Promise<void>((resolve) => {
      onFirstAnswer = resolve;
    });
    return within(firstAnswerMs, answer, () => {
      throw new RoutesUnknown();
    });
  }

  return {
    name: "routes",
    async start() {
      unwatchServices ??= registry.watchServices(onServices);
      await firstAnswer();
      await Promise.all([...known.values()].map(({ watch }) => watch.ready(firstAnswerMs)));
      for (const service of known.values()) seeInstances(service);
      rebuild();
      await seed();
    },
    async stop() {
      unwatchServices?.();
      for (const { unwatch } of known.values()) unwatch();
      known.clear();
    },
    health: () => ({ status: "healthy", details: { prefixes: table.length, services: servicesIn(table) } }),
    match(path) {
      const found = table.find(({ prefix }) => path === prefix || path.startsWith(`${prefix}/`));
      if (!found) return undefined;
      return { service: found.service, isPublicRead: known.get(found.service)?.isPublicRead ?? false };
    },
    services: () => servicesIn(table),
  };
}

const servicesIn = (table: readonly { service: string }[]) => [...new Set(table.map(({ service }) => service))].sort();

interface Claimant {
  service: string;
  age: number;
  /** Known from before, but no longer registered. */
  isGone: boolean;
  isServed: boolean;
}

/**
 * Who would answer comes first: a registration that is kept for a while after its process left must not keep a successor out.
 * Among them the older registration has a prefix; one that was taken back has it only while nobody else wants it.
 */
function comesBefore(one: Claimant, other: Claimant): boolean {
  if (one.isServed !== other.isServed) return one.isServed;
  if (one.isGone !== other.isGone) return other.isGone;
  return one.age < other.age || (one.age === other.age && one.service < other.service);
}

/** A path that a request can have: `apiPath` refuses dot segments and whatever would be escaped. */
const isPrefix = (prefix: string) =>
  prefix.length <= 200 &&
  /^(\/[A-Za-z0-9._~-]+)+$/.test(prefix) &&
  prefix.split("/").every((part) => part !== "." && part !== "..");

/** `/v1/catalog, /v1/categories/` → both, without the slash at the end; what could be no request's path is `impossible`. */
export function readRoute(route: string | undefined): { prefixes: string[]; impossible: string[] } {
  const claimed = (route ?? "")
    .split(",")
    .map((prefix) => prefix.trim())
    .filter((prefix) => prefix !== "");
  const plain = claimed.map((prefix) => prefix.replace(/^\/api(?=\/)/, "").replace(/\/+$/, ""));
  return {
    prefixes: plain.filter(isPrefix),
    impossible: claimed.filter((_prefix, index) => !isPrefix(plain[index]!)),
  };
}
