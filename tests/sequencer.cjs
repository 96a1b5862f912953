"use strict";
const { default: Sequencer } = require("@jest/test-sequencer");

/** What runs the engine takes longest and goes first: without timings of an earlier run Jest goes by the size of files. */
module.exports = class extends Sequencer {
  async sort(tests) {
    const sorted = await super.sort(tests);
    const first = sorted.filter(({ path }) => path.includes("/tests/e2e/"));
    return [...first, ...sorted.filter((test) => !first.includes(test))];
  }
};
