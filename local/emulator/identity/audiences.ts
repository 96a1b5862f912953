/** What tokens are for, by the names of public Azure that clients use regardless of the cloud, and by this cloud's own. */
const publicArm = ["https://management.azure.com", "https://management.core.windows.net"];
const publicMachineLearning = "https://ml.azure.com";
/** The last is the application of AKS clusters with Entra ID. */
const others = [
  "https://storage.azure.com",
  "https://vault.azure.net",
  "https://graph.microsoft.com",
  "6dae42f8-4368-4678-94ff-3960e28e3630",
];
const account = /^https:\/\/[a-z0-9]{3,24}\.blob\.core\.windows\.net$/;

/** Audiences of Resource Manager at an address. */
function armAudiences(url: string): string[] {
  return [url, ...publicArm];
}

/** azure-ai-ml makes the name from the portal's of the metadata document. */
function machineLearningAudiences(url: string): string[] {
  return [...armAudiences(url), publicMachineLearning, `https://ml.azure.${new URL(url).host}`];
}

/**
 * The audiences that a path takes. Resource Manager takes its own; the data plane of Azure ML takes those of both.
 * @param url of the cloud
 */
export function audiencesOf(url: string, path: string): string[] {
  const isArm = /^\/(subscriptions|providers|v1\.0)(\/|$|\?)/i.test(path);
  return (isArm ? armAudiences(url) : machineLearningAudiences(url)).flatMap((audience) => [audience, `${audience}/`]);
}

/** Whether the directory has a resource of this name, for which an application can get a token. */
export function isKnownResource(url: string, resource: string): boolean {
  const name = resource.replace(/\/$/, "");
  return machineLearningAudiences(url).includes(name) || others.includes(name) || account.test(name);
}
