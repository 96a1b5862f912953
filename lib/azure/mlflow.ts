import { apiVersions, ArmRequestError, type ArmClient } from "./arm";

/** A run as MLflow tracking answers it, with the lists of keys and values turned into records. */
export interface TrackedRun {
  runId: string;
  experimentId: string;
  /** What people call it; names need not be unique. */
  name: string;
  status: string;
  startTime?: number;
  endTime?: number;
  /** Last value of each metric; one that is no number at its end (a loss that went to NaN) is left out. */
  metrics: Record<string, number>;
  params: Record<string, string>;
  tags: Record<string, string>;
}

export interface MetricPoint {
  key: string;
  /** May be NaN or infinite. */
  value: number;
  step: number;
  timestamp: number;
}

/** As protobuf writes doubles in JSON: "NaN" and "Infinity" are texts. */
type WireValue = number | string;

interface Wire {
  info: {
    run_id: string;
    run_name?: string;
    experiment_id: string;
    status: string;
    start_time?: number;
    end_time?: number;
  };
  data?: {
    metrics?: { key: string; value: WireValue }[];
    params?: { key: string; value: string }[];
    tags?: { key: string; value: string }[];
  };
}

/** MLflow tracking of one Azure ML workspace, over REST. */
export class TrackingClient {
  private constructor(
    private readonly arm: ArmClient,
    private readonly base: string,
  ) {}

  private static readonly connected = new WeakMap<ArmClient, Map<string, Promise<TrackingClient>>>();

  /** The tracking of a workspace; asked for its address once. */
  static connect(arm: ArmClient, workspaceId: string): Promise<TrackingClient> {
    const ofArm = TrackingClient.connected.get(arm) ?? new Map<string, Promise<TrackingClient>>();
    TrackingClient.connected.set(arm, ofArm);
    let client = ofArm.get(workspaceId);
    if (!client) {
      client = TrackingClient.open(arm, workspaceId).catch((error: unknown) => {
        ofArm.delete(workspaceId);
        throw error;
      });
      ofArm.set(workspaceId, client);
    }
    return client;
  }

  private static async open(arm: ArmClient, workspaceId: string): Promise<TrackingClient> {
    const workspace = await arm.get<{ mlFlowTrackingUri?: string }>(workspaceId, apiVersions.machineLearning);
    const uri = workspace?.properties.mlFlowTrackingUri;
    if (!uri)
      throw new ArmRequestError(
        404,
        "WorkspaceNotFound",
        `Workspace ${workspaceId} was not found or has no tracking URI.`,
      );
    return new TrackingClient(arm, `${uri.replace(/^azureml:/, "https:").replace(/\/$/, "")}/api/2.0/mlflow`);
  }

  async run(runId: string): Promise<TrackedRun | undefined> {
    const answer = await this.arm.request(
      "GET",
      `${this.base}/runs/get?run_id=${encodeURIComponent(runId)}`,
      undefined,
      [404],
    );
    return answer.status === 404 ? undefined : readRun((answer.body as { run: Wire }).run);
  }

  /** The children of a run, which are in its experiment. */
  async children({ runId, experimentId }: Pick<TrackedRun, "runId" | "experimentId">): Promise<TrackedRun[]> {
    const found: TrackedRun[] = [];
    for await (const page of this.runPages([experimentId], `tags.mlflow.parentRunId = '${runId}'`)) found.push(...page);
    return found;
  }

  /** The runs of experiments, the latest first where no filter is given, a page a request. */
  async *runPages(experimentIds: readonly string[], filter?: string): AsyncGenerator<TrackedRun[]> {
    const wanted = filter === undefined ? { order_by: ["attributes.start_time DESC"] } : { filter };
    const body = { experiment_ids: experimentIds, ...wanted, max_results: 200 };
    const pages = paged<{ runs?: Wire[] }>((next) =>
      this.arm.request("POST", `${this.base}/runs/search`, { ...body, ...next }),
    );
    for await (const { runs = [] } of pages) yield runs.map(readRun);
  }

  /** The experiments of the workspace that are not deleted. */
  async experiments(): Promise<{ id: string; name: string }[]> {
    const found: { id: string; name: string }[] = [];
    const pages = paged<{ experiments?: { experiment_id: string; name: string }[] }>((next) =>
      this.arm.request("POST", `${this.base}/experiments/search`, { max_results: 200, ...next }),
    );
    for await (const { experiments = [] } of pages)
      found.push(...experiments.map(({ experiment_id: id, name }) => ({ id, name })));
    return found;
  }

  /** Appends metrics, and sets parameters and tags. */
  async log(
    runId: string,
    {
      metrics = [],
      params = {},
      tags = {},
    }: { metrics?: Omit<MetricPoint, "timestamp">[]; params?: Record<string, string>; tags?: Record<string, string> },
  ): Promise<void> {
    const pairs = (record: Record<string, string>) => Object.entries(record).map(([key, value]) => ({ key, value }));
    await this.arm.request("POST", `${this.base}/runs/log-batch`, {
      run_id: runId,
      metrics: metrics.map((metric) => ({ ...metric, timestamp: Date.now() })),
      params: pairs(params),
      tags: pairs(tags),
    });
  }

  /** All values of a metric that a run has logged, in the order in which the service has them. */
  async metricHistory(runId: string, key: string): Promise<MetricPoint[]> {
    const found: MetricPoint[] = [];
    const pages = paged<{ metrics?: (Omit<MetricPoint, "value"> & { value: WireValue })[] }>((next) => {
      const query = new URLSearchParams({ run_id: runId, metric_key: key, max_results: "5000", ...next });
      return this.arm.request("GET", `${this.base}/metrics/get-history?${query.toString()}`);
    });
    for await (const { metrics = [] } of pages)
      found.push(...metrics.map((point) => ({ ...point, value: Number(point.value) })));
    return found;
  }
}

/** Pages that are followed at most: 20,000 runs of a search. */
const mostPages = 100;

/**
 * The answers of a search, page by page.
 * @throws Error when the service gives a page's token twice, or does not come to an end
 */
async function* paged<Page>(ask: (next: { page_token?: string }) => Promise<{ body: unknown }>): AsyncGenerator<Page> {
  const seen = new Set<string>();
  for (let token: string | undefined; ;) {
    const page = (await ask(token ? { page_token: token } : {})).body;
    yield page as Page;
    token = (page as { next_page_token?: string }).next_page_token;
    if (!token) return;
    if (seen.has(token) || seen.size === mostPages)
      throw new Error(`MLflow tracking did not come to an end of a search after ${seen.size + 1} pages.`);
    seen.add(token);
  }
}

function readRun(wire: Wire): TrackedRun {
  const record = <V>(pairs: { key: string; value: V }[] | undefined): Record<string, V> =>
    Object.fromEntries((pairs ?? []).map(({ key, value }) => [key, value]));
  const tags = record(wire.data?.tags);
  return {
    runId: wire.info.run_id,
    experimentId: wire.info.experiment_id,
    name: wire.info.run_name || (tags["mlflow.runName"] ?? wire.info.run_id),
    status: wire.info.status,
    startTime: wire.info.start_time,
    endTime: wire.info.end_time,
    metrics: record(
      wire.data?.metrics
        ?.map(({ key, value }) => ({ key, value: Number(value) }))
        .filter(({ value }) => Number.isFinite(value)),
    ),
    params: record(wire.data?.params),
    tags,
  };
}
