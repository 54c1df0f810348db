import type { Metrics } from "@weft/core";
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";

/** Metrics that a process can show: the text form of Prometheus, version 0.0.4. */
export interface MetricsText extends Metrics {
  text(): Promise<string>;
  contentType: string;
}

export interface PrometheusOptions {
  /** Memory, event loop, garbage collection of the process itself. @defaultValue true */
  process?: boolean;
}

const defaultBucketsMs = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 15_000];

/** Prometheus behind the port, in a registry of its own. Asking for the same name again gives the same metric. */
export function prometheusMetrics(
  labels: Record<string, string> = {},
  { process: ofProcess = true }: PrometheusOptions = {},
): MetricsText {
  const registry = new Registry();
  registry.setDefaultLabels(labels);
  if (ofProcess) watchProcess(registry);
  const registers = [registry];
  const existing = <T>(name: string, make: () => T): T => (registry.getSingleMetric(name) as T | undefined) ?? make();
  return {
    contentType: registry.contentType,
    text: () => registry.metrics(),
    counter(name, help, labelNames = []) {
      const counter = existing(name, () => new Counter({ name, help, labelNames, registers }));
      return { add: (value = 1, labels = {}) => counter.inc(labels, value) };
    },
    gauge(name, help, labelNames = []) {
      const gauge = existing(name, () => new Gauge({ name, help, labelNames, registers }));
      return { set: (value, labels = {}) => gauge.set(labels, value) };
    },
    histogram(name, help, labelNames = [], buckets = defaultBucketsMs) {
      const histogram = existing(name, () => new Histogram({ name, help, labelNames, buckets, registers }));
      return { observe: (value, labels = {}) => histogram.observe(labels, value) };
    },
  };
}

/**
 * What prom-client shows of the process, but the event loop is looked at ten times a second, not a hundred: that was a fifth
 * of what an idle service did. What it measures is the time between two looks; lag is what is more than the interval.
 */
function watchProcess(registry: Registry): void {
  const intervalMs = 100;
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: intervalMs });
  for (const part of ["min", "max", "mean", "p50", "p90", "p99"]) {
    const gauge = registry.getSingleMetric(`nodejs_eventloop_lag_${part}_seconds`) as Gauge;
    const set = gauge.set.bind(gauge) as (labels: object, seconds: number) => void;
    const setLag = (labels: object, seconds: number) => set(labels, Math.max(0, seconds - intervalMs / 1000));
    gauge.set = setLag as Gauge["set"];
  }
}
