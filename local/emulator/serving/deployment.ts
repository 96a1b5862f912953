import { fork, type ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import { createWriteStream } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { ArmError, type Cloud, type Principal, type ResourceRecord } from "../contracts";
import { deploymentPrincipal } from "../rbac/principals";
import { locate } from "../services/assets";
import type { DeploymentArguments, DeploymentMessage, ScoreAnswer, ScoreRequest } from "./messages";

/** How a request to a deployment can fail, with the status that the inference router answers. */
export class ScoringError extends Error {
  constructor(
    readonly status: 400 | 408 | 424 | 429,
    message: string,
  ) {
    super(message);
  }
}

interface Limits {
  concurrent: number;
  timeoutMs: number;
}

/** A deployment that serves, in a process of its own. */
export class Deployment {
  private readonly pending = new Map<number, (answer: ScoreAnswer) => void>();
  private next = 0;
  /** Resolves with how the process ended. */
  readonly ended: Promise<string>;

  private constructor(
    private readonly child: ChildProcess,
    private readonly limits: Limits,
    ended: Promise<string>,
  ) {
    this.ended = ended;
    child.on("message", (message: DeploymentMessage) => {
      if ("id" in message) this.pending.get(message.id)?.(message);
    });
    child.once("exit", () => {
      for (const [id, answer] of this.pending) answer({ id, error: "The process of the deployment ended." });
    });
  }

  /** Fetches the registered model and starts the process. @throws ArmError when the model cannot be loaded */
  static async start(record: ResourceRecord, cloud: Cloud): Promise<Deployment> {
    const modelFile = await fetchModel(record, cloud);
    try {
      return await Deployment.load(record, modelFile, cloud);
    } finally {
      await rm(modelFile, { force: true });
    }
  }

  private static async load(record: ResourceRecord, modelFile: string, cloud: Cloud): Promise<Deployment> {
    const { environmentVariables = {} } = record.properties as { environmentVariables?: Record<string, string> };
    const threshold = (name: string) =>
      environmentVariables[name] === undefined ? undefined : Number(environmentVariables[name]);
    const args: DeploymentArguments = {
      modelFile,
      boxScoreThreshold: threshold("BOX_SCORE_THRESHOLD"),
      nmsIouThreshold: threshold("NMS_IOU_THRESHOLD"),
    };
    const child = fork(join(__dirname, "deploymentMain.ts"), [JSON.stringify(args)], {
      env: cloud.childEnvironment(deploymentPrincipal(record, cloud)),
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    const ended = new Promise<string>((resolve) => {
      // A process that cannot be started has no exit.
      child.on("error", (error) => child.pid === undefined && resolve(error.message));
      child.once("exit", (code, signal) => resolve(signal ?? `status ${code}`));
    });
    const message = await Promise.race([
      new Promise<DeploymentMessage>((resolve) => child.once("message", resolve)),
      ended.then((how): DeploymentMessage => ({ failed: `its process ended (${how})` })),
    ]);
    if ("failed" in message)
      throw new ArmError(400, "UserError", `The deployment's container did not start: ${message.failed}`);
    return new Deployment(child, limitsOf(record), ended);
  }

  /** @throws ScoringError */
  async score(images: string[]): Promise<Extract<ScoreAnswer, { detections: unknown }>["detections"]> {
    if (this.pending.size >= this.limits.concurrent)
      throw new ScoringError(429, "The deployment has as many requests as its replicas take.");
    const id = this.next++;
    let timer: NodeJS.Timeout | undefined;
    try {
      const answer = await new Promise<ScoreAnswer>((resolve, reject) => {
        timer = setTimeout(
          () => reject(new ScoringError(408, "The request took longer than the deployment's request timeout.")),
          this.limits.timeoutMs,
        );
        this.pending.set(id, resolve);
        this.child.send(
          { id, images } satisfies ScoreRequest,
          (error) => error && resolve({ id, error: error.message }),
        );
      });
      if ("detections" in answer) return answer.detections;
      throw answer.index === undefined
        ? new ScoringError(424, `The model failed: ${answer.error}`)
        : new ScoringError(400, `input_data.data[${answer.index}] is no picture that can be decoded: ${answer.error}`);
    } finally {
      clearTimeout(timer);
      this.pending.delete(id);
    }
  }

  stop(): void {
    this.child.kill("SIGKILL");
  }
}

async function fetchModel(record: ResourceRecord, cloud: Cloud): Promise<string> {
  const model = cloud.resources.get(String(record.properties.model));
  const place = model && locate(String(model.properties.modelUri), cloud);
  if (!model || !place)
    throw new ArmError(
      400,
      "UserError",
      `The model '${String(record.properties.model)}' was not found.`,
      "properties.model",
    );
  await mkdir(cloud.workFolder, { recursive: true, mode: 0o700 });
  const file = join(cloud.workFolder, `${randomUUID()}.model.pt`);
  // An MLflow model is a folder, with the weights among its artifacts.
  const path =
    model.properties.modelType === "mlflow_model" ? `${place.path.replace(/\/$/, "")}/artifacts/model.pt` : place.path;
  const principal = deploymentPrincipal(record, cloud);
  const blob = cloud.container(place.account, place.container, principal).getBlobClient(path);
  try {
    const { readableStreamBody } = await blob.download();
    if (readableStreamBody) await pipeline(readableStreamBody, createWriteStream(file, { mode: 0o600 }));
  } catch (error) {
    await rm(file, { force: true });
    const { code } = error as { code?: unknown };
    if (code === "AuthorizationPermissionMismatch") throw withoutRole(code, principal, place.account);
    if (code !== "BlobNotFound") throw error;
    throw new ArmError(400, "UserError", `The model '${model.name}' has no weights at '${path}'.`, "properties.model");
  }
  return file;
}

/**
 * What users meet whose endpoint has no role on the storage account:
 * https://learn.microsoft.com/azure/machine-learning/how-to-troubleshoot-online-endpoints#authorization-error
 */
function withoutRole(code: string, { name, objectId }: Principal, account: string): ArmError {
  return new ArmError(
    403,
    code,
    `Authorization error: the identity '${name}' with object id '${objectId}' cannot download the model. ErrorCode:${code}. This request is not authorized to perform this operation using this permission. Assign it the role Storage Blob Data Reader on the storage account '${account}'.`,
  );
}

/** Replicas share one process here; as many requests run at once as the most replicas would take. */
function limitsOf({ properties }: ResourceRecord): Limits {
  const { requestSettings = {}, scaleSettings = {} } = properties as {
    requestSettings?: { maxConcurrentRequestsPerInstance?: number; requestTimeout?: string };
    scaleSettings?: { maxInstances?: number };
  };
  const seconds = Number(/^PT([\d.]+)S$/.exec(requestSettings.requestTimeout ?? "PT5S")?.[1] ?? 5);
  return {
    concurrent: (requestSettings.maxConcurrentRequestsPerInstance ?? 1) * (scaleSettings.maxInstances ?? 1),
    timeoutMs: seconds * 1000,
  };
}
