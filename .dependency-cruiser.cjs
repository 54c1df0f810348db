/** Imports go in one direction: services → packages, and among packages from RUN to SPEAK (docs/architecture.md). */
const packages = [
  "core",
  "contracts",
  "discovery",
  "transport",
  "messaging",
  "outbox",
  "service-kit",
  "embedded",
  "testkit",
];
const allowed = {
  core: [],
  contracts: ["core"],
  discovery: ["core"],
  transport: ["core", "contracts", "discovery"],
  messaging: ["core", "contracts"],
  outbox: ["core", "contracts", "messaging"],
  "service-kit": ["core", "contracts", "discovery", "transport", "messaging", "outbox"],
  embedded: ["core", "contracts"],
};
const test = "\\.test\\.ts$|/test/";

const direction = Object.entries(allowed).map(([name, targets]) => ({
  name: `${name}-imports`,
  comment: `packages/${name} may import only: ${targets.join(", ") || "nothing of ours"}`,
  severity: "error",
  from: { path: `^packages/${name}/`, pathNot: test },
  to: {
    path: `^(packages/(${packages.filter((other) => other !== name && !targets.includes(other)).join("|")})|services|tools|tests)/`,
  },
}));

/** A client library is named in one folder, so that it can be replaced; raw clients in conformance suites aside. */
const namedOnce = [
  ["kafkajs", "^packages/messaging/src/kafkajs/"],
  ["@kafkajs/confluent-schema-registry", "^packages/messaging/src/confluent/"],
  ["consul", "^packages/discovery/src/consul/"],
  ["opossum", "^packages/transport/src/breaker/"],
].map(([library, folder]) => ({
  name: `${library.replace("@kafkajs/", "")}-in-one-folder`,
  comment: `${library} is named only in ${folder.slice(1)}`,
  severity: "error",
  from: {
    path: "^(packages|services|tools)/",
    pathNot: [folder, "^packages/testkit/src/conformance/", "^tools/bench/"],
  },
  to: { path: `node_modules/${library}/` },
}));

module.exports = {
  forbidden: [
    ...direction,
    ...namedOnce,
    {
      name: "services-do-not-meet",
      comment: "Services meet only in schemas/",
      severity: "error",
      from: { path: "^services/([^/]+)/" },
      to: { path: "^services/", pathNot: "^services/$1/" },
    },
    {
      name: "no-test-servers-in-services",
      comment: "embedded and testkit never ship",
      severity: "error",
      from: { path: "^services/", pathNot: test },
      to: { path: "^(packages/(embedded|testkit)|tools|tests)/" },
    },
    {
      name: "domain-is-pure",
      comment: "Rules import only core's errors and types",
      severity: "error",
      from: { path: "^services/[^/]+/src/domain/", pathNot: test },
      to: {
        path: "^services/[^/]+/src/(application/|adapters/|app\\.|main\\.)|^packages/(?!core/|contracts/)|node_modules",
      },
    },
    {
      name: "application-knows-no-adapter",
      severity: "error",
      from: { path: "^services/[^/]+/src/application/", pathNot: test },
      to: { path: "^services/[^/]+/src/(adapters/|app\\.|main\\.)" },
    },
    {
      name: "no-cycles",
      severity: "error",
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
    { name: "resolvable", severity: "error", from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    parser: "swc",
    doNotFollow: { path: "node_modules" },
    exclude: { path: "(^|/)(dist|generated)/" },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      conditionNames: ["@weft/source", "import", "node", "default"],
      exportsFields: ["exports"],
      extensions: [".ts", ".js", ".cjs", ".mjs", ".json"],
    },
  },
};
