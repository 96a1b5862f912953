import { ArmError } from "../contracts";

interface Container {
  name?: string;
  image?: string;
  env?: { name?: string; secretRef?: string }[];
  resources?: { cpu?: number; memory?: string };
  volumeMounts?: { volumeName?: string; mountPath?: string }[];
}

export interface Template {
  containers?: Container[];
  initContainers?: Container[];
  scale?: { minReplicas?: number; maxReplicas?: number };
  volumes?: { name?: string; storageType?: string; secrets?: { secretRef?: string }[] }[];
}

const target = "properties.template";
/** https://learn.microsoft.com/azure/container-apps/containers#allocations, of the consumption plan */
const [mostCores, coreStep, memoryOfCore] = [4, 0.25, 2];
const [mostReplicas, usualMost] = [1000, 10];

/**
 * What Azure refuses of a revision before it starts one.
 * @param secrets names of the app's
 * @throws ArmError 400
 */
export function checkTemplate(
  { containers = [], initContainers = [], scale, volumes = [] }: Template,
  secrets: ReadonlySet<string>,
): void {
  if (containers.length === 0)
    throw refuse("ContainerAppContainersRequired", "A template has one container at least.", "containers");
  for (const volume of volumes)
    for (const { secretRef = "" } of volume.secrets ?? [])
      if (!secrets.has(secretRef))
        throw refuse(
          "ContainerAppSecretRefNotFound",
          `SecretRef '${secretRef}' defined for volume '${volume.name}' not found.`,
          "volumes",
        );
  const volumeNames = new Set(volumes.map(({ name }) => name));
  const names = new Set<string>();
  for (const container of [...containers, ...initContainers]) checkContainer(container, secrets, volumeNames, names);
  checkResources(containers);
  checkScale(scale);
}

function checkContainer(
  { name = "", image, env = [], volumeMounts = [] }: Container,
  secrets: ReadonlySet<string>,
  volumes: ReadonlySet<string | undefined>,
  names: Set<string>,
): void {
  if (!image || !name)
    throw refuse("ContainerAppImageRequired", `Container '${name}' needs a name and an image.`, "containers");
  if (names.has(name))
    throw refuse("ContainerAppDuplicateContainerName", `Container name '${name}' is there twice.`, "containers");
  names.add(name);
  for (const { secretRef } of env)
    if (secretRef !== undefined && !secrets.has(secretRef))
      throw refuse(
        "ContainerAppSecretRefNotFound",
        `SecretRef '${secretRef}' defined for container '${name}' not found.`,
        "containers",
      );
  for (const { volumeName } of volumeMounts)
    if (!volumes.has(volumeName))
      throw refuse(
        "ContainerAppVolumeNotFound",
        `Volume '${volumeName}' that container '${name}' mounts is not defined.`,
        "containers",
      );
}

function checkResources(containers: readonly Container[]): void {
  const cpu = containers.reduce((sum, { resources }) => sum + (resources?.cpu ?? 0.5), 0);
  const memory = containers.reduce((sum, { resources }) => sum + gibibytes(resources?.memory ?? "1Gi"), 0);
  const isStep = Number.isInteger(cpu / coreStep) && cpu > 0 && cpu <= mostCores;
  if (isStep && memory === cpu * memoryOfCore) return;
  throw refuse(
    "ContainerAppInvalidResourceTotal",
    `The total requested CPU and memory resources for this application (CPU: ${cpu}, memory: ${memory}Gi) is invalid. Total CPU and memory for all containers defined in a Container App must add up to ${coreStep} to ${mostCores} cores in steps of ${coreStep}, with ${memoryOfCore}Gi for each.`,
    "containers",
  );
}

function checkScale({ minReplicas = 0, maxReplicas = usualMost }: NonNullable<Template["scale"]> = {}): void {
  const isRange = minReplicas >= 0 && minReplicas <= maxReplicas && maxReplicas >= 1 && maxReplicas <= mostReplicas;
  if (isRange) return;
  throw refuse(
    "ContainerAppInvalidScaleSpec",
    `minReplicas ${minReplicas} and maxReplicas ${maxReplicas}: at least 0 and 1, at most ${mostReplicas}, and minReplicas not above maxReplicas.`,
    "scale",
  );
}

function gibibytes(memory: string): number {
  const [, amount = "NaN", unit = ""] = /^([\d.]+)(Gi|Mi)$/.exec(memory) ?? [];
  return unit === "Mi" ? Number(amount) / 1024 : Number(amount);
}

function refuse(code: string, message: string, part: string): ArmError {
  return new ArmError(400, code, message, `${target}.${part}`);
}
