import type { Catalog } from "./catalog.ts";
import type { CheckRunner } from "./check-runner.ts";
import type { CheckDefinition, ServiceDefinition } from "./definitions.ts";
import { Refusal } from "./refusal.ts";

/** What the agent does for its callers: changes the catalog, keeps the checks running, and writes the state down before it answers. */
export interface Agent {
  register(
    registration: { service: ServiceDefinition; checks: CheckDefinition[] },
    options: { replaceChecks: boolean },
  ): void;
  deregister(serviceId: string): void;
  addCheck(check: CheckDefinition, serviceId: string): void;
  removeCheck(checkId: string): void;
  /** @param serviceId absent: the whole node */
  maintenance(serviceId: string | undefined, options: { enable: boolean; reason: string }): void;
}

const limits = { services: 5000, checks: 10_000 };

export const unknownService = (id: string) =>
  new Refusal(404, `Unknown service ID "${id}". Ensure that the service ID is passed, not the service name.`);
export const unknownCheck = (id: string) =>
  new Refusal(404, `Unknown check ID "${id}". Ensure that the check ID is passed, not the check name.`);

export function agent({ catalog, checks, save }: { catalog: Catalog; checks: CheckRunner; save: () => void }): Agent {
  function putCheck(check: CheckDefinition, serviceId: string): void {
    catalog.putCheck(check, serviceId, { status: check.initialStatus ?? "critical", output: "" });
    checks.run(check);
  }
  function dropCheck(checkId: string): void {
    checks.forget(checkId);
    catalog.removeCheck(checkId);
  }

  return {
    register({ service, checks: wanted }, { replaceChecks }) {
      if (!catalog.service(service.id) && catalog.services().length >= limits.services)
        throw new Refusal(500, `this embedded server holds at most ${limits.services} services`);
      for (const { id } of wanted) {
        const other = catalog.check(id);
        if (other && other.serviceId !== service.id)
          throw new Refusal(400, `check ID "${id}" belongs to another service`);
      }
      catalog.putService(service);
      if (replaceChecks) {
        const kept = new Set(wanted.map(({ id }) => id));
        for (const { definition } of catalog.checksOf(service.id))
          if (!kept.has(definition.id)) dropCheck(definition.id);
      }
      for (const check of wanted) putCheck(check, service.id);
      save();
    },
    deregister(serviceId) {
      if (!catalog.service(serviceId)) throw unknownService(serviceId);
      for (const { definition } of catalog.checksOf(serviceId)) checks.forget(definition.id);
      catalog.removeService(serviceId);
      save();
    },
    addCheck(check, serviceId) {
      if (serviceId !== "" && !catalog.service(serviceId))
        throw new Refusal(404, `ServiceID "${serviceId}" does not exist`);
      if (!catalog.check(check.id) && catalog.checks().length >= limits.checks)
        throw new Refusal(500, `this embedded server holds at most ${limits.checks} checks`);
      putCheck(check, serviceId);
      save();
    },
    removeCheck(checkId) {
      if (!catalog.check(checkId)) throw unknownCheck(checkId);
      dropCheck(checkId);
      save();
    },
    maintenance(serviceId, { enable, reason }) {
      if (serviceId !== undefined && !catalog.service(serviceId)) throw unknownService(serviceId);
      const id = serviceId === undefined ? "_node_maintenance" : `_service_maintenance:${serviceId}`;
      const name = serviceId === undefined ? "Node Maintenance Mode" : "Service Maintenance Mode";
      const what = serviceId === undefined ? "node" : "service";
      const otherwise = `Maintenance mode is enabled for this ${what}, but no reason was provided. This is a default message.`;
      if (!enable) {
        if (catalog.check(id)) dropCheck(id);
      } else if (!catalog.check(id)) {
        putCheck(maintenanceCheck(id, name, reason || otherwise), serviceId ?? "");
      }
      save();
    },
  };
}

const maintenanceCheck = (id: string, name: string, notes: string): CheckDefinition => ({
  id,
  name,
  notes,
  kind: { type: "maintenance" },
  intervalMs: 0,
  timeoutMs: 0,
  initialStatus: "critical",
  deregisterAfterMs: 0,
  successBeforePassing: 0,
  failuresBeforeWarning: 0,
  failuresBeforeCritical: 0,
  outputMaxBytes: 4096,
});
