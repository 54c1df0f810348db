// opossum 10 has no types of its own; these are the parts that the wrapper uses.
declare module "opossum" {
  export interface CircuitBreakerOptions {
    timeout?: number | false;
    resetTimeout?: number;
    rollingCountTimeout?: number;
    rollingCountBuckets?: number;
    rollingPercentilesEnabled?: boolean;
    enableSnapshots?: boolean;
    errorThresholdPercentage?: number;
    volumeThreshold?: number;
    name?: string;
  }
  export default class CircuitBreaker<Arguments extends unknown[]> {
    constructor(action: (...args: Arguments) => Promise<unknown>, options?: CircuitBreakerOptions);
    readonly options: CircuitBreakerOptions;
    readonly opened: boolean;
    fire(...args: Arguments): Promise<unknown>;
    open(): void;
    shutdown(): void;
    on(event: "open" | "halfOpen", listener: () => void): this;
  }
}
