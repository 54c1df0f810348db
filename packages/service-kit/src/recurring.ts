import {
  type Component,
  classify,
  type Logger,
  newContext,
  option,
  reasonOf,
  runInContext,
  takeOptions,
} from "@weft/core";

export interface RecurringOptions {
  /** As it is called in health and in the log. */
  name: string;
  /** Pause before each run, the first one too, in milliseconds. */
  intervalMs: number;
}

export interface RecurringCollaborators {
  log: Logger;
  /** @param isStopping to be asked between two steps of work that goes on for long */
  work: (isStopping: () => boolean) => Promise<void>;
}

const rules = { name: option.text(), intervalMs: option.milliseconds(1000) };

/**
 * Runs the work again and again while the process lives, never twice at a time. A run that fails is `degraded` until one
 * succeeds; the next one does the same again, so nothing is lost but time. Stopping waits for the run that is under way.
 */
export function recurring({ log, work }: RecurringCollaborators, options: RecurringOptions): Component {
  const { name, intervalMs } = takeOptions("recurring", rules, options);
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();
  let isStopping = false;
  let failure: string | undefined;

  async function run(): Promise<void> {
    try {
      await runInContext(newContext(), () => work(() => isStopping));
      failure = undefined;
    } catch (error) {
      failure = reasonOf(error);
      if (classify(error) === "bug") log.error({ component: name, err: error }, "a recurring run failed by a bug");
      else log.warn({ component: name, err: error }, "a recurring run failed");
    }
    if (!isStopping) schedule();
  }

  function schedule(): void {
    timer = setTimeout(() => {
      running = run();
    }, intervalMs);
  }

  return {
    name,
    async start() {
      isStopping = false;
      schedule();
    },
    async stop() {
      isStopping = true;
      clearTimeout(timer);
      await running;
    },
    health: () => (failure === undefined ? { status: "healthy" } : { status: "degraded", message: failure }),
  };
}
