const project = (name, testMatch) => ({
  displayName: name,
  testMatch: testMatch.map((pattern) => `<rootDir>/${pattern}`),
  testPathIgnorePatterns: ["/node_modules/", "/dist/", "/.weft/"],
  modulePathIgnorePatterns: ["/dist/", "/.weft/"],
  extensionsToTreatAsEsm: [".ts"],
  testEnvironmentOptions: { customExportConditions: ["@weft/source", "node", "node-addons"] },
  transform: {
    "\\.ts$": [
      "@swc/jest",
      { jsc: { parser: { syntax: "typescript" }, target: "es2024" }, module: { type: "es6" }, sourceMaps: "inline" },
    ],
  },
});

export default {
  maxWorkers: 2,
  testSequencer: "<rootDir>/tools/test/longest-first.mjs",
  testTimeout: 60_000,
  projects: [
    project("unit", ["{packages,services,tools}/*/**/!(*.mesh|*.int|*.e2e).test.ts"]),
    project("mesh", ["{packages,services,tools,tests}/**/*.mesh.test.ts"]),
    {
      ...project("integration", ["{packages,tests}/**/*.int.test.ts"]),
      globalSetup: "<rootDir>/tests/integration/global-setup.mjs",
      globalTeardown: "<rootDir>/tests/integration/global-teardown.mjs",
      setupFiles: ["<rootDir>/tests/integration/src/run/end-with-run.ts"],
    },
  ],
};
