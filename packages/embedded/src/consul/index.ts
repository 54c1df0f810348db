import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { option, takeOptions } from "@weft/core";
import { type DataDirectory, openDataDirectory, readOrNothing, writeFileAtomically } from "../data-directory.ts";
import { EmbeddedDataFormat, fileError } from "../errors.ts";
import { type HttpServer, httpServer } from "../http/server.ts";
import {
  type EmbeddedCollaborators,
  type EmbeddedServer,
  type EmbeddedServerOptions,
  onlyThisMachine,
  serverRules,
} from "../server.ts";
import { permissionsOf } from "./access.ts";
import { type AclSnapshot, acl } from "./acl/acl.ts";
import { aclRoutes } from "./acl/routes.ts";
import { type Agent, agent } from "./agent.ts";
import { blockingQuery } from "./answering.ts";
import type { NodeIdentity } from "./answers.ts";
import { blockingQueries } from "./blocking.ts";
import { type CatalogSnapshot, catalog, restartGap } from "./catalog.ts";
import { type CheckRunner, type CheckRunnerOptions, checkRunner, checkRunnerRules } from "./check-runner.ts";
import { type KeyValueEntry, keyValueStore } from "./key-value.ts";
import { keyValueRoutes, maxValueBytes } from "./key-value-routes.ts";
import { Refusal } from "./refusal.ts";
import { consulRoutes } from "./routes.ts";
import { sessionRoutes } from "./session-routes.ts";
import { type Session, type Sessions, type SessionsOptions, sessions, sessionsRules } from "./sessions.ts";
import { transactionRoutes } from "./transaction-routes.ts";

export interface EmbeddedConsulOptions extends EmbeddedServerOptions, CheckRunnerOptions, SessionsOptions {
  /** Access control with deny as the default, and the secret that may do everything. @defaultValue none: a token is not looked at */
  acl?: { initialManagementToken: string };
  /** Connections at once. Each blocking query holds one. @defaultValue 2000 */
  maxConnections?: number;
}

const rules = {
  ...serverRules(8500),
  ...checkRunnerRules,
  ...sessionsRules,
  maxConnections: option.count(2000),
};

interface State {
  node: NodeIdentity;
  catalog: CatalogSnapshot;
}

/**
 * One Consul agent that is also its own server: services, checks, health and catalog with blocking queries and filters, keys
 * and values with sessions and locks, and access control where it is switched on.
 * State is on disk before a change is answered; at a start, services come back with the status they had and checks resume.
 * No gossip.
 * @throws OptionsInvalid; from `start` EmbeddedPortInUse, EmbeddedDataFormat, EmbeddedDataDirectoryInUse, EmbeddedDataDirectoryUnusable, EmbeddedNoSpace
 */
export function embeddedConsul({ log }: EmbeddedCollaborators, options: EmbeddedConsulOptions): EmbeddedServer {
  const settings = takeOptions("embedded Consul", rules, options, onlyThisMachine);
  let directory: DataDirectory | undefined;
  let running: { server: HttpServer; checks: CheckRunner; sessions: Sessions; save: () => void } | undefined;
  let address = { host: settings.host, port: settings.port };

  async function start(): Promise<void> {
    directory = openDataDirectory(settings.dataDir, { server: "consul", version: 1 });
    try {
      running = open(directory.path);
      await running.server.start();
      address = running.server.address;
      running.checks.start();
    } catch (error) {
      await stop();
      throw error;
    }
  }

  function open(path: string) {
    const stateFile = join(path, "agent.json");
    const keyValueFile = join(path, "kv.json");
    const sessionsFile = join(path, "sessions.json");
    const aclFile = join(path, "acl.json");
    const saved = readState<State>(stateFile, path);
    const node = saved?.node ?? { id: randomUUID(), name: "weft", address: "127.0.0.1" };
    const waiting = blockingQueries({ maxWaiting: settings.maxConnections });
    let sessionsOfAgent: Sessions | undefined;
    const queries = {
      ...waiting,
      changed() {
        waiting.changed();
        sessionsOfAgent?.lookAtChecks();
        saveFarIndex();
      },
    };
    const services = catalog({ queries }, saved?.catalog);
    const keyValues = keyValueStore(
      { queries, nextIndex: services.nextIndex, returnIndex: services.returnIndex, firstIndex: services.index() },
      readState<KeyValueEntry[]>(keyValueFile, path),
    );
    const write = (file: string, value: unknown) => {
      try {
        writeFileAtomically(file, JSON.stringify(value));
      } catch (error) {
        throw fileError(error, path);
      }
    };
    let savedIndex = 0;
    const save = () => {
      write(stateFile, { node, catalog: services.snapshot() } satisfies State);
      savedIndex = services.index();
    };
    save();
    /** Nobody waits for the outcome; the next change tries again. */
    function saveFarIndex(): void {
      if (services.index() - savedIndex < restartGap / 2) return;
      try {
        save();
      } catch (err) {
        log.error({ err }, "the state could not be written: after a crash the index might go back");
      }
    }
    // The index first, as a key's index must never be given out twice; with the keys it is done.
    const saveKeyValues = () => {
      save();
      write(keyValueFile, keyValues.snapshot());
    };
    sessionsOfAgent = sessions(
      {
        node: node.name,
        catalog: services,
        queries,
        keyValues,
        saveKeyValues,
        save: (alive) => write(sessionsFile, alive),
        log,
      },
      readState<Session[]>(sessionsFile, path),
      settings,
    );
    const access = settings.acl
      ? acl(
          {
            nextIndex: services.nextIndex,
            save(snapshot) {
              write(aclFile, snapshot);
              saveFarIndex();
            },
          },
          settings.acl,
          readState<AclSnapshot>(aclFile, path),
        )
      : undefined;
    const using = {
      queries,
      query: blockingQuery(queries),
      keyValues,
      sessions: sessionsOfAgent,
      permissionsOf: permissionsOf(access),
      saveKeyValues,
    };
    let actions: Agent | undefined;
    const checks = checkRunner(
      { catalog: services, log, onReap: (serviceId) => actions?.deregister(serviceId) },
      settings,
    );
    actions = agent({ catalog: services, checks, save });
    const server: HttpServer = httpServer(
      { log },
      {
        name: "consul",
        host: settings.host,
        port: settings.port,
        maxBodyBytes: maxValueBytes + 1024,
        maxConnections: settings.maxConnections,
        // Any type of body, as Consul: its clients send what they like, `curl -d` and npm's `consul` among them.
        allowedHosts: settings.allowedHosts ?? [],
        routes: {
          ...consulRoutes({
            ...using,
            node,
            port: () => server.address.port,
            agent: actions,
            catalog: services,
            checks,
          }),
          ...keyValueRoutes(using),
          ...transactionRoutes(using),
          ...sessionRoutes({ ...using, node: node.name }),
          ...aclRoutes(access),
        },
        otherwise: (problem, { method, path: asked }) => {
          if (problem.kind === "too-large")
            return text(413, `Request body too large, max size: ${maxValueBytes} bytes.`);
          if (problem.kind === "method-not-allowed")
            return { ...text(405, `method ${method} not allowed`), headers: { allow: problem.allow.join(",") } };
          if (problem.kind === "not-served") return text(problem.status, problem.message);
          if (problem.kind === "bad-path") return text(400, `invalid URL escape in ${asked.slice(0, 200)}`);
          return text(404, "Invalid URL path: not a recognized HTTP API endpoint");
        },
        onError: (error) => {
          if (error instanceof Refusal) return text(error.status, error.message);
          log.error({ err: error }, "a request failed");
          return text(500, (error as Error).message);
        },
      },
    );
    return { server, checks, sessions: sessionsOfAgent, save };
  }

  async function stop(): Promise<void> {
    running?.checks.stop();
    running?.sessions.stop();
    await running?.server.stop();
    try {
      running?.save();
    } catch (err) {
      log.warn({ err }, "the last state could not be written");
    }
    running = undefined;
    directory?.release();
    directory = undefined;
  }

  return {
    name: "consul",
    start,
    stop,
    get address() {
      return address;
    },
  };
}

const text = (status: number, body: string) => ({
  status,
  headers: { "content-type": "text/plain; charset=utf-8" },
  body,
});

function readState<T>(file: string, path: string): T | undefined {
  const content = readOrNothing(file);
  if (content === undefined) return undefined;
  try {
    return JSON.parse(content) as T;
  } catch {
    throw new EmbeddedDataFormat({
      path,
      found: `a damaged ${file.split("/").at(-1)}`,
      expected: "consul data of format 1",
    });
  }
}
