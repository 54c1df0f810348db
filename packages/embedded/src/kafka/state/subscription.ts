import { Malformed } from "../bytes/malformed.ts";
import { Reader } from "../bytes/reader.ts";

/** Topics in a consumer's join metadata (`ConsumerProtocolSubscription`: version, then the topics). Empty when it is something else. */
export function subscribedTopics(metadata: Buffer): string[] {
  try {
    const reader = new Reader(metadata);
    reader.int16();
    return Array.from({ length: reader.arrayLength(false) ?? 0 }, () => reader.string(false) ?? "");
  } catch (error) {
    if (error instanceof Malformed) return [];
    throw error;
  }
}
