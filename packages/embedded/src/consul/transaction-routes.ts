import type { HttpAnswer, HttpHandler, HttpRequest } from "../http/server.ts";
import type { Permissions } from "./acl/acl.ts";
import { json } from "./answering.ts";
import { keyValueAnswer } from "./answers.ts";
import type { KeyValueEntry, KeyValueStore } from "./key-value.ts";
import type { KeyValueRouteCollaborators } from "./key-value-routes.ts";
import { type Operation, readOperations } from "./transaction-operations.ts";

/** An operation that could not be done, for which none is. */
class NotDone extends Error {}

class RolledBack extends Error {
  readonly failures: { OpIndex: number; What: string }[];
  constructor(failures: RolledBack["failures"]) {
    super("a transaction was rolled back");
    this.failures = failures;
  }
}

/** Several operations on keys, of which all happen or none. Source: Consul HTTP API, "Transactions". */
export function transactionRoutes(parts: KeyValueRouteCollaborators): Record<string, HttpHandler> {
  const { keyValues, sessions, permissionsOf, saveKeyValues } = parts;

  function transact(request: HttpRequest): HttpAnswer {
    const operations = readOperations(request.body);
    const { may } = permissionsOf(request);
    const isRead = operations.every(({ verb }) => verb === "get" || verb === "get-tree");
    try {
      const refused = failuresOf(operations, (operation) => refuse(operation, may));
      if (refused.length > 0) throw new RolledBack(refused);
      const results = isRead
        ? run(operations)
        : keyValues.transaction(() => {
            const done = run(operations);
            saveKeyValues();
            return done;
          });
      const Results = results.filter(({ KV: { Key } }) => may("key", Key, "read"));
      return json({ Results, Errors: null, ...(isRead ? asRead : {}) }, request);
    } catch (error) {
      if (!(error instanceof RolledBack)) throw error;
      return { ...json({ Results: null, Errors: error.failures, ...(isRead ? asRead : {}) }, request), status: 409 };
    }
  }

  /** Before any of them is done. What may not be read is left out of the results, as in Consul. */
  function refuse({ verb, key }: Operation, may: Permissions["may"]): void {
    if (verb === "get" || verb === "get-tree") return;
    if (key === "" && verb !== "delete-tree") throw new NotDone("Must provide key");
    const keys = verb === "delete-tree" ? keyValues.list(key).map((entry) => entry.key) : [key];
    const access = verb.startsWith("check-") ? "read" : "write";
    if (!keys.every((one) => may("key", one, access))) throw new NotDone("Permission denied");
    if (verb === "lock" && keyValues.isLockDelayed(key))
      throw new NotDone(`failed to lock key ${quoted(key)} due to lock delay`);
  }

  function run(operations: Operation[]) {
    const results: { KV: ReturnType<typeof keyValueAnswer> }[] = [];
    const failures = failuresOf(operations, (operation) => {
      const { verb } = operation;
      for (const entry of apply(operation)) {
        const answer = keyValueAnswer(entry);
        results.push({ KV: verb === "get" || verb === "get-tree" ? answer : { ...answer, Value: null } });
      }
    });
    if (failures.length > 0) throw new RolledBack(failures);
    return results;
  }

  /** @returns the entries that it tells of */
  function apply({ verb, key, value, flags, index, session }: Operation): KeyValueEntry[] {
    const before = keyValues.get(key);
    const now = () => [keyValues.get(key)].filter((entry) => entry !== undefined);
    const put = (options: Partial<Parameters<KeyValueStore["put"]>[2]>, otherwise: string) => {
      if (!keyValues.put(key, value, { flags, ...options })) throw new NotDone(otherwise);
      return now();
    };
    switch (verb) {
      case "set":
        return put({}, "");
      case "cas":
        return put({ cas: index }, `failed to set key ${quoted(key)}, index is stale`);
      case "lock":
        if (session === "") throw new NotDone("missing session");
        if (!sessions.get(session)) throw new NotDone(`invalid session ${quoted(session)}`);
        return put({ acquire: session }, `failed to lock key ${quoted(key)}, lock is already held`);
      case "unlock":
        if (session === "") throw new NotDone("missing session");
        return put(
          { release: session },
          `failed to unlock key ${quoted(key)}, lock isn't held, or is held by another session`,
        );
      case "get":
        if (!before) throw new NotDone(`key ${quoted(key)} doesn't exist`);
        return now();
      case "get-tree":
        return keyValues.list(key);
      case "delete":
        keyValues.remove(key, { recurse: false });
        return [];
      case "delete-tree":
        keyValues.remove(key, { recurse: true });
        return [];
      case "delete-cas":
        if (!keyValues.remove(key, { recurse: false, cas: index }))
          throw new NotDone(`failed to delete key ${quoted(key)}, index is stale`);
        return [];
      case "check-index":
        if (!before) throw new NotDone(`failed to check index, key ${quoted(key)} doesn't exist`);
        if (before.modifyIndex !== index)
          throw new NotDone(
            `failed index check for key ${quoted(key)}, current modify index ${before.modifyIndex} != ${index}`,
          );
        return now();
      case "check-session":
        if (!before) throw new NotDone(`failed to check session, key ${quoted(key)} doesn't exist`);
        if ((before.session ?? "") !== session)
          throw new NotDone(
            `failed session check for key ${quoted(key)}, current session ${quoted(before.session ?? "")} != ${quoted(session)}`,
          );
        return now();
      case "check-not-exists":
        if (before) throw new NotDone(`key ${quoted(key)} exists`);
        return [];
      default:
        throw new NotDone(`unknown KV verb ${quoted(verb)}`);
    }
  }

  return { "PUT /v1/txn": transact };
}

/** What a transaction that only reads says of its reading. */
const asRead = { Index: 0, LastContact: 0, KnownLeader: true };

const quoted = (text: string) => JSON.stringify(text.slice(0, 512));

function failuresOf(operations: Operation[], each: (operation: Operation) => void): RolledBack["failures"] {
  return operations.flatMap((operation, at) => {
    try {
      each(operation);
      return [];
    } catch (error) {
      if (error instanceof NotDone) return [{ OpIndex: at, What: error.message }];
      throw error;
    }
  });
}
