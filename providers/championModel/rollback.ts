import { UserError } from "../../lib/errors";
import { roundedFigure, type Candidate } from "../../lib/promotion";
import type { ModelVersion } from "../../lib/promotion";

/**
 * The version that `model.rollbackTo` names. Only what was a champion can be brought back: a version that waits for its
 * approval has another way to serve.
 * @throws UserError with the versions that there are
 */
export function rollbackTarget(versions: readonly ModelVersion[], wanted: string, modelName: string): ModelVersion {
  const target = versions.find(({ version }) => version === wanted);
  if (target && !target.archived && target.promotedAt !== undefined) return target;
  const problem = !target
    ? `model ${modelName} has no such version`
    : target.archived
      ? "that version is archived"
      : "that version has never been the champion";
  const possible = versions.filter(({ archived, promotedAt }) => !archived && promotedAt !== undefined);
  const nextStep =
    possible.length > 0
      ? `Set it to one of ${possible.map(({ version }) => version).join(", ")}, or remove it ("pulumi config rm --path model.rollbackTo")`
      : 'Remove it ("pulumi config rm --path model.rollbackTo")';
  throw new UserError(
    `model.rollbackTo is "${wanted}", and ${problem}. Its versions: ${versions.map(described).join(", ") || "none"}. ${nextStep}.`,
  );
}

/** Why a candidate does not compete while a version is pinned. */
export function pinnedReason({ metric }: Candidate, { version, value }: ModelVersion): string {
  const figures = [metric, value].map((figure) => (figure === null ? "no figure" : roundedFigure(figure)));
  return `model.rollbackTo keeps version ${version} (${figures[1]}) as the champion; the candidate has ${figures[0]}`;
}

function described({ version, archived, tagged, promotedAt, tags }: ModelVersion): string {
  const state = archived
    ? "archived"
    : tagged
      ? "champion"
      : tags.approval === "pending"
        ? "waits for approval"
        : promotedAt === undefined
          ? "never the champion"
          : undefined;
  return state ? `${version} (${state})` : version;
}
