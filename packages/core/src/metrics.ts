/** What packages count and measure with; a process chooses what is behind it (`service-kit` uses Prometheus). */
export interface Metrics {
  counter(name: string, help: string, labelNames?: string[]): Counter;
  gauge(name: string, help: string, labelNames?: string[]): Gauge;
  /** @param buckets upper bounds, in the unit that the name ends with */
  histogram(name: string, help: string, labelNames?: string[], buckets?: number[]): Histogram;
}

export type Labels = Record<string, string>;
export interface Counter {
  add(value?: number, labels?: Labels): void;
}
export interface Gauge {
  set(value: number, labels?: Labels): void;
}
export interface Histogram {
  observe(value: number, labels?: Labels): void;
}

export const noMetrics: Metrics = {
  counter: () => ({ add() {} }),
  gauge: () => ({ set() {} }),
  histogram: () => ({ observe() {} }),
};
