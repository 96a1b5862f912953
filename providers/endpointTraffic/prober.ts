import type { ArmClient } from "../../lib/azure/arm";
import type { Endpoint } from "../../lib/azure/endpoints";
import { firstTableImages } from "../../lib/azure/tableImages";
import { figuresOf, type Answers, type ProbeFigures } from "../../lib/serving/probes";
import { ScoringClient, type Scored } from "../../lib/serving/scoringClient";

export interface ProbeData {
  workspaceId: string;
  /** ARM id of a table version with pictures that no model was trained on. */
  dataId: string;
  /** Pictures that are sent in a round. */
  images: number;
}

export interface Probed {
  figures: ProbeFigures;
  problems: string[];
}

/** Sends the same held-out pictures to a new deployment and to the one that serves, and compares their answers. */
export class Prober {
  private constructor(
    private readonly client: ScoringClient,
    private readonly pictures: readonly Buffer[],
    private readonly candidate: string,
    private readonly serving: string | undefined,
  ) {}

  static async open(
    arm: ArmClient,
    endpoint: Endpoint,
    data: ProbeData,
    candidate: string,
    serving: string | undefined,
  ): Promise<Prober> {
    const [client, pictures] = await Promise.all([
      ScoringClient.open(arm, endpoint),
      firstTableImages(arm, data.workspaceId, data.dataId, data.images),
    ]);
    // The first request to a new container pays for what it loads.
    for (const picture of pictures.slice(0, 1)) await client.score(picture, candidate);
    return new Prober(client, pictures, candidate, serving);
  }

  /**
   * A round: each picture to both, one after the other, so that a busy moment hits both alike. With `byTraffic` each is
   * sent a third time as users send theirs; those count for the errors of the deployment that answered.
   */
  async round(byTraffic: boolean): Promise<Probed> {
    const candidate = noAnswers();
    const serving = noAnswers();
    for (const picture of this.pictures) {
      note(candidate, await this.client.score(picture, this.candidate));
      if (this.serving === undefined) continue;
      note(serving, await this.client.score(picture, this.serving));
      if (!byTraffic) continue;
      const scored = await this.client.score(picture);
      // Of an answer without a name nobody knows whose it was: a failure then counts against what is new.
      if ((scored.deployment ?? this.candidate) === this.candidate) count(candidate, scored);
    }
    const figures = figuresOf(candidate, this.serving === undefined ? undefined : serving);
    return { figures, problems: candidate.problems };
  }
}

function noAnswers(): Answers {
  return { requests: 0, problems: [], latenciesMs: [], boxes: [] };
}

function count(answers: Answers, { problem, ms }: Scored): void {
  answers.requests++;
  if (problem === undefined) answers.latenciesMs.push(ms);
  else answers.problems.push(problem);
}

function note(answers: Answers, scored: Scored): void {
  count(answers, scored);
  answers.boxes.push(scored.problem === undefined ? scored.boxes : null);
}
