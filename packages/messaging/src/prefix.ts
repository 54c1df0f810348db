/**
 * Which offset of one partition may be committed while its records finish in any order: the one after the longest run of
 * finished records from the start. What is committed never passes a record that is not finished.
 */
export class FinishedPrefix {
  /** Begun and not yet passed, in order of offset. Holes (compaction, transaction markers) do not matter. */
  private readonly open: { offset: bigint; isFinished: boolean }[] = [];
  private readonly byOffset = new Map<bigint, { offset: bigint; isFinished: boolean }>();
  private first = 0;
  private passed: bigint | undefined;

  /** Offsets come in rising order. */
  begin(offset: bigint): void {
    const entry = { offset, isFinished: false };
    this.open.push(entry);
    this.byOffset.set(offset, entry);
  }

  finish(offset: bigint): void {
    const entry = this.byOffset.get(offset);
    if (!entry) return;
    entry.isFinished = true;
    this.byOffset.delete(offset);
    while (this.first < this.open.length && this.open[this.first]!.isFinished) {
      this.passed = this.open[this.first]!.offset;
      this.first += 1;
    }
    // Given back in large pieces: taking one off the front each time would cost the square of the length.
    if (this.first > 1024 && this.first * 2 > this.open.length) {
      this.open.splice(0, this.first);
      this.first = 0;
    }
  }

  /** The next offset to read after everything that is surely finished; nothing before the first. */
  get committable(): bigint | undefined {
    return this.passed === undefined ? undefined : this.passed + 1n;
  }

  /** Begun and not finished. */
  get unfinished(): number {
    return this.byOffset.size;
  }
}
