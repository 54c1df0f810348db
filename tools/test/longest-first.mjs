import Sequencer from "@jest/test-sequencer";

/** Where a long test begins last, one worker runs it while the others have nothing left to do. */
const longest = [
  // mesh
  "one-mesh.mesh",
  "shipping-kill.mesh",
  "guides/guides.mesh",
  "cli/cli.mesh",
  "conformance/kafka.mesh",
  "dev/wrong-input.mesh",
  "books/books.mesh",
  "dev/lifecycle.mesh",
  "conformance/consul.mesh",
  "outbox/relay.mesh",
  "dev/cut-short.mesh",
  "conformance/broker.mesh",
  "shipping-kill/schedules.mesh",
  "inventory-store.mesh",
  // integration: a mesh beside something lighter, and what is left when the last of them runs
  "outages/outages.int",
  "conformance/kafka.int",
  "conformance/broker.int",
  "conformance/consul.int",
  "mesh/mesh.int",
  "foreign-clients/kafka-tools.int",
  "infrastructure/container.int",
  "security/kafka.int",
  "dev-docker.int",
  "redis/redis.int",
  "security/secured-mesh.int",
  // unit
  "commands/schemas-check",
  "consul/consul-registry",
  "generate/generate",
];

/**
 * The order of jest, but on a machine that never ran these tests, which would take the largest files to be the longest. The
 * integration suite has the one above everywhere: meshes on real servers side by side overload two processors, and what comes
 * after them leaves these idle.
 */
export default class LongestFirst extends Sequencer {
  sort(tests) {
    const sorted = super.sort(tests);
    const isIntegration = sorted.some(({ path }) => path.endsWith(".int.test.ts"));
    if (!isIntegration && sorted.some(({ duration }) => duration !== undefined)) return sorted;
    const place = ({ path }) => longest.findIndex((name) => path.includes(name)) + 1 || longest.length + 1;
    return sorted.sort((a, b) => place(a) - place(b));
  }
}
