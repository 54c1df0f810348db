import { createLogger, type Logger } from "@weft/core";

/** A logger as services have it, with all that it wrote. */
export function recordingLogger(): { log: Logger; lines(): Record<string, unknown>[]; text(): string } {
  const written: string[] = [];
  const log = createLogger(
    { name: "security-test", version: "1", instanceId: "security-test-1" },
    { level: "debug", destination: { write: (line) => written.push(line) } },
  );
  return { log, lines: () => written.map((line) => JSON.parse(line)), text: () => written.join("") };
}
