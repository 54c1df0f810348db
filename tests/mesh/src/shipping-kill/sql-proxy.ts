import { connect, createServer, type Server, type Socket } from "node:net";

/** A place in what services say to PostgreSQL. */
export interface BreakPoint {
  database: string;
  /** The statement at which to stop. */
  at: RegExp;
  /** Only in a transaction that had this statement before. */
  within?: RegExp;
  /** Whether the server has not heard the statement yet, or has done it and its answer goes nowhere.   @defaultValue "before" */
  when?: "before" | "after";
}

export interface Stop {
  /** The statement has been said (`before`), or has been done (`after`). */
  reached: Promise<void>;
  /** Lets everything go on that stands here, and that comes here from now on. */
  release(): void;
}

interface Watched extends BreakPoint {
  holds: (() => void)[];
  reached(): void;
}

/**
 * Stands between services and PostgreSQL and stops a conversation at a chosen statement, so that a process can be killed just
 * there; or is away altogether. `pg` writes a statement with its parameters at once and waits for its answer, so a chunk holds a whole statement.
 */
export class SqlProxy {
  private readonly server: Server;
  private readonly target: number;
  private readonly watched = new Set<Watched>();
  private readonly sockets = new Set<Socket>();
  private port = 0;
  private isHanging = false;

  /** @param target port of PostgreSQL on loopback; it may come to listen there later */
  constructor(target: number) {
    this.target = target;
    this.server = createServer((client) => this.converse(client));
  }

  async start(): Promise<number> {
    await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    this.port = (this.server.address() as { port: number }).port;
    return this.port;
  }

  /** The database is gone: connections are cut, and new ones refused (`gone`); or nobody answers any more (`hangs`). Until `back`. */
  async away(how: "gone" | "hangs"): Promise<void> {
    if (how === "hangs") {
      this.isHanging = true;
      for (const socket of this.sockets) socket.pause();
      return;
    }
    const closed = new Promise((resolve) => this.server.close(resolve));
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  async back(): Promise<void> {
    this.isHanging = false;
    for (const socket of this.sockets) socket.resume();
    if (!this.server.listening)
      await new Promise<void>((resolve) => this.server.listen(this.port, "127.0.0.1", resolve));
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  /** Stops every conversation that comes there, until `release`. */
  stopAt(point: BreakPoint): Stop {
    const { promise, resolve } = Promise.withResolvers<void>();
    const watched: Watched = { ...point, holds: [], reached: resolve };
    this.watched.add(watched);
    return {
      reached: promise,
      release: () => {
        this.watched.delete(watched);
        for (const goOn of watched.holds) goOn();
      },
    };
  }

  private converse(client: Socket): void {
    const server = connect(this.target, "127.0.0.1");
    let database: string | undefined;
    let transaction = "";
    let awaited: Watched | undefined; // whose answer comes next
    let kept: Buffer[] | undefined; // said while nothing goes on
    for (const socket of [client, server]) {
      this.sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => this.sockets.delete(socket));
    }
    // The server learns at once that a client died, and rolls back what was not committed.
    client.on("close", () => server.destroy());
    server.on("close", () => client.destroy());

    client.on("data", (chunk) => {
      if (kept) return void kept.push(chunk);
      const text = chunk.toString("latin1");
      database ??= /\0database\0([^\0]+)\0/.exec(text)?.[1];
      if (/^Q....BEGIN/s.test(text)) transaction = "";
      const point = [...this.watched].find(
        ({ at, within, ...one }) => one.database === database && at.test(text) && (within?.test(transaction) ?? true),
      );
      transaction += text;
      if (point === undefined) return void server.write(chunk);
      if (point.when === "after") {
        awaited = point;
        return void server.write(chunk);
      }
      kept = [chunk];
      point.holds.push(() => {
        for (const one of kept ?? []) server.write(one);
        kept = undefined;
      });
      point.reached();
    });

    server.on("data", (chunk) => {
      if (awaited === undefined) return void client.write(chunk);
      awaited.holds.push(() => client.write(chunk));
      awaited.reached();
      awaited = undefined;
    });
    if (this.isHanging) for (const socket of [client, server]) socket.pause();
  }
}
