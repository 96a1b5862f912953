import { BlobLock } from "../../lib/azure/blobLock";
import { azureCredential } from "../../lib/azure/credential";
import { sdk } from "../../lib/azure/sdk";
import { messageOf } from "../../lib/errors";
import { preLabel } from "../../lib/labeling/assist/preLabel";
import { LabelStudioClient } from "../../lib/labeling/client";
import { labelingConnection } from "../../lib/labeling/connection";

/** What a run of suggestions works on; given as JSON. */
export interface Suggesting {
  url: string;
  containerUrl: string;
  projectId: number;
  prefix: string;
  modelVersion: string;
}

/** A run that lets a model suggest one box on each image, to be killed; prints what came of it as its last line. */
function main({ url, containerUrl, ...what }: Suggesting) {
  const container = new sdk.blobs.ContainerClient(containerUrl, azureCredential());
  const client = new LabelStudioClient(labelingConnection({ url }));
  const box = { label: "person", score: 0.9, topX: 0.1, topY: 0.2, bottomX: 0.5, bottomY: 0.6 };
  const lock = { what: "The suggestions of the test", waitMs: 60_000 };
  return BlobLock.holding(container, `labeling/${what.projectId}/assist.lock`, lock, (ledger) =>
    preLabel({
      ...{ ...what, client, container, ledger, labels: ["person"], confidence: 0.3 },
      score: async () => ({ status: 200, boxes: [box], ms: 1 }),
    }),
  );
}

void main(JSON.parse(process.argv[2] ?? "") as Suggesting)
  .then(
    (answer): object => ({ answer }),
    (error: unknown) => ({ thrown: { message: messageOf(error) } }),
  )
  .then((outcome) => {
    console.log(JSON.stringify(outcome));
    process.exit();
  });
