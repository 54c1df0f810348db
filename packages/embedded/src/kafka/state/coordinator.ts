import type { BrokerSettings } from "../options.ts";
import type { ErrorName } from "../protocol/error-codes.ts";
import { Group } from "./group.ts";
import type { OffsetStore } from "./offsets.ts";

/** The groups of this broker: those with members, and those of which only offsets remain. */
export class Coordinator {
  private readonly groups = new Map<string, Group>();
  private readonly offsets: OffsetStore;
  private readonly settings: BrokerSettings;

  constructor({ offsets }: { offsets: OffsetStore }, settings: BrokerSettings) {
    this.offsets = offsets;
    this.settings = settings;
  }

  /** The group, made when it is new; nothing when there are too many. */
  getOrCreate(id: string): Group | undefined {
    const known = this.find(id);
    if (known) return known;
    if (this.groups.size >= this.settings.maxGroups) this.dropForgettable();
    if (this.groups.size >= this.settings.maxGroups) return undefined;
    const group = new Group(id, this.settings);
    this.groups.set(id, group);
    return group;
  }

  find(id: string): Group | undefined {
    const known = this.groups.get(id);
    if (known || !this.offsets.has(id)) return known;
    const group = new Group(id, this.settings);
    group.protocolType = "consumer";
    this.groups.set(id, group);
    return group;
  }

  private dropForgettable(): void {
    for (const [id, group] of this.groups) if (group.isIdle && !this.offsets.has(id)) this.groups.delete(id);
  }

  all(): Group[] {
    for (const id of this.offsets.groupIds()) this.find(id);
    return [...this.groups.values()];
  }

  sessionTimeoutIsFine(sessionTimeoutMs: number): boolean {
    return (
      sessionTimeoutMs >= this.settings.minSessionTimeoutMs && sessionTimeoutMs <= this.settings.maxSessionTimeoutMs
    );
  }

  delete(id: string): ErrorName {
    const group = this.find(id);
    if (!group) return "GROUP_ID_NOT_FOUND";
    if (!group.isIdle) return "NON_EMPTY_GROUP";
    this.offsets.deleteGroup(id);
    group.close();
    this.groups.delete(id);
    return "NONE";
  }

  close(): void {
    for (const group of this.groups.values()) group.close();
    this.groups.clear();
  }
}
