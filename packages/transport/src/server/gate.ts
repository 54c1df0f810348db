import {
  type CallContext,
  type Counter,
  type Gauge,
  type Logger,
  remainingMs,
  runInContext,
  ServiceUnavailable,
  Timeout,
  within,
} from "@weft/core";

/** Whether business is done: not before the first successful start; while draining it still is, but nobody should come any more. */
export type Readiness = { is: "starting"; reason: string } | { is: "ready" } | { is: "draining" };

/** What lets a server's work in. */
export interface Gate {
  readiness(): Readiness;
  /** Opens it, or says why it is still closed. Nothing after `beginDraining` counts. */
  setReady(ready: true | string): void;
  beginDraining(): void;
  /** Work that goes on, also where its answer was already a timeout: the limit counts work, not answers. */
  inHand(): number;
  /**
   * Waits for what the work needs from its client, such as a body, while the context's time lasts. It takes no place: a
   * client that sends nothing must not keep others out.
   * @throws as `admit` does
   */
  receive<T>(context: CallContext, operation: string, arrive: () => Promise<T>): Promise<T>;
  /**
   * Runs the work in its context, counts it until it ends, and gives up waiting for it when the context's time is over.
   * @throws ServiceUnavailable while starting, or at the limit   @throws Timeout, at once where no time is left
   */
  admit<T>(context: CallContext, operation: string, work: () => Promise<T>): Promise<T>;
}

export function gate(
  { log, inFlight, shed }: { log: Logger; inFlight: Gauge; shed: Counter },
  { maxConcurrent, isEdge = false }: { maxConcurrent: number; isEdge?: boolean },
): Gate {
  let readiness: Readiness = { is: "starting", reason: "the service is starting" };
  let inHand = 0;

  function assertOpen(): void {
    if (readiness.is === "starting") {
      // What is waited for is nothing for strangers.
      const message = isEdge ? "the service is starting" : readiness.reason;
      throw new ServiceUnavailable({ message }, { retryAfterSeconds: 1 });
    }
    if (inHand >= maxConcurrent) {
      shed.add();
      throw new ServiceUnavailable({ message: "too many requests are in hand" }, { retryAfterSeconds: 1 });
    }
  }

  async function inTime<T>(context: CallContext, operation: string, begin: () => Promise<T>): Promise<T> {
    const leftMs = Math.ceil(remainingMs(context)!);
    if (leftMs === 0) throw new Timeout({ operation, timeoutMs: 0 });
    const running = begin();
    try {
      const late = () => {
        throw new Timeout({ operation, timeoutMs: leftMs });
      };
      // Work that was cut by a drain must not keep the process for the rest of its time.
      return await within(leftMs, running, late, { keepsAlive: false });
    } finally {
      running.catch((error) => log.debug({ err: error, operation }, "a request ended with an error"));
    }
  }

  return {
    readiness: () => readiness,
    setReady(ready) {
      if (readiness.is === "draining") return;
      readiness = ready === true ? { is: "ready" } : { is: "starting", reason: ready };
    },
    beginDraining() {
      readiness = { is: "draining" };
    },
    inHand: () => inHand,

    async receive(context, operation, arrive) {
      assertOpen();
      return inTime(context, operation, arrive);
    },

    async admit(context, operation, work) {
      assertOpen();
      return inTime(context, operation, () => {
        inHand += 1;
        inFlight.set(inHand);
        return runInContext(context, work).finally(() => {
          inHand -= 1;
          inFlight.set(inHand);
        });
      });
    },
  };
}
