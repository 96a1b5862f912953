"use strict";
// The engine's dynamic-provider process knows no TypeScript. What it deserializes from the state is only the stub of
// dynamicProvider.ts, which comes here; so a fix in a lifecycle reaches create, read and delete without a change of state.
require("ts-node").register({ project: require.resolve("../tsconfig.pulumi.json") });
require("../lib/engineWatch.ts").endWithEngine(process.argv[2]);

/** @param {string} folder a folder of providers/ that has a lifecycle.ts */
module.exports = (folder) => require(`./${folder}/lifecycle.ts`).lifecycle;
