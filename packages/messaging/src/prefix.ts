/** An unfinished record, and the run of finished ones right behind it. */
interface Open {
  /** Offset of the last record of the run; its own where the run is empty. */
  last: bigint;
  /** The record and its run. */
  records: number;
  before: Open | undefined;
  after: Open | undefined;
}

/**
 * Which offset of one partition may be committed while its records finish in any order: the one after the longest run of
 * finished records from the start. What is committed never passes a record that is not finished.
 * Finished records behind an unfinished one take no memory of their own: their run is the unfinished record's.
 */
export class FinishedPrefix {
  private readonly byOffset = new Map<bigint, Open>();
  private newest: Open | undefined;
  private passed: bigint | undefined;
  private waiting = 0;

  /** Offsets come in rising order. Holes (compaction, transaction markers) do not matter. */
  begin(offset: bigint): void {
    const open: Open = { last: offset, records: 1, before: this.newest, after: undefined };
    if (this.newest) this.newest.after = open;
    this.newest = open;
    this.byOffset.set(offset, open);
    this.waiting += 1;
  }

  finish(offset: bigint): void {
    const open = this.byOffset.get(offset);
    if (!open) return;
    this.byOffset.delete(offset);
    const { before, after, last, records } = open;
    if (before) {
      before.last = last;
      before.records += records;
      before.after = after;
    } else {
      this.passed = last;
      this.waiting -= records;
    }
    if (after) after.before = before;
    else this.newest = before;
  }

  /** The next offset to read after everything that is surely finished; nothing before the first. */
  get committable(): bigint | undefined {
    return this.passed === undefined ? undefined : this.passed + 1n;
  }

  /** Begun and not finished. */
  get unfinished(): number {
    return this.byOffset.size;
  }

  /** From the oldest unfinished record to the newest begun, finished ones between them included. */
  get uncommittable(): number {
    return this.waiting;
  }
}
