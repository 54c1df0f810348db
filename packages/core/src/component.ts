/** Something with a lifetime. A process starts its components in order and stops them in reverse. */
export interface Component {
  readonly name: string;
  /** Resolves when the component can be used. */
  start(): Promise<void>;
  /** Finishes what is in hand and gives everything back. Resolves also when it never started. */
  stop(): Promise<void>;
  /**
   * What this component knows of its own state, for `/health`. Absent: nothing to say.
   * `degraded` is a lost dependency; `unhealthy` means wedged: there is work and no progress.
   */
  health?(): ComponentHealth | Promise<ComponentHealth>;
}

export interface ComponentHealth {
  status: "healthy" | "degraded" | "unhealthy";
  /** One short sentence, where the status is not `healthy`. */
  message?: string;
  /** Numbers worth seeing: lag, pending rows, age in milliseconds. */
  details?: Record<string, unknown>;
}
