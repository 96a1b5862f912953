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
  testTimeout: 60_000,
  maxWorkers: 2,
};
