import { parseAllDocuments } from "yaml";
import { CommandError } from "./commandError";
import { isMap } from "../../maps";
import { kinds, type ClusterObject, type Kind } from "./kinds";
import type { ClusterObjects } from "./objects";

export interface Applied {
  kind: Kind;
  object: ClusterObject;
}

/** The objects of a file of YAML or JSON, checked as kubectl and the API server do. @throws CommandError */
export function readManifest(text: string, file: string, objects: ClusterObjects, namespace: string): Applied[] {
  const documents = parseAllDocuments(text);
  const contents = ("empty" in documents ? [] : documents).flatMap((document) => {
    const [problem] = document.errors;
    if (problem)
      throw new CommandError(`error: error parsing ${file}: error converting YAML to JSON: ${problem.message}`);
    const content = document.toJS() as unknown;
    if (content === null) return [];
    return isMap(content) && content.kind === "List" && Array.isArray(content.items)
      ? (content.items as unknown[])
      : [content];
  });
  if (contents.length === 0) throw new CommandError("error: no objects passed to apply");
  return contents.map((content) => checked(content, file, objects, namespace));
}

function checked(content: unknown, file: string, objects: ClusterObjects, namespace: string): Applied {
  const { apiVersion, kind: kindName, metadata } = isMap(content) ? content : {};
  const invalid = (what: string) =>
    new CommandError(
      `error: error validating "${file}": error validating data: ${what}; if you choose to ignore these errors, turn validation off with --validate=false`,
    );
  const unset = Object.entries({ apiVersion, kind: kindName }).filter(([, value]) => typeof value !== "string");
  if (unset.length > 0) throw invalid(`[${unset.map(([name]) => `${name} not set`).join(", ")}]`);
  const name = isMap(metadata) ? metadata.name : undefined;
  if (typeof name !== "string" || name === "")
    throw new CommandError(
      `error: error when retrieving current configuration of:\nResource: "${String(kindName)}"\nfrom server for: "${file}": resource name may not be empty`,
    );
  const kind = kinds.find((one) => one.kind === kindName && one.apiVersion === apiVersion);
  if (!kind && isKnownElsewhere(String(apiVersion)))
    throw new CommandError(
      `error: ${String(kindName)} of ${String(apiVersion)} is not in the local cloud, whose clusters hold ${kinds.map((one) => one.kind).join(", ")}`,
    );
  if (!kind || !objects.has(kind))
    throw new CommandError(
      `error: resource mapping not found for name: "${name}" namespace: "" from "${file}": no matches for kind "${String(kindName)}" in version "${String(apiVersion)}"\nensure CRDs are installed first`,
    );
  if (kind.kind === "Deployment")
    throw new CommandError("error: applying a Deployment is not in the local cloud, whose clusters run no pods");
  const object = structuredClone(content) as ClusterObject;
  if (kind.namespaced) object.metadata.namespace ??= namespace;
  else delete object.metadata.namespace;
  const known = new Set(["apiVersion", "kind", "metadata", "status", ...kind.fields]);
  const unknown = Object.keys(object).find((key) => !known.has(key));
  if (unknown)
    throw new CommandError(
      `Error from server (BadRequest): error when creating "${file}": ${kind.kind} in version "${apiVersion as string}" cannot be handled as a ${kind.kind}: strict decoding error: unknown field "${unknown}"`,
    );
  const problems = [...nameProblems(kind, name), ...kind.problems(object)];
  if (problems.length > 0) {
    const text = problems.length === 1 ? problems[0] : problems.map((problem) => `\n* ${problem}`).join("");
    throw new CommandError(`The ${kind.kind} "${name}" is invalid: ${text}`);
  }
  return { kind, object };
}

/** Groups that each cluster has, so that a kind of them that is missing here is no mistake of the user. */
function isKnownElsewhere(apiVersion: string): boolean {
  return /^(v1|(apps|batch|policy|autoscaling)\/v\d+|[\w.]+\.k8s\.io\/v\w+)$/.test(apiVersion);
}

function nameProblems({ longestName }: Kind, name: string): string[] {
  const label = longestName === 63;
  const expression = label
    ? /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/
    : /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
  const what = label ? "label" : "subdomain";
  const also = label ? "" : ", or '.'";
  if (name.length > longestName)
    return [`metadata.name: Invalid value: "${name}": must be no more than ${longestName} characters`];
  return expression.test(name)
    ? []
    : [
        `metadata.name: Invalid value: "${name}": a lowercase RFC 1123 ${what} must consist of lower case alphanumeric characters, '-'${also}, and must start and end with an alphanumeric character`,
      ];
}
