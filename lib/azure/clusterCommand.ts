import { setTimeout as sleep } from "node:timers/promises";
import { UserError } from "../errors";
import { zipOf } from "../zip/write";
import { apiVersions, ArmRequestError, type ArmClient } from "./arm";
import { azureCredential } from "./credential";

/** What a command in a cluster ended with. */
export interface ClusterOutcome {
  exitCode: number;
  /** What it wrote, both streams together. */
  output: string;
}

interface ClusterProperties {
  provisioningState?: string;
  aadProfile?: { managed?: boolean };
  apiServerAccessProfile?: { disableRunCommand?: boolean };
}

interface CommandResult {
  properties: { provisioningState: string; reason?: string; exitCode?: number; logs?: string };
}

/** The application that tokens of clusters with Entra ID are for, the same in every cloud. */
const kubernetesScope = "6dae42f8-4368-4678-94ff-3960e28e3630/.default";
/** A cluster that was just made or changed takes commands a moment later. */
const settleMs = 10 * 60_000;
/** A new role on a cluster reaches it within minutes. */
const roleMs = 5 * 60_000;
const pauseMs = 5_000;

/**
 * Runs kubectl in AKS clusters by Resource Manager (run-command): private clusters are reached, too, and no credential of
 * a cluster is ever held. Files travel as a zip beside the command, so that their content meets no shell.
 * @see https://learn.microsoft.com/azure/aks/access-private-cluster
 */
export class ClusterCommands {
  private constructor(
    private readonly arm: ArmClient,
    private readonly clusterId: string,
    private readonly usesEntra: boolean,
  ) {}

  /**
   * Undefined when there is no such cluster.
   * @throws UserError when the cluster takes no commands
   */
  static async open(arm: ArmClient, clusterId: string): Promise<ClusterCommands | undefined> {
    const cluster = await arm.get<ClusterProperties>(clusterId, apiVersions.containerService);
    if (!cluster) return undefined;
    const { aadProfile, apiServerAccessProfile } = cluster.properties;
    if (apiServerAccessProfile?.disableRunCommand)
      throw new UserError(
        `Cluster ${clusterId} has run-command switched off (apiServerAccessProfile.disableRunCommand is true), by which ` +
          `the namespace and the instance types are applied. Switch it on ("az aks update --enable-run-command"), and run ` +
          '"pulumi up" again.',
      );
    return new ClusterCommands(arm, clusterId, aadProfile?.managed ?? false);
  }

  /**
   * Runs one command line, beside whose working folder the files lie.
   * @throws UserError when it could not be run; a command that fails is an outcome
   */
  async run(command: string, files: Readonly<Record<string, string>> = {}): Promise<ClusterOutcome> {
    const patience = Date.now() + roleMs;
    for (;;) {
      const outcome = await this.once(command, files);
      if (outcome.exitCode === 0 || !/\(Forbidden\)/.test(outcome.output) || isRuleOfKubernetes(outcome.output))
        return outcome;
      if (Date.now() > patience) throw this.forbidden(outcome.output);
      console.log(`Cluster ${nameOf(this.clusterId)}: not allowed yet; a new role takes some minutes`);
      await sleep(pauseMs);
    }
  }

  private async once(command: string, files: Readonly<Record<string, string>>): Promise<ClusterOutcome> {
    const body = {
      command,
      ...(Object.keys(files).length === 0 ? {} : { context: zipOf(files).toString("base64") }),
      ...(this.usesEntra ? { clusterToken: (await azureCredential().getToken(kubernetesScope))?.token } : {}),
    };
    const { properties } = await this.submit(body);
    if (properties.provisioningState !== "Succeeded" || properties.exitCode === undefined)
      throw new UserError(
        `Cluster ${this.clusterId} did not run "${command}": ${properties.reason ?? properties.provisioningState}. ` +
          'Look at the pods of its namespace aks-command, and run "pulumi up" again.',
      );
    return { exitCode: properties.exitCode, output: properties.logs ?? "" };
  }

  private async submit(body: object): Promise<CommandResult> {
    for (const deadline = Date.now() + settleMs; ; await sleep(pauseMs)) {
      try {
        return await this.arm.post<CommandResult>(`${this.clusterId}/runCommand`, apiVersions.containerService, body);
      } catch (error) {
        if (!(error instanceof ArmRequestError)) throw error;
        if (error.status === 403)
          throw new UserError(
            `${error.message}\nThe namespace and the instance types are applied by run-command: the deploying identity needs ` +
              "Microsoft.ContainerService/managedClusters/runCommand/action and .../commandResults/read on the cluster " +
              '(role "Azure Kubernetes Service Contributor Role" or Contributor).',
          );
        if (error.status !== 409 || Date.now() > deadline) throw error;
      }
    }
  }

  private forbidden(output: string): UserError {
    return new UserError(
      `Cluster ${this.clusterId} does not allow it: ${output.trim()}\nGive the deploying identity the role "Azure ` +
        'Kubernetes Service RBAC Cluster Admin" on the cluster, or cluster-admin in it, and run "pulumi up" again.',
    );
  }
}

/** A command that ended with another status than 0. @param hint what to do about it */
export function commandFailed(command: string, { exitCode, output }: ClusterOutcome, hint = ""): UserError {
  return new UserError(`"${command}" ended with status ${exitCode} in the cluster: ${output.trim()}${hint}`);
}

/** What nobody may do, whatever the roles. */
function isRuleOfKubernetes(output: string): boolean {
  return /may not be deleted|being terminated|exceeded quota/.test(output);
}

function nameOf(id: string): string {
  return id.split("/").at(-1) ?? id;
}
