import { setTimeout as sleep } from "node:timers/promises";
import { apiVersions, type ArmClient } from "../azure/arm";
import type { Endpoint } from "../azure/endpoints";
import { UserError } from "../errors";
import type { Detection } from "./detections";

/** Header that chooses the deployment of a request, whatever the traffic; answers tell by it which one served. */
const deploymentHeader = "azureml-model-deployment";
const timeoutMs = 120_000;
/** A deployment that is busy is asked again so often before that counts as a failure. */
const busyRetries = 5;
const busyPauseMs = 500;

export interface Scored {
  /** HTTP status; 0 when there was no answer. */
  status: number;
  /** What went wrong, when something did. */
  problem?: string;
  /** The deployment that answered, when the router says so. */
  deployment?: string;
  boxes: Detection[];
  ms: number;
}

/** Sends pictures to an online endpoint, with its key or token. */
export class ScoringClient {
  private constructor(
    private readonly scoringUri: string,
    private readonly secret: string,
  ) {}

  static at(scoringUri: string, secret: string): ScoringClient {
    return new ScoringClient(scoringUri, secret);
  }

  /** Asks for the key or token. */
  static async open(arm: ArmClient, endpoint: Endpoint): Promise<ScoringClient> {
    const usesKeys = String(endpoint.properties.authMode).toLowerCase() === "key";
    const { primaryKey, accessToken } = await arm.post<{ primaryKey?: string; accessToken?: string }>(
      `${endpoint.id}/${usesKeys ? "listKeys" : "token"}`,
      apiVersions.machineLearning,
    );
    const secret = primaryKey ?? accessToken;
    if (!secret)
      throw new UserError(`Endpoint ${endpoint.name} gives neither key nor token. Look at it in the studio.`);
    return new ScoringClient(endpoint.properties.scoringUri, secret);
  }

  /** Scores one picture, by the deployment given or by the traffic. Never throws: what went wrong is in the answer. */
  async score(picture: Uint8Array, deployment?: string): Promise<Scored> {
    for (let attempt = 0; ; attempt++) {
      const scored = await this.send(picture, deployment);
      if ((scored.status !== 429 && scored.status !== 503) || attempt === busyRetries) return scored;
      await sleep(busyPauseMs);
    }
  }

  private async send(picture: Uint8Array, deployment: string | undefined): Promise<Scored> {
    const started = performance.now();
    const elapsed = () => performance.now() - started;
    try {
      const answer = await fetch(this.scoringUri, {
        method: "POST",
        headers: {
          authorization: `Bearer ${this.secret}`,
          "content-type": "application/json",
          ...(deployment === undefined ? {} : { [deploymentHeader]: deployment }),
        },
        body: JSON.stringify({
          input_data: { columns: ["image"], data: [Buffer.from(picture).toString("base64")] },
        }),
        signal: AbortSignal.timeout(timeoutMs),
      });
      const text = await answer.text();
      const served = answer.headers.get(deploymentHeader) ?? undefined;
      const common = { status: answer.status, deployment: served, ms: elapsed() };
      if (!answer.ok) return { ...common, problem: `${answer.status}: ${text.slice(0, 300)}`, boxes: [] };
      const boxes = boxesOf(text);
      return boxes
        ? { ...common, boxes }
        : { ...common, problem: `the answer is no list of boxes: ${text.slice(0, 300)}`, boxes: [] };
    } catch (error) {
      return { status: 0, problem: `${this.scoringUri}: ${reasonOf(error)}`, boxes: [], ms: elapsed() };
    }
  }
}

/** `[{"boxes": [{"box": {"topX", ...}, "label", "score"}]}]`, as AutoML's scoring file answers; undefined for anything else. */
function boxesOf(text: string): Detection[] | undefined {
  try {
    const [picture] = JSON.parse(text) as [
      { boxes: { box: Omit<Detection, "label" | "score">; label: string; score: number }[] },
    ];
    const boxes = picture.boxes.map(({ box: { topX, topY, bottomX, bottomY }, label, score }) => {
      return { label, score, topX, topY, bottomX, bottomY };
    });
    return boxes.every(isDetection) ? boxes : undefined;
  } catch {
    return undefined;
  }
}

function isDetection({ label, ...numbers }: Detection): boolean {
  return typeof label === "string" && Object.values(numbers).every((value) => Number.isFinite(value));
}

/** `fetch failed` says nothing; its cause does. */
function reasonOf(error: unknown): string {
  const { message, cause } = error as { message?: string; cause?: { message?: string; code?: string } };
  return cause?.message || cause?.code || message || String(error);
}
