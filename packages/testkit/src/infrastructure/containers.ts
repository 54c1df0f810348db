import { consulContainer } from "./consul-container.ts";
import type { StartOptions } from "./container.ts";
import { containerEngine } from "./engine.ts";
import { kafkaContainers } from "./kafka-container.ts";
import { sweepDeadRuns } from "./owner.ts";
import { postgresContainer } from "./postgres-container.ts";
import { schemaRegistryContainer } from "./schema-registry-container.ts";
import type { Infrastructure, InfrastructureOptions } from "./server.ts";

/** All four at once; the first that does not start is the reason, and the others are gone by then. */
export async function startContainers({ brokers = 1, onDeath }: InfrastructureOptions): Promise<Infrastructure> {
  const options: StartOptions = onDeath === undefined ? {} : { onDeath };
  await sweepDeadRuns(await containerEngine());
  const removals: (() => Promise<void>)[] = [];
  const entered = async <T extends { remove(): Promise<void> }>(starting: Promise<T>): Promise<T> => {
    const started = await starting;
    removals.push(() => started.remove());
    return started;
  };
  const stop = async () => {
    await Promise.all(removals.splice(0).map((remove) => remove()));
  };
  const starting = [
    entered(kafkaContainers({ brokers }, options)),
    entered(consulContainer(options)),
    entered(schemaRegistryContainer(options)),
    entered(postgresContainer(options)),
  ] as const;
  try {
    const [kafka, consul, schemaRegistry, postgres] = await Promise.all(starting);
    return { kind: "containers", kafka, consul, schemaRegistry, postgres, stop };
  } catch (error) {
    await Promise.allSettled(starting);
    await stop();
    throw error;
  }
}
