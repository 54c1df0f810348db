import { defineError } from "@weft/core";
import type { Output } from "./output.ts";

export const PartNotStarted = defineError<{ name: string; reason: string }>({
  code: "PART_NOT_STARTED",
  kind: "unavailable",
  message: ({ name, reason }) => `${name} did not start: ${reason}`,
});
/** It refused what it was configured with. */
const PartMisconfigured = defineError<{ name: string; reason: string }>({
  code: "PART_MISCONFIGURED",
  kind: "invalid",
  message: ({ name, reason }) => `${name} did not start: ${reason}`,
});

/**
 * Keeps one process running.
 *
 *   starting ──ready──▶ up ──exit──▶ down ──backoff──▶ starting
 *       └──exit before ready──▶ down
 *   any ──stop()──▶ stopped
 *
 * The pause before a new start is 0.5 s, doubles with each start that failed or did not last, and is 5 s at most; a process
 * that was up for 10 s begins anew at 0.5 s.
 */
export interface Launched<Address> {
  pid: number;
  address: Address;
  exited: Promise<{ text: string }>;
  stop(): Promise<void>;
}

export interface Supervised<Address> {
  readonly name: string;
  /** The process of now; nothing while it is down. */
  current(): Launched<Address> | undefined;
  /** First start. Rejects with the reason when it ends before it was ready, as often as `attempts` allows. */
  start(): Promise<void>;
  /** Ends the process and everything that would start it again. */
  stop(): Promise<void>;
}

/** Why starting again would not help: what `launch` rejects with says so under `refusal`. */
export type Refusal = "configuration" | "final";

const backoff = { firstMs: 500, maxMs: 5_000, steadyMs: 10_000 };
const firstAttempts = 3;

export function supervise<Address>(
  { output, onChange }: { output: Output; onChange: () => void },
  part: {
    name: string;
    /** Until it is ready. Where it can, it ends at once what it has started when `stopped` is aborted. */
    launch: (stopped: AbortSignal) => Promise<Launched<Address>>;
    describe: (address: Address) => string;
  },
): Supervised<Address> {
  let running: Launched<Address> | undefined;
  const stopping = new AbortController();
  const isStopping = () => stopping.signal.aborted;
  let timer: NodeJS.Timeout | undefined;
  let wake: (() => void) | undefined;
  let failures = 0;
  let watching: Promise<void> = Promise.resolve();
  let launching: Promise<unknown> = Promise.resolve();

  const pause = () =>
    new Promise<void>((resolve) => {
      wake = resolve;
      timer = setTimeout(resolve, Math.min(backoff.maxMs, backoff.firstMs * 2 ** failures));
    });

  const launch = async (): Promise<Launched<Address>> => {
    const begun = performance.now();
    const pending = part.launch(stopping.signal);
    launching = pending.catch(() => {});
    const launched = await pending;
    running = launched;
    if (isStopping()) await launched.stop();
    else output.part(part.name, "ready", part.describe(launched.address), performance.now() - begun);
    onChange();
    return launched;
  };

  /** Waits for exits and starts again, for as long as nobody stops it. */
  const keep = async (first: Launched<Address>) => {
    let launched: Launched<Address> | undefined = first;
    while (!isStopping()) {
      if (launched) {
        const since = performance.now();
        const { text } = await launched.exited;
        running = undefined;
        if (isStopping()) return;
        if (performance.now() - since > backoff.steadyMs) failures = 0;
        output.part(part.name, "down", `${text}; starting again`);
        onChange();
      }
      await pause();
      failures++;
      if (isStopping()) return;
      launched = await launch().catch((error: Error) => {
        if (!isStopping()) output.fail(`${part.name} did not start: ${error.message}`);
        return undefined;
      });
    }
  };

  return {
    name: part.name,
    current: () => running,
    async start() {
      for (let attempt = 1; ; attempt++) {
        try {
          const launched = await launch();
          watching = keep(launched);
          return;
        } catch (error) {
          const { message: reason, refusal } = error as Error & { refusal?: Refusal };
          if (isStopping() || attempt >= firstAttempts || refusal) {
            const NotStarted = refusal === "configuration" ? PartMisconfigured : PartNotStarted;
            throw new NotStarted({ name: part.name, reason }, { cause: error });
          }
          output.fail(`${part.name} did not start: ${reason}; trying again`);
          await pause();
          failures++;
          if (isStopping()) throw new PartNotStarted({ name: part.name, reason: "it was stopped meanwhile" });
        }
      }
    },
    async stop() {
      stopping.abort();
      clearTimeout(timer);
      wake?.();
      await launching;
      const last = running;
      if (last) {
        await last.stop();
        output.part(part.name, "stopped", "stopped");
      }
      await watching;
      running = undefined;
    },
  };
}
