import { expect, it } from "@jest/globals";
import { createLogger } from "./log.ts";

// In a file of its own, because the log leaves its own files, log.*, out of the stack.
it("a log line says which file and line wrote it", () => {
  let text = "";
  const destination = {
    write(line: string) {
      text += line;
    },
  };
  const log = createLogger(
    { name: "catalog-service", version: "1.0.0", instanceId: "catalog-1" },
    { level: "info", destination },
  );
  log.info("here");
  expect(JSON.parse(text).caller).toMatch(/^src\/caller\.test\.ts:\d+$/);
});
