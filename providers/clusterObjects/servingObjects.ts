import { commandFailed, type ClusterCommands, type ClusterOutcome } from "../../lib/azure/clusterCommand";
import { combineProblems, type UserError } from "../../lib/errors";
import {
  instanceTypeManifest,
  isAsWanted,
  namespaceManifest,
  objectsIn,
  ownerOf,
  type ClusterObject,
  type InstanceTypeSpec,
  type Manifest,
} from "../../lib/serving/instanceType";

/** What there is in the cluster now. */
export interface Observed {
  namespace: ClusterObject | undefined;
  instanceTypes: Map<string, ClusterObject>;
}

type InstanceTypes = Readonly<Record<string, InstanceTypeSpec>>;

const manifestFile = "objects.json";
const typeName = "instancetypes.amlarc.azureml.com";
/** Namespaces of a cluster that nobody makes or removes. */
const isBuiltIn = (namespace: string) => namespace === "default" || namespace.startsWith("kube-");
/** What a namespace can hold that somebody else may need; each namespace has the certificate of the cluster. */
const contents =
  "pods,services,deployments,statefulsets,daemonsets,jobs,cronjobs,persistentvolumeclaims,configmaps,secrets";
const ofEveryNamespace = /^configmap\/kube-root-ca\.crt$/;

/** The namespace and instance types of a stack in a cluster. */
export class ServingObjects {
  constructor(
    private readonly commands: ClusterCommands,
    private readonly owner: string,
    /** Names of what the state says this stack has made: who applies over it takes its annotation away. */
    private readonly made: readonly string[],
  ) {}

  async observe(namespace: string, names: readonly string[]): Promise<Observed> {
    const found = await this.get(`namespace/${namespace}`, ...names.map((name) => `${typeName}/${name}`));
    return {
      namespace: found.find(({ kind }) => kind === "Namespace"),
      instanceTypes: new Map(
        found.filter(({ kind }) => kind === "InstanceType").map((object) => [object.metadata.name, object]),
      ),
    };
  }

  /** Instance types are the cluster's, so that a name may be another stack's. @throws UserError for one that would be changed */
  refuseOthers({ instanceTypes }: Observed, wanted: InstanceTypes): void {
    const problems = Object.entries(wanted).flatMap(([name, spec]) => {
      const there = instanceTypes.get(name);
      if (!there || this.isOwn(there) || isAsWanted(there, spec)) return [];
      return [
        `instance type "${name}" is there and was made by ${ownerOf(there) ?? "somebody else"}: set serving.instanceType to another name, or remove it ("kubectl delete ${typeName} ${name}").`,
      ];
    });
    if (problems.length > 0) throw combineProblems("The cluster has other objects under these names:", problems);
  }

  /** Makes what is missing and puts back what was changed. Answers the names of these. */
  async apply(before: Observed, namespace: string, wanted: InstanceTypes): Promise<string[]> {
    const missing = before.namespace ? [] : [namespaceManifest(namespace, this.owner)];
    const changed: Manifest[] = [];
    for (const [name, spec] of Object.entries(wanted)) {
      const there = before.instanceTypes.get(name);
      const manifest = instanceTypeManifest(name, spec, this.owner);
      if (!there) missing.push(manifest);
      else if (!isAsWanted(there, spec)) changed.push(manifest);
    }
    if (missing.length > 0) await this.write("apply", missing);
    // "apply" would leave what somebody has added.
    if (changed.length > 0) await this.write("replace", changed);
    return [...missing, ...changed].map(nameIn);
  }

  /** What is not as wanted, one line each. */
  drift({ namespace: there, instanceTypes }: Observed, namespace: string, wanted: InstanceTypes): string[] {
    const types = Object.entries(wanted).flatMap(([name, spec]) => {
      const found = instanceTypes.get(name);
      if (!found) return [`instance type ${name} is missing`];
      return isAsWanted(found, spec) ? [] : [`instance type ${name} was changed: ${JSON.stringify(found.spec)}`];
    });
    return [...(there ? [] : [`namespace ${namespace} is missing`]), ...types];
  }

  /** Those that this stack has made; others' stay. */
  async removeInstanceTypes(names: readonly string[]): Promise<void> {
    if (names.length === 0) return;
    const found = await this.get(...names.map((name) => `${typeName}/${name}`));
    for (const object of found) {
      const { name } = object.metadata;
      if (this.isOwn(object)) await this.succeed(`kubectl delete ${typeName}/${name} --ignore-not-found`);
    }
  }

  /** If this stack has made it, and only then when nothing is left in it. */
  async removeNamespace(name: string): Promise<void> {
    if (isBuiltIn(name)) return;
    const [namespace] = await this.get(`namespace/${name}`);
    if (!namespace || !this.isOwn(namespace)) return;
    const listed = await this.succeed(`kubectl get ${contents} -n ${name} -o name`);
    const left = listed
      .split("\n")
      .map((line) => line.trim())
      .filter((line) => /^[a-z.]+\/\S+$/.test(line) && !ofEveryNamespace.test(line));
    if (left.length > 0)
      return console.log(
        `Namespace ${name} stays: ${left.slice(0, 5).join(", ")}${left.length > 5 ? ` and ${left.length - 5} more are` : left.length > 1 ? " are" : " is"} still in it`,
      );
    await this.succeed(`kubectl delete namespace/${name} --ignore-not-found`);
  }

  private isOwn(object: ClusterObject): boolean {
    const owner = ownerOf(object);
    return owner === this.owner || (owner === undefined && this.made.includes(nameIn(object)));
  }

  private write(verb: "apply" | "replace", manifests: readonly Manifest[]): Promise<string> {
    const list = { apiVersion: "v1", kind: "List", items: manifests };
    return this.succeed(`kubectl ${verb} -f ${manifestFile}`, { [manifestFile]: JSON.stringify(list) });
  }

  private async get(...names: string[]): Promise<ClusterObject[]> {
    const outcome = await this.commands.run(`kubectl get ${names.join(" ")} -o json --ignore-not-found`);
    if (outcome.exitCode === 0) return objectsIn(outcome.output);
    // Without the extension there are no instance types; the rest is asked for alone.
    if (!/doesn't have a resource type/.test(outcome.output)) throw failed("kubectl get", outcome);
    const others = names.filter((name) => !name.startsWith(typeName));
    return others.length === 0 || others.length === names.length ? [] : this.get(...others);
  }

  private async succeed(command: string, files?: Record<string, string>): Promise<string> {
    const outcome = await this.commands.run(command, files);
    if (outcome.exitCode !== 0) throw failed(command, outcome);
    return outcome.output;
  }
}

function nameIn({ kind, metadata: { name } }: Manifest): string {
  return `${kind}/${name}`;
}

function failed(command: string, outcome: ClusterOutcome): UserError {
  const hint = /no matches for kind "InstanceType"/.test(outcome.output)
    ? " The cluster has no Azure ML extension: set serving.existingCluster.extensionInstalled to false to have it installed."
    : "";
  return commandFailed(command, outcome, hint);
}
