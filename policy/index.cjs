"use strict";
// The engine starts the pack by this file. It is JavaScript, so that no types are checked at each start, and what it loads is
// translated by tsx as everywhere else.
const { register } = require("tsx/cjs/api");

register();
// The pack's version is read from the folder that the process is in.
process.chdir(__dirname);
require("./pack.ts");
