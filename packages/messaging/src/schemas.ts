import type { EventType } from "@weft/contracts";
import type { Component } from "@weft/core";

/** Port to the Schema Registry. Ids never change, so whatever was learnt once is kept for ever. */
export interface SchemaRegistry extends Component {
  /**
   * Id of the schema that this event type is published with.
   * @throws SchemaUnknown (not retryable) when it is not registered   @throws SchemaRegistryUnavailable (retryable)
   */
  idOf(type: EventType, major: number): Promise<number>;
  /** Event type and major that an id stands for; nothing where the registry does not know it, or it is not an event's. */
  typeOf(id: number): Promise<{ eventType: string; major: number } | undefined>;
  /** Registers every event of `contracts` with its compatibility level; what `pnpm dev` and a deployment job do. */
  registerAll(): Promise<{ subject: string; id: number; created: boolean }[]>;
}
