import { defineError, maxTimerMs } from "@weft/core";
import { Command } from "commander";
import { WrongUse } from "../wrong-use.ts";
import { readJson } from "./input.ts";
import { printJson, printRows } from "./print.ts";
import { inSession, type Session, withAddresses } from "./session.ts";

export function servicesCommand(): Command {
  const command = new Command("services").description("who is registered, and how they are");
  command.addCommand(
    withAddresses(new Command("list").description("every instance with its health, version and address")).action(
      inSession(async (session: Session) => {
        const catalog = await (await session.registry()).catalog();
        const rows = catalog.flatMap(({ service, instances }) =>
          instances.map(({ instanceId, health, version, host, port, grpcPort }) => ({
            service,
            health,
            version,
            http: `${host}:${port}`,
            grpc: grpcPort === undefined ? "" : `${host}:${grpcPort}`,
            instance: instanceId,
          })),
        );
        printRows(session.json, rows, "No service is registered.");
      }),
    ),
  );
  return command;
}

const NotRegistered = defineError<{ service: string; there: string[] }>({
  code: "NOT_REGISTERED",
  kind: "not-found",
  message: ({ service, there }) =>
    `no ${service} is registered in Consul; there ${there.length === 0 ? "is none" : `are ${there.join(", ")}`}`,
});

const methods = ["GET", "POST", "PUT", "PATCH", "DELETE"] as const;

interface CallOptions {
  data?: string;
  idempotencyKey?: string;
  timeout: string;
}

export function callCommand(): Command {
  return withAddresses(
    new Command("call")
      .description("call a service as another service would: discovered, with retries and breakers")
      .argument("<service>", "as in Consul, such as catalog-service")
      .argument("<method>", methods.join(", "))
      .argument("<path>", "such as /v1/catalog/products?limit=5")
      .option("--data <file>", "JSON body from a file, or - for standard input")
      .option("--idempotency-key <key>", "makes a write repeatable")
      .option("--timeout <ms>", "the whole call, retries included", "10000"),
  ).action(
    inSession(async (session: Session, service: string, method: string, path: string, options: CallOptions) => {
      const verb = methods.find((known) => known === method.toUpperCase());
      if (!verb)
        throw new WrongUse({
          message: `${method} is not a method that services know; there are ${methods.join(", ")}`,
        });
      if (!path.startsWith("/")) throw new WrongUse({ message: `the path must begin with /, and is ${path}` });
      const timeoutMs = Number(options.timeout);
      if (!(timeoutMs > 0 && timeoutMs <= maxTimerMs)) {
        const message = `--timeout takes milliseconds, at most ${maxTimerMs}, and is ${options.timeout}`;
        throw new WrongUse({ message });
      }
      const identity = { name: "weft-cli", version: "cli", instanceId: `weft-cli-${process.pid}` };
      const registry = await session.registry();
      // A name that nobody has, or a Consul that is away, would otherwise look like a service that is slow.
      const there = (await registry.catalog()).flatMap((entry) => (entry.instances.length > 0 ? [entry.service] : []));
      if (!there.includes(service)) throw new NotRegistered({ service, there });
      const { httpClient } = await import("@weft/transport");
      const client = httpClient({ registry, log: session.log, identity }, { service });
      try {
        const answer = await client.request({
          method: verb,
          path,
          timeoutMs,
          ...(options.data === undefined ? {} : { body: readJson(options.data) }),
          ...(options.idempotencyKey === undefined ? {} : { idempotencyKey: options.idempotencyKey }),
        });
        printJson(answer);
      } finally {
        await client.close();
      }
    }),
  );
}
