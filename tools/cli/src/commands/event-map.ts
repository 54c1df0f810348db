import { contractOf, contracts, contractsOfAllMajors } from "@weft/contracts";
import { defineError } from "@weft/core";
import { Command } from "commander";
import { type DescribedService, describeServices } from "../describe-services.ts";
import { print, printJson } from "./print.ts";

/** One event type: who tells it, and who reads it. */
interface MappedEvent {
  type: string;
  topic: string;
  publishedBy: string[];
  readBy: { service: string; reads: string[] }[];
}

export interface EventMap {
  events: MappedEvent[];
  calls: { from: string; to: string; protocol: string }[];
  /** What cannot work, one line each. */
  problems: string[];
}

const EventMapBroken = defineError<{ problems: string[] }>({
  code: "EVENT_MAP_BROKEN",
  kind: "invalid",
  message: ({ problems }) => problems.join("\n"),
});

/** Drawn from what the services say of themselves and from `schemas/`. */
export function eventMap(services: readonly DescribedService[]): EventMap {
  const problems: string[] = [];
  const known = new Set(services.map(({ service }) => service));
  const types = new Set([
    ...Object.keys(contracts),
    ...services.flatMap(({ publishes, subscribes }) => [...publishes, ...subscribes.map(({ type }) => type)]),
  ]);
  const events = [...types].map((type): MappedEvent => {
    const declaring = services.filter(({ publishes }) => publishes.includes(type)).map(({ service }) => service);
    const named = publishersNamed(type);
    problems.push(...publisherProblems(type, { declaring, named, known }));
    // Services of other teams are in the document alone.
    const publishedBy = [...declaring, ...named.filter((service) => !known.has(service))];
    const readers = services.flatMap(({ service, subscribes }) =>
      subscribes
        .filter((subscription) => subscription.type === type)
        .map(({ majors, reads }) => ({ service, majors, reads })),
    );
    if (contractOf(type) === undefined) {
      problems.push(`${type} is in no document of schemas/: weft new event ${type} --topic … --key … writes one`);
    }
    for (const { service, majors, reads } of readers) {
      if (publishedBy.length === 0) {
        problems.push(
          `${service} reads ${type}, which nobody publishes: add it to \`publishes\` of a service, or drop the subscription`,
        );
      }
      for (const major of majors) problems.push(...unknownFields(service, type, major, reads));
    }
    return {
      type,
      topic: contractOf(type)?.topic ?? "",
      publishedBy,
      readBy: readers.map(({ service, reads }) => ({ service, reads })),
    };
  });
  const calls = services.flatMap(({ service, calls: to }) =>
    to.map(({ service: called, protocol }) => ({ from: service, to: called, protocol })),
  );
  for (const { from, to } of calls) {
    if (!known.has(to)) problems.push(`${from} calls ${to}, which is no service of services/`);
  }
  return { events: events.sort((a, b) => (a.topic + a.type < b.topic + b.type ? -1 : 1)), calls, problems };
}

const publishersNamed = (type: string) => [
  ...new Set(
    contractsOfAllMajors.filter(({ eventType }) => eventType === type).flatMap(({ publishers }) => publishers),
  ),
];

/** Readers take an event from the `publishers` of its document alone, so these and what services declare must be the same. */
function publisherProblems(
  type: string,
  { declaring, named, known }: { declaring: string[]; named: string[]; known: ReadonlySet<string> },
): string[] {
  if (contractOf(type) === undefined) return [];
  const unnamed = declaring.filter((service) => !named.includes(service));
  const undeclared = named.filter((service) => known.has(service) && !declaring.includes(service));
  return [
    ...unnamed.map(
      (service) =>
        `${service} publishes ${type}, and its document does not name it: add it to \`publishers\` there, or readers refuse what it sends`,
    ),
    ...undeclared.map(
      (service) =>
        `the document of ${type} names ${service}, which does not declare it: add it to \`publishes\` of that service, or take it out of \`publishers\``,
    ),
  ];
}

function unknownFields(service: string, type: string, major: number, reads: readonly string[]): string[] {
  const contract = contractOf(type, major);
  if (contract === undefined) {
    return contractOf(type) ? [`${service} reads major ${major} of ${type}, which has no document`] : [];
  }
  const { properties } = contract.envelopeSchema as { properties: { data: Schema } };
  return reads
    .filter((field) => !hasField(properties.data, field.split(".")))
    .map((field) => `${service} reads the field ${field} of ${type}, which its schema does not have`);
}

interface Schema {
  properties?: Record<string, Schema>;
  items?: Schema;
}

/** `items.productId`: through objects by name, through lists as if they were one of their items; what is open may hold anything. */
function hasField(schema: Schema, [name, ...rest]: string[]): boolean {
  if (name === undefined) return true;
  if (schema.items) return hasField(schema.items, [name, ...rest]);
  if (!schema.properties) return true;
  const inner = schema.properties[name];
  return inner !== undefined && hasField(inner, rest);
}

export function eventMapCommand(): Command {
  return new Command("map")
    .description(
      "who publishes what, who reads it, and who calls whom; fails where somebody reads what nobody publishes",
    )
    .option("--json", "print JSON")
    .action(async ({ json = false }: { json?: boolean }) => {
      const map = eventMap(await describeServices());
      if (json) printJson(map);
      else draw(map);
      if (map.problems.length > 0) throw new EventMapBroken({ problems: map.problems });
    });
}

function draw({ events, calls }: EventMap): void {
  const short = (service: string) => service.replace(/-service$/, "");
  let topic = "";
  for (const event of events) {
    if (event.topic !== topic) print(`${topic === "" ? "" : "\n"}${event.topic}`);
    topic = event.topic;
    const from = event.publishedBy.map(short).join(", ") || "(nobody)";
    const to = event.readBy.map(({ service }) => short(service)).join(", ") || "(nobody)";
    print(`  ${event.type.padEnd(24)} ${from.padEnd(20)} → ${to}`);
  }
  print("\ncalls");
  for (const { from, to, protocol } of calls)
    print(`  ${short(from).padEnd(24)} ${protocol.padEnd(20)} → ${short(to)}`);
}
