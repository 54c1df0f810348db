import { expect } from "@jest/globals";
import type { ConsulScripts } from "./consul-session.ts";

export const queryScripts: ConsulScripts = {
  "waits until a service changes, and answers at once then": async (session) => {
    const Name = session.name();
    await session.register({ Name, Check: { TTL: "60s", Status: "passing" } });
    const { index } = await session.get(`/v1/health/service/${Name}?passing`);
    expect(index).toBeGreaterThan(0);
    const waiting = session.get(`/v1/health/service/${Name}?passing&index=${index}&wait=10s`);
    await session.put(`/v1/agent/check/fail/service:${Name}`);
    const changed = await waiting;
    expect(changed.json).toEqual([]);
    expect(changed.index).toBeGreaterThan(index);
  },
  "waits for a service that does not exist yet": async (session) => {
    const Name = session.name();
    const { index } = await session.get(`/v1/health/service/${Name}`);
    const waiting = session.get(`/v1/health/service/${Name}?index=${index}&wait=10s`);
    await session.register({ Name });
    // A query for a service that is not there is woken by others too.
    let seen = await waiting;
    while ((seen.json as unknown[]).length === 0) {
      seen = await session.get(`/v1/health/service/${Name}?index=${seen.index}&wait=10s`);
    }
    expect(seen.json).toHaveLength(1);
  },
  "tells a watcher that the last instance went": async (session) => {
    const Name = session.name();
    await session.register({ Name });
    const { index } = await session.get(`/v1/health/service/${Name}`);
    const waiting = session.get(`/v1/health/service/${Name}?index=${index}&wait=10s`);
    await session.put(`/v1/agent/service/deregister/${Name}`);
    const gone = await waiting;
    expect(gone.json).toEqual([]);
    expect(gone.index).toBeGreaterThan(index);
  },
  "answers with the same index when the wait is over": async (session) => {
    const Name = session.name();
    await session.register({ Name });
    const { index } = await session.get(`/v1/health/service/${Name}`);
    const began = performance.now();
    const after = await session.get(`/v1/health/service/${Name}?index=${index}&wait=500ms`);
    expect(performance.now() - began).toBeGreaterThanOrEqual(450);
    expect([after.index, (after.json as unknown[]).length]).toEqual([index, 1]);
  },
  "does not wake the watcher of another service": async (session) => {
    const [watched, other] = [session.name(), session.name()];
    await session.register({ Name: watched });
    const { index } = await session.get(`/v1/health/service/${watched}`);
    const waiting = session.get(`/v1/health/service/${watched}?index=${index}&wait=1s`);
    await session.register({ Name: other });
    expect((await waiting).index).toBe(index);
  },
  "never lets an index go backwards": async (session) => {
    const Name = session.name();
    const seen: number[] = [];
    for (let round = 0; round < 5; round++) {
      await session.register({ Name, ID: `${Name}-${round}` });
      seen.push((await session.get(`/v1/health/service/${Name}`)).index);
      await session.put(`/v1/agent/service/deregister/${Name}-${round}`);
      seen.push((await session.get(`/v1/health/service/${Name}`)).index);
    }
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
    expect(new Set(seen).size).toBe(seen.length);
  },
  "wakes a watcher of the list of services": async (session) => {
    const { index } = await session.get("/v1/catalog/services");
    const waiting = session.get(`/v1/catalog/services?index=${index}&wait=10s`);
    const Name = session.name();
    await session.register({ Name });
    // Every service wakes it.
    let seen = await waiting;
    while (!(Name in (seen.json as object)))
      seen = await session.get(`/v1/catalog/services?index=${seen.index}&wait=10s`);
    expect(seen.json).toHaveProperty([Name]);
  },
  "refuses an index or a wait that is none": async (session) => {
    expect((await session.get("/v1/health/service/x?index=soon")).status).toBe(400);
    expect((await session.get("/v1/health/service/x?index=1&wait=often")).status).toBe(400);
  },
};

interface Entry {
  Key: string;
  Value: string | null;
  Flags: number;
  ModifyIndex: number;
}
const textOf = (entry: Entry | undefined) => Buffer.from(entry?.Value ?? "", "base64").toString();

export const keyValueScripts: ConsulScripts = {
  "keeps a value with its flags": async (session) => {
    const key = session.name("key");
    expect((await session.put(`/v1/kv/${key}?flags=42`, "hello")).json).toBe(true);
    const [entry] = (await session.get(`/v1/kv/${key}`)).json as Entry[];
    expect([entry?.Key, textOf(entry), entry?.Flags]).toEqual([key, "hello", 42]);
    expect((await session.get(`/v1/kv/${key}?raw`)).text).toBe("hello");
  },
  "answers 404 with an index for a key that is not there": async (session) => {
    const { status, text, index } = await session.get(`/v1/kv/${session.name("key")}`);
    expect([status, text]).toEqual([404, ""]);
    expect(index).toBeGreaterThan(0);
  },
  "lists keys and values below a prefix, and folds at a separator": async (session) => {
    const root = session.name("dir");
    for (const key of ["a", "b/c", "b/d"]) await session.put(`/v1/kv/${root}/${key}`, key);
    expect(((await session.get(`/v1/kv/${root}/?recurse`)).json as Entry[]).map(textOf)).toEqual(["a", "b/c", "b/d"]);
    expect((await session.get(`/v1/kv/${root}/?keys`)).json).toEqual([`${root}/a`, `${root}/b/c`, `${root}/b/d`]);
    expect((await session.get(`/v1/kv/${root}/?keys&separator=/`)).json).toEqual([`${root}/a`, `${root}/b/`]);
  },
  "deletes one key, or all below a prefix": async (session) => {
    const root = session.name("dir");
    for (const key of ["a", "b"]) await session.put(`/v1/kv/${root}/${key}`, key);
    expect((await session.request("DELETE", `/v1/kv/${root}/a`)).json).toBe(true);
    expect((await session.get(`/v1/kv/${root}/?keys`)).json).toEqual([`${root}/b`]);
    await session.request("DELETE", `/v1/kv/${root}/?recurse`);
    expect((await session.get(`/v1/kv/${root}/?keys`)).status).toBe(404);
  },
  "sets only what has not changed meanwhile": async (session) => {
    const key = session.name("key");
    expect((await session.put(`/v1/kv/${key}?cas=0`, "first")).json).toBe(true);
    expect((await session.put(`/v1/kv/${key}?cas=0`, "second")).json).toBe(false);
    const [entry] = (await session.get(`/v1/kv/${key}`)).json as Entry[];
    expect((await session.put(`/v1/kv/${key}?cas=${entry?.ModifyIndex}`, "third")).json).toBe(true);
    expect((await session.request("DELETE", `/v1/kv/${key}?cas=${entry?.ModifyIndex}`)).json).toBe(false);
    expect((await session.get(`/v1/kv/${key}?raw`)).text).toBe("third");
  },
  "lets one of many writers win": async (session) => {
    const key = session.name("key");
    const wins = await Promise.all(Array.from({ length: 20 }, (_, n) => session.put(`/v1/kv/${key}?cas=0`, String(n))));
    expect(wins.filter(({ json }) => json === true)).toHaveLength(1);
  },
  "waits until a key changes": async (session) => {
    const key = session.name("key");
    await session.put(`/v1/kv/${key}`, "before");
    const { index } = await session.get(`/v1/kv/${key}`);
    const waiting = session.get(`/v1/kv/${key}?index=${index}&wait=10s`);
    await session.put(`/v1/kv/${key}`, "after");
    expect(textOf(((await waiting).json as Entry[])[0])).toBe("after");
  },
  "refuses a value of more than 512 KiB": async (session) => {
    const key = session.name("key");
    expect((await session.put(`/v1/kv/${key}`, new Uint8Array(512 * 1024))).status).toBe(200);
    expect((await session.put(`/v1/kv/${key}`, new Uint8Array(512 * 1024 + 1))).status).toBe(413);
    await session.request("DELETE", `/v1/kv/${key}`);
  },
  "takes any bytes for a value, and none": async (session) => {
    const key = session.name("key");
    await session.put(`/v1/kv/${key}`, new Uint8Array([0, 255, 10]));
    expect(((await session.get(`/v1/kv/${key}`)).json as Entry[])[0]?.Value).toBe("AP8K");
    await session.put(`/v1/kv/${key}`, new Uint8Array(0));
    expect(((await session.get(`/v1/kv/${key}`)).json as Entry[])[0]?.Value ?? "").toBe("");
  },
};
