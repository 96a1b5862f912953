/** @type {import("jest").Config} */
module.exports = {
  testEnvironment: "node",
  roots: ["<rootDir>/tests"],
  transform: {
    "\\.[jt]s$": [
      "@swc/jest",
      { jsc: { parser: { syntax: "typescript" }, target: "es2022" }, module: { type: "commonjs" } },
    ],
  },
  // The gradients of TensorFlow.js come as ES modules only.
  transformIgnorePatterns: ["/node_modules/(?!@tensorflow/)"],
  // They want an installed Label Studio: npm run test:labeling.
  testPathIgnorePatterns: process.env.TEST_LABELING ? [] : ["<rootDir>/tests/labelStudio"],
  globalSetup: process.env.TEST_LABELING ? "<rootDir>/tests/labelStudio/install.ts" : undefined,
  testSequencer: "<rootDir>/tests/sequencer.cjs",
  testTimeout: 60_000,
  maxWorkers: 2,
};
