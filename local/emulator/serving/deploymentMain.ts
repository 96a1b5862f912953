import { messageOf } from "../../../lib/errors";
import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { loadDetector, type Detection } from "../../trainer";
import type { DeploymentArguments, DeploymentMessage, ScoreRequest } from "./messages";

/** The process of one deployment: loads the registered model once, and scores. It ends with the cloud. */
process.on("disconnect", () => process.exit(0));

const say = (message: DeploymentMessage) => void process.send?.(message);

async function main({ modelFile, ...thresholds }: DeploymentArguments): Promise<void> {
  const detector = await loadDetector(await readFile(modelFile));
  process.on("message", ({ id, images, status, slowMs }: ScoreRequest) => {
    void (async () => {
      if (slowMs) await sleep(slowMs);
      if (status) return say({ id, status, error: `it was made to answer ${status}` });
      const detections: Detection[][] = [];
      for (const [index, image] of images.entries()) {
        try {
          detections.push(await detector.detect(Buffer.from(image, "base64"), thresholds));
        } catch (error) {
          return say({ id, index, error: messageOf(error) });
        }
      }
      say({ id, detections });
    })();
  });
  say({ ready: true });
}

main(JSON.parse(process.argv[2] ?? "{}") as DeploymentArguments).catch((error: unknown) => {
  say({ failed: messageOf(error) });
  process.disconnect();
});
