import { errorCodes } from "../../protocol/error-codes.ts";
import type { Broker, Handlers } from "../context.ts";

const maxTimerMs = 2 ** 31 - 1;
/** Buffers of a request are views of what came over the socket; what stays must not keep all of that. */
const owned = (bytes: Buffer) => Buffer.from(bytes);

export function groupHandlers(
  broker: Broker,
): Pick<
  Handlers,
  "joinGroup" | "syncGroup" | "heartbeat" | "leaveGroup" | "listGroups" | "describeGroups" | "deleteGroups"
> {
  const { coordinator, log } = broker;

  return {
    async joinGroup(request, client) {
      const { groupId, sessionTimeoutMs, rebalanceTimeoutMs, memberId } = request;
      const refused = (error: keyof typeof errorCodes) => ({
        errorCode: errorCodes[error],
        protocolName: null,
        leader: "",
        memberId,
        members: [],
      });
      if (groupId === "") return refused("INVALID_GROUP_ID");
      if (!coordinator.sessionTimeoutIsFine(sessionTimeoutMs)) return refused("INVALID_SESSION_TIMEOUT");
      const known = coordinator.find(groupId);
      if (!known && memberId !== "") return refused("UNKNOWN_MEMBER_ID");
      const group = known ?? coordinator.getOrCreate(groupId);
      if (!group) return refused("COORDINATOR_NOT_AVAILABLE");
      const { error, ...result } = await group.join({
        memberId,
        instanceId: request.groupInstanceId,
        clientId: client.id,
        clientHost: client.host,
        sessionTimeoutMs,
        rebalanceTimeoutMs: Math.min(rebalanceTimeoutMs < 0 ? sessionTimeoutMs : rebalanceTimeoutMs, maxTimerMs),
        protocolType: request.protocolType,
        protocols: request.protocols.map(({ name, metadata }) => ({ name, metadata: owned(metadata) })),
        canRejoinWithMemberId: request.canRejoinWithMemberId,
        canSkipAssignment: request.canSkipAssignment,
      });
      return { errorCode: errorCodes[error], ...result };
    },

    async syncGroup({ groupId, memberId, groupInstanceId, generationId, protocolType, protocolName, assignments }) {
      const group = coordinator.find(groupId);
      if (!group) return { errorCode: errorCodes.UNKNOWN_MEMBER_ID, assignment: Buffer.alloc(0) };
      const { error, ...result } = await group.sync({
        memberId,
        instanceId: groupInstanceId,
        generationId,
        protocolType,
        protocolName,
        assignments: assignments.map((one) => ({ memberId: one.memberId, assignment: owned(one.assignment) })),
      });
      return { errorCode: errorCodes[error], ...result };
    },

    heartbeat({ groupId, memberId, groupInstanceId: instanceId, generationId }) {
      const group = coordinator.find(groupId);
      return { errorCode: errorCodes[group?.heartbeat({ memberId, instanceId }, generationId) ?? "UNKNOWN_MEMBER_ID"] };
    },

    leaveGroup({ groupId, memberId, members, namesMembers }) {
      const group = coordinator.find(groupId);
      const leave = (id: string, instanceId: string | null) =>
        errorCodes[group?.leave({ memberId: id, instanceId }) ?? "UNKNOWN_MEMBER_ID"];
      if (!namesMembers) return { errorCode: leave(memberId, null) };
      return {
        errorCode: errorCodes.NONE,
        members: members.map(({ memberId: id, groupInstanceId }) => ({
          memberId: id,
          groupInstanceId,
          errorCode: leave(id, groupInstanceId),
        })),
      };
    },

    listGroups({ statesFilter, typesFilter }) {
      const wanted = new Set(statesFilter.map((state) => state.toLowerCase()));
      const types = typesFilter.map((type) => type.toLowerCase());
      const groups = coordinator
        .all()
        .map((group) => ({
          groupId: group.id,
          protocolType: group.protocolType ?? "",
          groupState: group.state,
          groupType: "classic",
        }))
        .filter(({ groupState }) => wanted.size === 0 || wanted.has(groupState.toLowerCase()))
        .filter(({ groupType }) => types.length === 0 || types.includes(groupType));
      return { errorCode: errorCodes.NONE, groups };
    },

    describeGroups: ({ groups }) => ({
      groups: groups.map((groupId) => {
        const group = coordinator.find(groupId);
        if (group) return { errorCode: errorCodes.NONE, ...group.describe() };
        return {
          errorCode: errorCodes.NONE,
          groupId,
          groupState: "Dead",
          protocolType: "",
          protocolData: "",
          members: [],
        };
      }),
    }),

    deleteGroups: ({ groupsNames }) => ({
      results: groupsNames.map((groupId) => {
        try {
          return { groupId, errorCode: errorCodes[coordinator.delete(groupId)] };
        } catch (err) {
          log.error({ err, group: groupId }, "could not delete a group");
          return { groupId, errorCode: errorCodes.COORDINATOR_NOT_AVAILABLE };
        }
      }),
    }),
  };
}
