import type { Logger } from "@weft/core";
import type { ConsulApi } from "./api.ts";
import { serviceNamesIn } from "./instances.ts";
import { type WatchLoop, type WatchLoopOptions, watchLoop } from "./watch-loop.ts";

export interface ServicesWatch {
  loop: WatchLoop;
  subscribe(listener: (services: readonly string[]) => void): () => void;
  stop(): void;
}

/**
 * Names of all services but Consul itself. A name that vanishes is kept for `keepMs`, and for as long as Consul is away:
 * after a restart it is empty until the services have registered again, and a router must not forget its routes for that.
 */
export function servicesWatch(
  { log, api }: { log: Logger; api: ConsulApi },
  options: WatchLoopOptions & { keepMs: number },
): ServicesWatch {
  const present = new Set<string>();
  /** Names that vanished, and what will forget them. */
  const leaving = new Map<string, NodeJS.Timeout>();
  const listeners = new Set<(services: readonly string[]) => void>();
  let published: string | undefined;

  const loop = watchLoop(
    { log },
    {
      what: "services",
      ask: (asked) => api.services(asked),
      apply(body) {
        const names = new Set(serviceNamesIn(body));
        for (const name of present) {
          if (names.has(name) || leaving.has(name)) continue;
          leaving.set(name, setTimeout(forget, options.keepMs, name));
        }
        for (const name of names) {
          clearTimeout(leaving.get(name));
          leaving.delete(name);
          present.add(name);
        }
        publish();
      },
    },
    options,
  );

  function forget(name: string): void {
    // The list without it may have been the last words of a dying agent; one that is back is given the whole time again.
    if (loop.failingSince() !== undefined) {
      leaving.set(name, setTimeout(forget, options.keepMs, name));
      return;
    }
    leaving.delete(name);
    present.delete(name);
    publish();
  }

  function publish(): void {
    const names = [...present].sort();
    if (published === names.join()) return;
    published = names.join();
    for (const listener of listeners) listener(names);
  }

  return {
    loop,
    subscribe(listener) {
      listeners.add(listener);
      if (published !== undefined) listener([...present].sort());
      return () => listeners.delete(listener);
    },
    stop() {
      loop.stop();
      for (const timer of leaving.values()) clearTimeout(timer);
      leaving.clear();
    },
  };
}
