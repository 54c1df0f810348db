import { defineError, pauses, retry } from "@weft/core";
import { isDefect } from "../failure.ts";
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
 * that was up for 10 s begins anew at 0.5 s. What fails by an error of this program is not started again.
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
const refusalOf = (error: unknown) => (error as { refusal?: Refusal }).refusal;

// One supervisor on one machine has nobody to keep a distance from by jitter.
const backoff = { firstMs: 500, maxMs: 5_000, random: () => 1 };
const steadyMs = 10_000;
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
  const rests = pauses(backoff, stopping.signal);
  let watching: Promise<void> = Promise.resolve();
  let launching: Promise<unknown> = Promise.resolve();

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
        if (performance.now() - since > steadyMs) rests.succeeded();
        output.part(part.name, "down", `${text}; starting again`);
        onChange();
      }
      await rests.failed();
      if (isStopping()) return;
      try {
        launched = await launch();
      } catch (error) {
        launched = undefined;
        if (isStopping()) return;
        const { message, stack } = error as Error;
        if (isDefect(error)) return output.fail(`${part.name} is not started again: ${stack}`);
        output.fail(`${part.name} did not start: ${message}`);
      }
    }
  };

  return {
    name: part.name,
    current: () => running,
    async start() {
      const policy = {
        ...{ ...backoff, attempts: firstAttempts },
        mayRetry: (error: unknown) => !isStopping() && refusalOf(error) === undefined && !isDefect(error),
        onRetry: ({ error }: { error: unknown }) =>
          output.fail(`${part.name} did not start: ${(error as Error).message}; trying again`),
      };
      try {
        watching = keep(await retry(policy, launch, stopping.signal));
      } catch (error) {
        if (isDefect(error)) throw error;
        const NotStarted = refusalOf(error) === "configuration" ? PartMisconfigured : PartNotStarted;
        throw new NotStarted({ name: part.name, reason: (error as Error).message }, { cause: error });
      }
    },
    async stop() {
      stopping.abort(new Error("it was stopped meanwhile"));
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
