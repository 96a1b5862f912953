"use strict";
// The engine starts the pack by this file. It is JavaScript, so that no types are checked at each start.
require("ts-node").register({ project: require.resolve("../tsconfig.pulumi.json") });
// The pack's version is read from the folder that the process is in.
process.chdir(__dirname);
require("../lib/engineWatch.ts").endWithEngine(process.argv[2]);
require("./pack.ts");
