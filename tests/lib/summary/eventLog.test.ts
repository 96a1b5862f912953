import { existsSync } from "node:fs";
import { open } from "node:fs/promises";
import { dirname } from "node:path";
import { withEventLog } from "../../../lib/summary";
import { until } from "../../local/emulator/testCloud";

test("the engine's event log has no name any more once it is written, so that a kill leaves none of its secrets", async () => {
  const { answer, events } = await withEventLog(async ([, log = ""]) => {
    // As the engine opens it: os.Create.
    const engine = await open(log, "w");
    await engine.write('{"sequence":1}\n');
    await until(() => !existsSync(dirname(log)), 10_000);
    await engine.write('{"sequence":2}\n');
    await engine.close();
    return 3;
  });
  expect([answer, events]).toEqual([3, '{"sequence":1}\n{"sequence":2}\n']);
});
