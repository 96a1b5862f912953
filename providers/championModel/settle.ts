import { ArmClient } from "../../lib/azure/arm";
import { primaryMetric } from "../../lib/azure/jobs";
import {
  appendDecisions,
  decide,
  lastPromoted,
  roundedFigure,
  specHashOf,
  type Candidate,
  type DecisionRecord,
  type GateRules,
  type Judgement,
} from "../../lib/promotion";
import { archivedSince, decisionOf, nothingServes } from "./decision";
import { JobCandidates, type JobAnswer, type Offer } from "./jobCandidates";
import { championRecord, historyOf } from "./modelVersion";
import type { ModelTags, ModelType, ModelVersion } from "../../lib/promotion";
import { recordOf, recordOfNone, recordOfPromotion, recordOnRun } from "./records";
import { ModelRegistry, Superseded } from "./registry";
import type { ChampionRecord, PastChampion, PromotionDecision } from "./resource";
import { pinnedReason, rollbackTarget } from "./rollback";

export interface Inputs extends GateRules {
  workspaceId: string;
  modelName: string;
  modelType: ModelType;
  jobs: string[];
  dataAsset: string;
  dataVersion: string;
  dataId: string;
  /** Empty for none, and so is `rollbackTo`. */
  approved: string;
  rollbackTo: string;
  gitCommit: string;
}

export interface Outputs extends Inputs {
  champion: ChampionRecord;
  decision: PromotionDecision;
  decisions: DecisionRecord[];
  history: PastChampion[];
  /** Jobs that had not ended when it was decided: the next `up` decides again. */
  openJobs: string[];
  /** What a hand has changed since; the next `up` puts it right. */
  drift: string[];
  /** Address of the blob with the report of the last decision; null when it could not be written. */
  report: string | null;
}

/** What the gate itself comes to; the report is about that. */
type Settled = Omit<Outputs, "report">;

/** Runs the gate and carries out what it says. Can be repeated at any time, and from wherever a killed run got to. */
export async function settle(inputs: Inputs, olds?: Outputs): Promise<Settled> {
  for (let conflicts = 0; ; conflicts++) {
    try {
      const promotion = await Promotion.open(inputs, olds);
      return await promotion.run();
    } catch (error) {
      if (!(error instanceof Superseded) || conflicts >= mostConflicts) throw error;
      console.log(`${error.message} The gate decides again`);
    }
  }
}

/** Writers of the same model at once; each conflict lets one of them through. */
const mostConflicts = 20;

class Promotion {
  private constructor(
    private readonly inputs: Inputs,
    private readonly olds: Outputs | undefined,
    private readonly registry: ModelRegistry,
    private readonly jobs: JobCandidates,
    /** As they were at the beginning. */
    private readonly versions: readonly ModelVersion[],
    private readonly incumbent: ModelVersion | undefined,
  ) {}

  static async open(inputs: Inputs, olds: Outputs | undefined): Promise<Promotion> {
    const { workspaceId, modelName, modelType, minimumImages, dataAsset, dataVersion, dataId } = inputs;
    const arm = await ArmClient.connect();
    const registry = new ModelRegistry(arm, workspaceId, modelName, modelType);
    const versions = await registry.versions();
    const jobs = await JobCandidates.open({
      arm,
      workspaceId,
      modelType,
      validation: { data: { asset: dataAsset, version: dataVersion }, id: dataId },
      countImages: minimumImages > 0,
      withdrawn: new Map(versions.filter(({ archived }) => archived).map(({ trial, version }) => [trial, version])),
    });
    return new Promotion(inputs, olds, registry, jobs, versions, lastPromoted(versions));
  }

  async run(): Promise<Settled> {
    const { rollbackTo, modelName } = this.inputs;
    // Before anything is asked or written: a wrong version is told at once.
    const target = rollbackTo === "" ? undefined : rollbackTarget(this.versions, rollbackTo, modelName);
    const answers = await Promise.all(this.inputs.jobs.map((job) => this.jobs.of(job)));
    const offers = [
      ...answers.flatMap((answer) => (answer.kind === "candidate" ? [answer] : [])),
      ...(await this.approvedOffer(answers)),
    ];
    const candidates = offers.map(({ candidate }) => candidate);
    const judgements = target
      ? candidates.map((candidate) => this.pinned(candidate, target))
      : this.judgementsOf(candidates);
    const pending = await this.registerPending(judgements, offers);
    const told = pending ? judgements.map((judgement) => this.withToken(judgement, pending)) : judgements;
    const without = answers.flatMap((answer) => (answer.kind === "candidate" ? [] : [answer.reason]));
    const decision = decisionOf({ judgements: told, without, versions: this.versions, target, pending });
    const seen = pending ? [...this.versions.filter(({ id }) => id !== pending.id), pending] : this.versions;
    const champion = await this.carryOut(told, offers, target, decision, seen);
    const decisions = await this.record(told, answers);
    for (const { candidate, outcome, reason } of told) console.log(`Gate: ${candidate.trial}: ${outcome}; ${reason}`);
    if (!champion) throw nothingServes(decision, this.inputs);
    console.log(`Champion: version ${champion.version} ${decision.promoted ? "promoted" : "kept"}; ${decision.reason}`);
    return this.outputs(champion, decision, decisions, answers);
  }

  /** The candidate that a person approved, when the jobs of this moment do not offer it any more. */
  private async approvedOffer(answers: readonly JobAnswer[]): Promise<Offer[]> {
    const { approved } = this.inputs;
    const version = this.versions.find(
      ({ archived, tags, version: number, trial }) =>
        approved !== "" && !archived && tags.approval === "pending" && (number === approved || trial === approved),
    );
    const offered = answers.some((answer) => answer.kind === "candidate" && answer.candidate.trial === version?.trial);
    if (!version || offered) return [];
    const offer = await this.jobs.ofTrial(version.trial, version.tags.job ?? "", version.data);
    return offer ? [offer] : [];
  }

  private judgementsOf(candidates: readonly Candidate[]): Judgement[] {
    const { incumbent, inputs } = this;
    const judgements = decide(candidates, {
      champion: incumbent && {
        version: incumbent.version,
        metric: incumbent.value,
        data: incumbent.data,
        trial: incumbent.trial,
      },
      data: { asset: inputs.dataAsset, version: inputs.dataVersion },
      rules: inputs,
      isApproved: (candidate) => this.isApproved(candidate),
    });
    return judgements
      .map((judgement) => this.inAskedForm(judgement, judgements))
      .map((judgement) =>
        judgement.outcome === "champion" && incumbent?.tags.decision
          ? { ...judgement, reason: `${judgement.reason}: ${incumbent.tags.decision}` }
          : judgement,
      );
  }

  /** An approval by version counts only for a version that waited before: its number says which model it is. */
  private isApproved({ trial }: Candidate): boolean {
    const { approved } = this.inputs;
    return this.versions
      .filter((version) => version.trial === trial)
      .reduce(
        (yes, { version, tags }) =>
          yes || tags.approval === "approved" || (tags.approval === "pending" && version === approved),
        approved !== "" && approved === trial,
      );
  }

  /** The champion is registered once more when `model.type` asks for the other form of it, unless a better one comes anyway. */
  private inAskedForm(judgement: Judgement, all: readonly Judgement[]): Judgement {
    const { incumbent, inputs } = this;
    if (judgement.outcome !== "champion" || !incumbent || incumbent.modelType === inputs.modelType) return judgement;
    if (all.some(({ outcome }) => outcome === "promoted")) return judgement;
    const figure = incumbent.value === null ? "no figure" : roundedFigure(incumbent.value);
    const reason = `the model of version ${incumbent.version} (${figure}) as ${inputs.modelType} in place of ${incumbent.modelType}, as model.type asks`;
    return { ...judgement, outcome: "promoted", reason };
  }

  private pinned(candidate: Candidate, target: ModelVersion): Judgement {
    return candidate.trial === target.trial
      ? { candidate, outcome: "champion", reason: pinnedReason(candidate, target) }
      : { candidate, outcome: "held", reason: pinnedReason(candidate, target) };
  }

  /** A candidate that waits gets its version now, so that the approval can name it. */
  private async registerPending(
    judgements: readonly Judgement[],
    offers: readonly Offer[],
  ): Promise<ModelVersion | undefined> {
    const judgement = judgements.find(({ outcome }) => outcome === "pending");
    if (!judgement) return undefined;
    const { candidate, reason: decision } = judgement;
    const tags = this.tagsOf(candidate, offers, { approval: "pending", decision });
    const version = await this.registry.ensureVersion(candidate, tags, this.versions, this.numbersInUse());
    if (version.tags.approval === "pending") return version;
    return this.registry.retag(version, { approval: "pending", decision });
  }

  private withToken(judgement: Judgement, { version }: ModelVersion): Judgement {
    if (judgement.outcome !== "pending") return judgement;
    const approve = `it waits as version ${version}; to promote it set model.approved to "${version}"`;
    return { ...judgement, reason: `${judgement.reason}; ${approve}` };
  }

  private tagsOf(candidate: Candidate, offers: readonly Offer[], more: Partial<ModelTags>): ModelTags {
    const run = offers.find((offer) => offer.candidate.trial === candidate.trial)?.run;
    return {
      champion: "false",
      job: candidate.job,
      best_child: candidate.trial,
      model_name: run?.tags.model_name ?? run?.params.model_name ?? "unknown",
      data_version: candidate.data.version,
      data_asset: candidate.data.asset,
      metric: primaryMetric,
      metric_value: String(candidate.metric),
      git_commit: this.inputs.gitCommit,
      spec_hash: specHashOf(candidate.job),
      ...more,
    };
  }

  /** A deleted version's number is not given away: what was deployed under it would be taken for the new one. */
  private numbersInUse(): string[] {
    const { olds } = this;
    if (!olds) return [];
    const { champion, history, decision } = olds;
    return [champion.version, ...history.map(({ version }) => version), decision.pendingVersion ?? ""];
  }

  private async carryOut(
    judgements: readonly Judgement[],
    offers: readonly Offer[],
    target: ModelVersion | undefined,
    { reason: decision, promoted }: PromotionDecision,
    seen: readonly ModelVersion[],
  ): Promise<ModelVersion | undefined> {
    const { incumbent, registry } = this;
    const winner = judgements.find(({ outcome }) => outcome === "promoted");
    if (winner) {
      const approval = this.isApproved(winner.candidate) ? "approved" : undefined;
      const tags = this.tagsOf(winner.candidate, offers, { decision: winner.reason, approval });
      return registry.promoteTrial(winner.candidate, tags, seen, this.numbersInUse());
    }
    if (target && promoted) return registry.promote(target, { decision }, seen);
    // Promoted anew, so that the archived version does not come back by being restored.
    if (incumbent && archivedSince(this.versions, incumbent)) return registry.promote(incumbent, { decision }, seen);
    return incumbent && registry.repair();
  }

  /** Writes what was decided onto the runs that it is about, and answers what the outputs do not have yet. */
  private async record(judgements: readonly Judgement[], answers: readonly JobAnswer[]): Promise<DecisionRecord[]> {
    const { incumbent, inputs, olds } = this;
    const at = new Date().toISOString();
    const decisions = [
      ...judgements
        .filter(({ outcome }) => outcome !== "champion")
        .map((judgement) => recordOf(judgement, incumbent, at)),
      ...answers.flatMap((answer) =>
        answer.kind === "none" ? [recordOfNone(answer.job, answer.reason, inputs.dataVersion, incumbent, at)] : [],
      ),
    ];
    for (const decision of decisions) await recordOnRun(this.jobs, inputs.modelName, decision);
    for (const { candidate, outcome } of judgements) {
      const version = this.versions.find(({ trial, promotedAt }) => trial === candidate.trial && promotedAt);
      if (outcome !== "champion" || !version) continue;
      const promotion = recordOfPromotion(candidate, version);
      await recordOnRun(this.jobs, inputs.modelName, promotion);
      const known = olds?.decisions.some((other) => other.trial === candidate.trial && other.outcome === "promoted");
      if (!known) decisions.push(promotion);
    }
    return decisions;
  }

  private async outputs(
    champion: ModelVersion,
    decision: PromotionDecision,
    decisions: readonly DecisionRecord[],
    answers: readonly JobAnswer[],
  ): Promise<Settled> {
    const { inputs, olds, registry } = this;
    return {
      ...inputs,
      champion: championRecord(inputs.modelName, champion),
      decision,
      decisions: appendDecisions(olds?.decisions ?? [], decisions),
      history: historyOf(await registry.versions(), champion.version, olds),
      openJobs: answers.flatMap((answer) => (answer.kind === "open" ? [answer.job] : [])),
      drift: [],
    };
  }
}
