import { describe, expect, it, jest } from "@jest/globals";
import type { HttpRequest } from "../http/server.ts";
import type { PermissionsOf } from "./access.ts";
import { blockingQuery } from "./answering.ts";
import { blockingQueries } from "./blocking.ts";
import { keyValueStore } from "./key-value.ts";
import { keyValueRoutes } from "./key-value-routes.ts";
import { Refusal } from "./refusal.ts";
import type { Sessions } from "./sessions.ts";

const asked = (query: string) =>
  ({
    params: { key: "a" },
    query: new URLSearchParams(query),
    signal: AbortSignal.timeout(20_000),
  }) as unknown as HttpRequest;

describe("blocking queries over HTTP", () => {
  it("refuse at once, and do not wait before", async () => {
    const wait = jest.fn(async () => {});
    const query = blockingQuery({ wait, changed() {} });
    const refused = query(
      asked("index=5&wait=10m"),
      () => 5,
      () => {
        throw new Refusal(500, "no filter");
      },
    );
    await expect(refused).rejects.toThrow("no filter");
    expect(wait).not.toHaveBeenCalled();
  });

  it.each(["", "&recurse", "&keys"])(
    "of keys tell nothing to a token that was deleted while it waited (%s)",
    async (how) => {
      const queries = blockingQueries();
      let index = 10;
      const keyValues = keyValueStore({ queries, nextIndex: () => ++index, returnIndex: () => {}, firstIndex: 10 });
      let isKnown = true;
      const permissionsOf: PermissionsOf = () => {
        if (!isKnown) throw new Refusal(403, "ACL not found");
        return { may: () => true, demand: () => {} };
      };
      const routes = keyValueRoutes({
        query: blockingQuery(queries),
        keyValues,
        sessions: {} as Sessions,
        permissionsOf,
        saveKeyValues: () => {},
      });
      keyValues.put("a", Buffer.from("seen"), { flags: 0 });
      const waiting = Promise.resolve(
        routes["GET /v1/kv/{key*}"]?.(asked(`index=${keyValues.indexOf("a")}&wait=10m${how}`)),
      );
      isKnown = false;
      keyValues.put("a", Buffer.from("not to be seen"), { flags: 0 });
      await expect(waiting).rejects.toMatchObject({ status: 403, message: "ACL not found" });
    },
  );
});
