/** Bounds how many handlers run at once, for each partition and in all. First come, first served within a partition. */
export class Slots {
  private readonly perPartition: number;
  private readonly total: number;
  private running = 0;
  private readonly partitions = new Map<string, { running: number; waiting: (() => void)[] }>();

  constructor({ perPartition, total }: { perPartition: number; total: number }) {
    this.perPartition = perPartition;
    this.total = total;
  }

  /** Resolves when a slot is taken; it must be given back with `release`. */
  take(partition: string): Promise<void> | undefined {
    let state = this.partitions.get(partition);
    if (!state) {
      state = { running: 0, waiting: [] };
      this.partitions.set(partition, state);
    }
    if (this.running < this.total && state.running < this.perPartition) {
      this.running += 1;
      state.running += 1;
      return undefined;
    }
    const { waiting } = state;
    return new Promise((resolve) => waiting.push(resolve));
  }

  release(partition: string): void {
    const state = this.partitions.get(partition);
    if (!state) return;
    this.running -= 1;
    state.running -= 1;
    // The partition that has just been served goes to the end, so that a busy one starves no other.
    this.partitions.delete(partition);
    if (state.running > 0 || state.waiting.length > 0) this.partitions.set(partition, state);
    for (const other of this.partitions.values()) {
      if (this.running >= this.total) return;
      while (this.running < this.total && other.running < this.perPartition && other.waiting.length > 0) {
        this.running += 1;
        other.running += 1;
        other.waiting.shift()!();
      }
    }
  }

  get taken(): number {
    return this.running;
  }
}
