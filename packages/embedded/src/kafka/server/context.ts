import type { Logger } from "@weft/core";
import type { BrokerSettings } from "../options.ts";
import type { ApiName, RequestOf, ResponseOf } from "../protocol/apis.ts";
import type { Cluster } from "../state/cluster.ts";
import type { Coordinator } from "../state/coordinator.ts";
import type { OffsetStore } from "../state/offsets.ts";
import type { Transactions } from "../state/transactions.ts";

/** Everything that handlers work with. */
export interface Broker {
  cluster: Cluster;
  offsets: OffsetStore;
  coordinator: Coordinator;
  transactions: Transactions;
  settings: BrokerSettings;
  log: Logger;
  /** What clients are told: this node is all there is. */
  node: { id: number; host: string; port: number };
}

/** Who is asking. */
export interface Client {
  readonly id: string;
  host: string;
  readonly isClosed: boolean;
  /** Calls back once when the connection ends. @returns how to forget that */
  onClose(callback: () => void): () => void;
  /** Ends the connection: the protocol's answer where there is no other. */
  disconnect(reason: string): void;
}

/** `undefined`: the client expects no answer. */
type Answer<N extends ApiName> = ResponseOf<N> | undefined | Promise<ResponseOf<N> | undefined>;
type Handler<N extends ApiName> = (request: RequestOf<N>, client: Client) => Answer<N>;
/** Handlers see requests with every field filled in, never the version that they came in. */
export type Handlers = { [N in ApiName]: Handler<N> };
