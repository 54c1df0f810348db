import type { ContractDocument, EventContract, EventType } from "./contract.ts";
import { envelopeSchema, subjectOf } from "./envelope-schema.ts";
import { documents } from "./generated/documents.ts";

/** Every contract in every major, by type and major: what is registered. */
export const contractsOfAllMajors: readonly EventContract[] = documents.map(contractFrom);

function contractFrom({ schema, ...document }: ContractDocument): EventContract {
  return {
    ...document,
    subject: subjectOf(document.topic, document.eventType, document.major),
    envelopeSchema: envelopeSchema({ ...document, schema }, "closed"),
    openEnvelopeSchema: envelopeSchema({ ...document, schema }, "open"),
  };
}

const byType = new Map<string, EventContract>();
const byMajor = new Map<string, EventContract>();
// Sorted by major, so that the newest is set last.
for (const contract of contractsOfAllMajors) {
  byType.set(contract.eventType, contract);
  byMajor.set(`${contract.eventType} ${contract.major}`, contract);
}

type Contracts = { readonly [T in EventType]: EventContract<T> };

/** Each event type's contract in its newest major. */
export const contracts = Object.fromEntries(byType) as unknown as Contracts;

/** Every event type, sorted. */
export const eventTypes = [...byType.keys()] as EventType[];

/** The services that may publish an event type in one of these majors; none where no document declares it. */
export function publishersOf(type: string, majors: readonly number[]): string[] {
  return [...new Set(majors.flatMap((major) => contractOf(type, major)?.publishers ?? []))];
}

/** The contract of an event type, in its newest major unless one is named; nothing where no document declares it. */
export function contractOf(type: string, major?: number): EventContract | undefined {
  return major === undefined ? byType.get(type) : byMajor.get(`${type} ${major}`);
}
