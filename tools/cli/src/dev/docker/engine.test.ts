import { describe, expect, it } from "@jest/globals";
import { CommandFailed, checkEngine, type Docker } from "./engine.ts";

const failing =
  (error: Error): Docker =>
  () =>
    Promise.reject(error);
const said = async (run: Docker) =>
  (await checkEngine(run).then(
    () => undefined,
    (error: Error) => error.message,
  )) ?? "";

describe("the Docker engine that is asked first", () => {
  it("passes when it answers", async () => {
    await expect(checkEngine(async () => "20.10.24")).resolves.toBeUndefined();
  });

  it.each([
    ["there is no command", Object.assign(new Error("spawn docker ENOENT"), { code: "ENOENT" }), /install Docker\./],
    ["this user may not", new CommandFailed("permission denied while trying to connect"), /add the user to the group/],
    [
      "it hangs",
      new CommandFailed("docker version did not end within 15 s"),
      /does not answer \(waited 15 s\): restart/,
    ],
    [
      "nothing listens",
      new CommandFailed("Cannot connect to the Docker daemon. Is it running?"),
      /start one .*running\. Or/,
    ],
  ])("says what to do where %s, and that there is another way", async (_, error, expected) => {
    const message = await said(failing(error));
    expect(message).toMatch(expected);
    expect(message).toMatch(/Or start without --infra docker: the embedded servers need no engine\.$/);
  });
});
