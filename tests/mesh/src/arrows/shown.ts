import { afterEach, expect } from "@jest/globals";

/**
 * The arrows that the tests of this file have shown, as their titles say: what is around them names both ends
 * (`shipping.events → review-service`, `review-service → catalog-service over http`, `gateway → pricing-service`), and a test
 * of a topic names in brackets which of its events it is about.
 */
export function shownArrows(): Set<string> {
  const shown = new Set<string>();
  afterEach(() => {
    for (const arrow of arrowsOf(expect.getState().currentTestName ?? "")) shown.add(arrow);
  });
  return shown;
}

function arrowsOf(title: string): string[] {
  const [isEvent, reader] = /\b[\w-]+\.events → ([\w-]+)/.exec(title) ?? [];
  if (isEvent) return [...title.matchAll(/\[(\w+)\]/g)].map(([, type]) => `${type} → ${reader}`);
  return /\b[\w-]+ → [\w-]+ over \w+|\bgateway → [\w-]+/.exec(title) ?? [];
}
