import Sequencer from "@jest/test-sequencer";

/** Where a long test begins last, one worker runs it while the others have nothing left to do. */
const longest = [
  // mesh
  "shipping-kill.mesh",
  "guides/guides.mesh",
  "one-mesh.mesh",
  "books/books.mesh",
  "cli/cli.mesh",
  "conformance/kafka.mesh",
  "dev/wrong-input.mesh",
  "conformance/consul.mesh",
  "dev/lifecycle.mesh",
  "mesh/src/kill.mesh",
  "http/http.mesh",
  "conformance/broker.mesh",
  "shipping-kill/schedules.mesh",
  // integration
  "outages/outages.int",
  "mesh/mesh.int",
  "dev-docker.int",
  "security/secured-mesh.int",
  "conformance/broker.int",
  "conformance/kafka.int",
  "foreign-clients/kafka-tools.int",
  "conformance/consul.int",
  // unit
  "commands/schemas-check",
  "consul/consul-registry",
  "generate/generate",
];

/** The order of jest, but on a machine that never ran these tests, which would take the largest files to be the longest. */
export default class LongestFirst extends Sequencer {
  sort(tests) {
    const sorted = super.sort(tests);
    if (sorted.some(({ duration }) => duration !== undefined)) return sorted;
    const place = ({ path }) => longest.findIndex((name) => path.includes(name)) + 1 || longest.length + 1;
    return sorted.sort((a, b) => place(a) - place(b));
  }
}
