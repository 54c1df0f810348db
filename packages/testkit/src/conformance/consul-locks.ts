import { expect } from "@jest/globals";
import { eventually } from "../eventually.ts";
import type { ConsulScripts, ConsulSession } from "./consul-session.ts";

interface Lockable {
  Value: string | null;
  LockIndex: number;
  Session?: string;
}

async function newSession(session: ConsulSession, given: Record<string, unknown> = {}): Promise<string> {
  const { status, json } = await session.put("/v1/session/create", { LockDelay: "0s", ...given });
  expect(status).toBe(200);
  return (json as { ID: string }).ID;
}
const destroy = (session: ConsulSession, id: string) => session.put(`/v1/session/destroy/${id}`);
const entryOf = async (session: ConsulSession, key: string) =>
  ((await session.get(`/v1/kv/${key}`)).json as Lockable[] | undefined)?.[0];
const acquire = async (session: ConsulSession, key: string, id: string, value = "mine") =>
  (await session.put(`/v1/kv/${key}?acquire=${id}`, value)).json;

export const lockScripts: ConsulScripts = {
  "makes a session and tells of it": async (session) => {
    const id = await newSession(session, { Name: "worker", TTL: "30s", Behavior: "delete", LockDelay: "5s" });
    const { json } = await session.get(`/v1/session/info/${id}`);
    expect(json).toEqual([
      expect.objectContaining({ ID: id, Name: "worker", TTL: "30s", Behavior: "delete", LockDelay: 5_000_000_000 }),
    ]);
    const { json: all } = await session.get("/v1/session/list");
    expect((all as { ID: string }[]).map(({ ID }) => ID)).toContain(id);
    await destroy(session, id);
  },
  "makes one without being told anything: it releases, after a delay of 15 s": async (session) => {
    const { json } = await session.put("/v1/session/create");
    const { ID } = json as { ID: string };
    expect((await session.get(`/v1/session/info/${ID}`)).json).toEqual([
      expect.objectContaining({ TTL: "", Behavior: "release", LockDelay: 15_000_000_000 }),
    ]);
    await destroy(session, ID);
  },
  "knows nothing of a session that is gone, and ends one twice": async (session) => {
    const id = await newSession(session);
    expect((await destroy(session, id)).json).toBe(true);
    expect((await session.get(`/v1/session/info/${id}`)).json).toEqual([]);
    expect((await destroy(session, id)).json).toBe(true);
  },
  "renews a session, and says that an unknown one is unknown": async (session) => {
    const id = await newSession(session, { TTL: "30s" });
    expect((await session.put(`/v1/session/renew/${id}`)).json).toEqual([expect.objectContaining({ ID: id })]);
    await destroy(session, id);
    expect((await session.put(`/v1/session/renew/${id}`)).status).toBe(404);
  },
  "refuses a TTL below 10 s, and a behavior that is none": async (session) => {
    expect((await session.put("/v1/session/create", { TTL: "5s" })).status).toBeGreaterThanOrEqual(400);
    expect((await session.put("/v1/session/create", { Behavior: "forget" })).status).toBeGreaterThanOrEqual(400);
  },
  "refuses a session on a check that there is not": async (session) => {
    const { status } = await session.put("/v1/session/create", { Checks: ["serfHealth", session.name("check")] });
    expect(status).toBe(500);
  },
  "locks a key for one session at a time": async (session) => {
    const key = session.name("lock");
    const [mine, other] = [await newSession(session), await newSession(session)];
    expect(await acquire(session, key, mine)).toBe(true);
    expect(await acquire(session, key, other, "theirs")).toBe(false);
    expect(await entryOf(session, key)).toMatchObject({ Session: mine, LockIndex: 1 });
    for (const id of [mine, other]) await destroy(session, id);
  },
  "counts each locking once, and takes a new value from who has the lock": async (session) => {
    const key = session.name("lock");
    const id = await newSession(session);
    expect(await acquire(session, key, id, "first")).toBe(true);
    expect(await acquire(session, key, id, "second")).toBe(true);
    expect(await entryOf(session, key)).toMatchObject({
      LockIndex: 1,
      Value: Buffer.from("second").toString("base64"),
    });
    expect((await session.put(`/v1/kv/${key}?release=${id}`, "third")).json).toBe(true);
    expect(await acquire(session, key, id)).toBe(true);
    expect(await entryOf(session, key)).toMatchObject({ LockIndex: 2 });
    await destroy(session, id);
  },
  "gives a lock back only from who has it": async (session) => {
    const key = session.name("lock");
    const [mine, other] = [await newSession(session), await newSession(session)];
    await acquire(session, key, mine);
    expect((await session.put(`/v1/kv/${key}?release=${other}`)).json).toBe(false);
    expect((await session.put(`/v1/kv/${key}?release=${mine}`)).json).toBe(true);
    expect((await entryOf(session, key))?.Session).toBeUndefined();
    expect(await acquire(session, key, other)).toBe(true);
    for (const id of [mine, other]) await destroy(session, id);
  },
  "refuses to lock for a session that there is not": async (session) => {
    const { status } = await session.put(
      `/v1/kv/${session.name("lock")}?acquire=11111111-2222-3333-4444-555555555555`,
      "x",
    );
    expect(status).toBeGreaterThanOrEqual(400);
  },
  "keeps nobody from writing without a session, and the lock with it": async (session) => {
    const key = session.name("lock");
    const id = await newSession(session);
    await acquire(session, key, id);
    expect((await session.put(`/v1/kv/${key}`, "anybody")).json).toBe(true);
    expect(await entryOf(session, key)).toMatchObject({ Session: id });
    await destroy(session, id);
  },
  "frees the keys of a session that ends": async (session) => {
    const key = session.name("lock");
    const [mine, other] = [await newSession(session), await newSession(session)];
    await acquire(session, key, mine);
    await destroy(session, mine);
    expect((await entryOf(session, key))?.Session).toBeUndefined();
    expect(await acquire(session, key, other)).toBe(true);
    await destroy(session, other);
  },
  "deletes the keys of a session that ends, where it says so": async (session) => {
    const key = session.name("lock");
    const id = await newSession(session, { Behavior: "delete" });
    await acquire(session, key, id);
    await destroy(session, id);
    expect((await session.get(`/v1/kv/${key}`)).status).toBe(404);
  },
  "lets nobody lock a key for the delay after its session ended": async (session) => {
    const key = session.name("lock");
    const [mine, other] = [await newSession(session, { LockDelay: "2s" }), await newSession(session)];
    await acquire(session, key, mine);
    await destroy(session, mine);
    expect(await acquire(session, key, other)).toBe(false);
    await eventually("the delay is over", async () => (await acquire(session, key, other)) === true);
    await destroy(session, other);
  },
  "wakes who waits for a lock when it is free": async (session) => {
    const key = session.name("lock");
    const id = await newSession(session);
    await acquire(session, key, id);
    const { index } = await session.get(`/v1/kv/${key}`);
    const waiting = session.get(`/v1/kv/${key}?index=${index}&wait=10s`);
    await destroy(session, id);
    expect(((await waiting).json as Lockable[])[0]?.Session).toBeUndefined();
  },
  "ends a session when a check of it is critical": async (session) => {
    const Name = session.name();
    await session.register({ Name, Check: { CheckID: `${Name}-alive`, TTL: "60s", Status: "passing" } });
    const id = await newSession(session, { Checks: ["serfHealth", `${Name}-alive`] });
    const key = session.name("lock");
    await acquire(session, key, id);
    await session.put(`/v1/agent/check/fail/${Name}-alive`);
    await eventually("the session ended", async () => {
      const { json } = await session.get(`/v1/session/info/${id}`);
      return (json as unknown[]).length === 0;
    });
    expect((await entryOf(session, key))?.Session).toBeUndefined();
  },
  "ends a session that nobody renews": async (session) => {
    const id = await newSession(session, { TTL: "10s" });
    await eventually(
      "the session ended",
      async () => ((await session.get(`/v1/session/info/${id}`)).json as unknown[]).length === 0,
      { timeoutMs: 28_000, everyMs: 250 },
    );
  },
};
