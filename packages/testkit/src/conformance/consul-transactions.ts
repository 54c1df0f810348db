import { expect } from "@jest/globals";
import type { ConsulScripts, ConsulSession } from "./consul-session.ts";

interface Entry {
  Key: string;
  Value: string | null;
  Flags: number;
  LockIndex: number;
  Session?: string;
  CreateIndex: number;
  ModifyIndex: number;
}
interface Outcome {
  Results: { KV: Entry }[] | null;
  Errors: { OpIndex: number; What: string }[] | null;
}
type Step = { Verb: string; Key: string; Value?: string; Flags?: number; Index?: number; Session?: string };

const base64 = (text: string) => Buffer.from(text).toString("base64");

async function transact(session: ConsulSession, ...steps: Step[]): Promise<{ status: number } & Outcome> {
  const { status, json } = await session.put(
    "/v1/txn",
    steps.map((KV) => ({ KV })),
  );
  return { status, ...(json as Outcome) };
}
const set = (Key: string, text = "value"): Step => ({ Verb: "set", Key, Value: base64(text) });
const isThere = async (session: ConsulSession, key: string) => (await session.get(`/v1/kv/${key}`)).status === 200;
const entryOf = async (session: ConsulSession, key: string) =>
  ((await session.get(`/v1/kv/${key}`)).json as Entry[])[0] as Entry;

async function newSession(session: ConsulSession, given: Record<string, unknown> = {}): Promise<string> {
  return ((await session.put("/v1/session/create", { LockDelay: "0s", ...given })).json as { ID: string }).ID;
}

export const transactionScripts: ConsulScripts = {
  "does all of a transaction, at one index, and tells of what it wrote without the values": async (session) => {
    const [one, two] = [session.name("key"), session.name("key")];
    const { status, Results, Errors } = await transact(session, { ...set(one), Flags: 7 }, set(two));
    expect([status, Errors]).toEqual([200, null]);
    expect(Results).toEqual([
      { KV: expect.objectContaining({ Key: one, Flags: 7, Value: null, LockIndex: 0 }) },
      { KV: expect.objectContaining({ Key: two, Flags: 0, Value: null }) },
    ]);
    const [first, second] = [await entryOf(session, one), await entryOf(session, two)];
    expect([first.Value, first.ModifyIndex]).toEqual([base64("value"), second.ModifyIndex]);
  },
  "does nothing of a transaction that fails: 409, with each operation that did": async (session) => {
    const [kept, absent] = [session.name("key"), session.name("key")];
    const { status, Results, Errors } = await transact(
      session,
      set(kept),
      { Verb: "get", Key: absent },
      { Verb: "check-index", Key: absent, Index: 3 },
    );
    expect([status, Results]).toEqual([409, null]);
    expect(Errors).toEqual([
      { OpIndex: 1, What: expect.stringContaining(`key "${absent}" doesn't exist`) },
      { OpIndex: 2, What: expect.stringContaining(`failed to check index, key "${absent}" doesn't exist`) },
    ]);
    expect(await isThere(session, kept)).toBe(false);
  },
  "keeps what was there when it fails": async (session) => {
    const [changed, removed] = [session.name("key"), session.name("key")];
    await transact(session, set(changed, "before"), set(removed, "there"));
    const before = await entryOf(session, changed);
    const { status } = await transact(
      session,
      set(changed, "after"),
      { Verb: "delete", Key: removed },
      { Verb: "check-not-exists", Key: changed },
    );
    expect(status).toBe(409);
    expect([await entryOf(session, changed), await isThere(session, removed)]).toEqual([before, true]);
  },
  "sees in a step what the steps before it did": async (session) => {
    const key = session.name("key");
    const { status, Results } = await transact(
      session,
      { Verb: "check-not-exists", Key: key },
      set(key, "seen"),
      { Verb: "get", Key: key },
      { Verb: "delete", Key: key },
      { Verb: "check-not-exists", Key: key },
    );
    expect(status).toBe(200);
    expect(Results?.map(({ KV }) => KV.Value)).toEqual([null, base64("seen")]);
    expect(await isThere(session, key)).toBe(false);
  },
  "sets by index: of those that are stale none is done": async (session) => {
    const key = session.name("key");
    expect((await transact(session, { ...set(key), Verb: "cas", Index: 0 })).status).toBe(200);
    const { ModifyIndex } = await entryOf(session, key);
    const stale = await transact(session, { ...set(key), Verb: "cas", Index: 0 });
    expect([stale.status, stale.Errors?.[0]?.What]).toEqual([409, `failed to set key "${key}", index is stale`]);
    expect((await transact(session, { ...set(key, "new"), Verb: "cas", Index: ModifyIndex })).status).toBe(200);
    const deleted = await transact(session, { Verb: "delete-cas", Key: key, Index: ModifyIndex });
    expect([deleted.status, deleted.Errors?.[0]?.What]).toEqual([409, `failed to delete key "${key}", index is stale`]);
    const now = (await entryOf(session, key)).ModifyIndex;
    expect((await transact(session, { Verb: "delete-cas", Key: key, Index: now })).status).toBe(200);
    expect(await isThere(session, key)).toBe(false);
  },
  "checks an index before it writes elsewhere": async (session) => {
    const [guard, guarded] = [session.name("key"), session.name("key")];
    await transact(session, set(guard));
    const { ModifyIndex } = await entryOf(session, guard);
    const write = () => transact(session, { Verb: "check-index", Key: guard, Index: ModifyIndex }, set(guarded));
    const { status, Results } = await write();
    expect([status, Results?.map(({ KV }) => KV.Key)]).toEqual([200, [guard, guarded]]);
    await transact(session, set(guard, "changed"));
    const { Errors } = await write();
    expect(Errors?.[0]?.What).toContain(`failed index check for key "${guard}", current modify index`);
  },
  "reads and deletes below a prefix": async (session) => {
    const below = session.name("tree");
    await transact(session, set(`${below}/b`, "2"), set(`${below}/a`, "1"), set(`${below}-beside`));
    const { Results } = await transact(session, { Verb: "get-tree", Key: `${below}/` });
    expect(Results?.map(({ KV }) => [KV.Key, KV.Value])).toEqual([
      [`${below}/a`, base64("1")],
      [`${below}/b`, base64("2")],
    ]);
    const gone = await transact(session, { Verb: "delete-tree", Key: `${below}/` });
    expect([gone.status, gone.Results]).toEqual([200, []]);
    expect([await isThere(session, `${below}/a`), await isThere(session, `${below}-beside`)]).toEqual([false, true]);
    expect((await transact(session, { Verb: "get-tree", Key: `${below}/` })).Results).toEqual([]);
  },
  "locks, writes under the lock and gives it back": async (session) => {
    const key = session.name("lock");
    const [mine, other] = [await newSession(session), await newSession(session)];
    const locked = await transact(session, { ...set(key), Verb: "lock", Session: mine });
    expect(locked.Results?.[0]?.KV).toMatchObject({ Session: mine, LockIndex: 1 });
    const held = await transact(session, { ...set(key), Verb: "lock", Session: other });
    expect(held.Errors?.[0]?.What).toBe(`failed to lock key "${key}", lock is already held`);
    const guarded = await transact(session, { Verb: "check-session", Key: key, Session: mine }, set(key, "new"));
    expect(guarded.status).toBe(200);
    const wrong = await transact(session, { Verb: "check-session", Key: key, Session: other });
    expect(wrong.Errors?.[0]?.What).toBe(
      `failed session check for key "${key}", current session "${mine}" != "${other}"`,
    );
    const foreign = await transact(session, { ...set(key), Verb: "unlock", Session: other });
    expect(foreign.Errors?.[0]?.What).toContain(`failed to unlock key "${key}", lock isn't held`);
    const freed = await transact(session, { ...set(key, "last"), Verb: "unlock", Session: mine });
    expect(freed.Results?.[0]?.KV).not.toHaveProperty("Session");
    expect((await entryOf(session, key)).Value).toBe(base64("last"));
    for (const id of [mine, other]) await session.put(`/v1/session/destroy/${id}`);
  },
  "refuses to lock for a session that there is not, and within the lock delay": async (session) => {
    const key = session.name("lock");
    const gone = "11111111-1111-1111-1111-111111111111";
    const unknown = await transact(session, { ...set(key), Verb: "lock", Session: gone });
    expect([unknown.status, unknown.Errors?.[0]?.What]).toEqual([409, `invalid session "${gone}"`]);
    const [first, second] = [await newSession(session, { LockDelay: "30s" }), await newSession(session)];
    await transact(session, { ...set(key), Verb: "lock", Session: first });
    await session.put(`/v1/session/destroy/${first}`);
    const delayed = await transact(session, { ...set(key), Verb: "lock", Session: second });
    expect(delayed.Errors?.[0]?.What).toBe(`failed to lock key "${key}" due to lock delay`);
    await session.put(`/v1/session/destroy/${second}`);
  },
  "wakes who waits for a key by a transaction, and not by one that failed": async (session) => {
    const key = session.name("key");
    await transact(session, set(key));
    const { index } = await session.get(`/v1/kv/${key}`);
    const waits = session.get(`/v1/kv/${key}?index=${index}&wait=10s`);
    await transact(session, set(key, "lost"), { Verb: "check-not-exists", Key: key });
    await transact(session, set(key, "won"));
    expect(((await waits).json as Entry[])[0]?.Value).toBe(base64("won"));
  },
  "refuses what it cannot read: a verb that is none, no list, a value that is not base64": async (session) => {
    const key = session.name("key");
    const verb = await transact(session, { Verb: "increment", Key: key });
    expect([verb.status, verb.Errors?.[0]?.What]).toEqual([409, 'unknown KV verb "increment"']);
    const nameless = await transact(session, set(""));
    expect([nameless.status, nameless.Errors?.[0]?.What]).toEqual([409, "Must provide key"]);
    for (const body of ["{}", "[", JSON.stringify([{ KV: { Verb: "set", Key: key, Value: "%" } }])])
      expect((await session.put("/v1/txn", body)).status).toBe(400);
  },
  "takes 64 operations in 512 KiB, and no more of either": async (session) => {
    const keys = Array.from({ length: 65 }, () => session.name("key"));
    expect((await transact(session, ...keys.slice(0, 64).map((key) => set(key)))).status).toBe(200);
    const { status, text } = await session.put(
      "/v1/txn",
      keys.map((key) => ({ KV: set(key) })),
    );
    expect([status, text]).toEqual([413, expect.stringContaining("too many operations (65 > 64)")]);
    const one = JSON.stringify([{ KV: set(keys[0] ?? "") }]);
    const sized = (bytes: number) => session.put("/v1/txn", one.padEnd(bytes));
    expect([(await sized(512 * 1024)).status, (await sized(512 * 1024 + 1)).status]).toEqual([200, 413]);
  },
};
