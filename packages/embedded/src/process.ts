import { fstatSync } from "node:fs";
import { flushCompileCache } from "node:module";
import { parseArgs } from "node:util";
import { type Component, createLogger, type Logger, OptionsInvalid, WeftError } from "@weft/core";
import { EmbeddedWrongUse, fileError, listenError } from "./errors.ts";
import { readyLine } from "./ready-line.ts";
import type { EmbeddedAddress, EmbeddedServerName } from "./server.ts";

/**
 * One embedded server as a process: `process.ts <name> --data-dir D [--host H] [--port P] [--advertised H:P]
 * [--databases a,b] [--allowed-hosts a,b] [--unsafe-bind]`. Log lines as JSON on standard output, and among them one line that says "ready".
 * Ends with 0 after SIGTERM, SIGINT or when its parent goes away; with 2 on wrong use; with 1 when it cannot go on.
 */

interface Invocation {
  name: EmbeddedServerName;
  dataDir: string;
  host: string;
  port: number;
  advertised?: string;
  databases: string[];
  allowedHosts: string[];
  unsafeBind: boolean;
}

interface Running extends Component {
  readonly address: EmbeddedAddress;
}

const usualPorts: Record<EmbeddedServerName, number> = {
  kafka: 9092,
  consul: 8500,
  "schema-registry": 8081,
  postgres: 5432,
};

function readInvocation(argv: string[]): Invocation {
  const { values, positionals } = parse(argv);
  const [name, ...more] = positionals;
  if (name === undefined || !Object.hasOwn(usualPorts, name))
    throw new EmbeddedWrongUse({ message: `name one server: ${Object.keys(usualPorts).join(", ")}` });
  if (more.length > 0) throw new EmbeddedWrongUse({ message: `unexpected argument ${more[0]}` });
  if (!values["data-dir"]) throw new EmbeddedWrongUse({ message: "--data-dir is needed" });
  const server = name as EmbeddedServerName;
  return {
    name: server,
    dataDir: values["data-dir"],
    host: values.host ?? "127.0.0.1",
    port: values.port === undefined ? usualPorts[server] : readPort("--port", values.port),
    ...(values.advertised === undefined ? {} : { advertised: checkedAddress(values.advertised) }),
    databases: values.databases?.split(",").filter(Boolean) ?? [],
    allowedHosts: values["allowed-hosts"]?.split(",").filter(Boolean) ?? [],
    unsafeBind: values["unsafe-bind"] ?? false,
  };
}

function parse(argv: string[]) {
  try {
    return parseArgs({
      args: argv,
      allowPositionals: true,
      options: {
        "data-dir": { type: "string" },
        host: { type: "string" },
        port: { type: "string" },
        advertised: { type: "string" },
        databases: { type: "string" },
        "allowed-hosts": { type: "string" },
        "unsafe-bind": { type: "boolean" },
      },
    });
  } catch (cause) {
    throw new EmbeddedWrongUse({ message: (cause as Error).message.split(". ")[0] ?? "wrong options" }, { cause });
  }
}

function readPort(option: string, text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535)
    throw new EmbeddedWrongUse({ message: `${option} must be a number from 0 to 65535, not ${text}` });
  return port;
}

function checkedAddress(text: string): string {
  const at = text.lastIndexOf(":");
  if (at < 1) throw new EmbeddedWrongUse({ message: `--advertised must be host:port, not ${text}` });
  readPort("--advertised", text.slice(at + 1));
  return text;
}

/** Each server is loaded only where it runs. */
async function build(
  log: Logger,
  given: Invocation,
  onLoss: (error: Error) => void,
): Promise<{ server: Running; describe: () => { pid: number; url: string } }> {
  const { name, advertised, databases, allowedHosts, ...options } = given;
  const http = (server: Running) => ({
    server,
    describe: () => ({ pid: process.pid, url: `http://${server.address.host}:${server.address.port}` }),
  });
  switch (name) {
    case "postgres": {
      const { embeddedPostgres } = await import("./postgres/index.ts");
      const server = embeddedPostgres({ log }, { ...options, databases, onUnexpectedExit: onLoss });
      return { server, describe: () => ({ pid: server.pid ?? process.pid, url: server.url }) };
    }
    case "kafka": {
      const { embeddedKafka } = await import("./kafka/index.ts");
      const server = embeddedKafka({ log }, { ...options, ...(advertised ? { advertised } : {}) });
      return { server, describe: () => ({ pid: process.pid, url: `${server.address.host}:${server.address.port}` }) };
    }
    case "consul":
      return http((await import("./consul/index.ts")).embeddedConsul({ log }, { ...options, allowedHosts }));
    case "schema-registry":
      return http(
        (await import("./schema-registry/index.ts")).embeddedSchemaRegistry({ log }, { ...options, allowedHosts }),
      );
  }
}

const write = (line: string) => process.stdout.write(line);
// Nobody reads any more: the parent is gone, and the end of standard input says what to do.
process.stdout.on("error", () => {});
process.stderr.on("error", () => {});

let name = process.argv[2] ?? "embedded";
let ending = false;

/** One line, no stack: whoever reads it wants the way out. A defect of ours keeps its stack. */
function fail(error: unknown): never {
  const known = error instanceof WeftError;
  const reason = known ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`${name}: ${reason}\n`);
  process.exit(EmbeddedWrongUse.is(error) || OptionsInvalid.is(error) ? 2 : 1);
}

function orderlyEnd(log: Logger, server: Running): (why: string) => void {
  return (why) => {
    if (ending) return;
    ending = true;
    log.info({ why }, "stopping");
    server.stop().then(() => process.exit(0), fail);
  };
}

try {
  const given = readInvocation(process.argv.slice(2));
  name = given.name;
  const log = createLogger(
    { name, version: "embedded", instanceId: `${name}-${process.pid}` },
    { destination: { write } },
  );
  const { server, describe } = await build(log, given, (error) => {
    if (!ending) void server.stop().finally(() => fail(error));
  });
  const end = orderlyEnd(log, server);
  process.on("SIGTERM", () => end("SIGTERM"));
  process.on("SIGINT", () => end("SIGINT"));
  process.on("SIGHUP", () => end("SIGHUP"));
  process.on("disconnect", () => end("the parent is gone"));
  const input = fstatSync(0); // not where standard input is a terminal, a file or nothing
  if (input.isFIFO() || input.isSocket()) {
    process.stdin
      .on("end", () => end("the parent is gone"))
      .on("error", () => end("the parent is gone"))
      .resume();
  }
  await server.start().catch((error) => {
    if (ending) process.exit(0);
    throw listenError(fileError(error, given.dataDir), given.host, given.port);
  });
  write(`${readyLine({ address: server.address, ...describe() })}\n`);
  flushCompileCache(); // now, because a process that is killed would leave nothing for the next one
} catch (error) {
  fail(error);
}
