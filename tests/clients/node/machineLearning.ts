import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { AzureMachineLearningWorkspaces } from "@azure/arm-machinelearning";
import { ClientSecretCredential, DefaultAzureCredential } from "@azure/identity";
import { BlobServiceClient } from "@azure/storage-blob";

/** @azure/arm-machinelearning, @azure/identity and @azure/storage-blob, as they are. */
const { ARM_ENDPOINT: endpoint = "", AZURE_SUBSCRIPTION_ID: subscription = "" } = process.env;
const credential = new DefaultAzureCredential();
const client = new AzureMachineLearningWorkspaces(credential, subscription, {
  endpoint,
  credentialScopes: `${endpoint}/.default`,
});
const place = ["clients", "clients"] as const;

void test("workspaces, and one that is not there", async () => {
  const names: string[] = [];
  for await (const { name } of client.workspaces.listByResourceGroup("clients")) names.push(name ?? "");
  assert.deepEqual(names, ["clients"]);
  await assert.rejects(client.workspaces.get("clients", "nothing"), { code: "ResourceNotFound", statusCode: 404 });
});

void test("a cluster, to the end of its operation", async () => {
  const made = await client.computeOperations.beginCreateOrUpdateAndWait(...place, "from-js", {
    location: "eastus2",
    properties: {
      computeType: "AmlCompute",
      properties: { vmSize: "STANDARD_NC4AS_T4_V3", scaleSettings: { minNodeCount: 0, maxNodeCount: 1 } },
    },
  });
  assert.equal(made.properties?.provisioningState, "Succeeded");
  await client.computeOperations.beginDeleteAndWait(...place, "from-js", "Delete");
  await assert.rejects(client.computeOperations.get(...place, "from-js"), { statusCode: 404 });
});

void test("a job, its models and its data", async () => {
  const job = await client.jobs.get(...place, "quick");
  assert.equal(job.properties.status, "Completed");
  const versions: string[] = [];
  for await (const { name } of client.modelVersions.list(...place, "detector")) versions.push(name ?? "");
  assert.deepEqual(versions, ["1"]);
  const data = await client.dataVersions.get(...place, "pictures", "1");
  assert.match(data.properties.dataUri, /^azureml:\/\/subscriptions\//);
});

void test("a blob of the workspace's account", async () => {
  const metadata = (await (await fetch(`${endpoint}/metadata/endpoints?api-version=2022-09-01`)).json()) as {
    suffixes: { storage: string };
  };
  const container = new BlobServiceClient(
    `https://${metadata.suffixes.storage}/clientsimages`,
    credential,
  ).getContainerClient("images");
  await container.getBlockBlobClient("from-js.txt").upload("hello", 5);
  assert.equal((await container.getBlobClient("from-js.txt").downloadToBuffer()).toString(), "hello");
});

void test("a client secret", async () => {
  const { stdout } = await promisify(execFile)(
    "npm",
    ["run", "-s", "local:identity", "--", "create", "from-js", "--role", "Reader"],
    { cwd: join(__dirname, "..", "..", "..") },
  );
  const variables = new Map([...stdout.matchAll(/^export (\w+)='(.*)'$/gm)].map(([, name, value]) => [name, value]));
  const sign = (tenant: string, secret: string, disableInstanceDiscovery: boolean) =>
    new ClientSecretCredential(tenant, variables.get("AZURE_CLIENT_ID") ?? "", secret, {
      authorityHost: variables.get("AZURE_AUTHORITY_HOST"),
      disableInstanceDiscovery,
    }).getToken(`${endpoint}/.default`);
  const secret = variables.get("AZURE_CLIENT_SECRET") ?? "";
  for (const { token } of [
    await sign("adfs", secret, false),
    await sign(process.env.ARM_TENANT_ID ?? "", secret, true),
  ]) {
    const answer = await fetch(`${endpoint}/subscriptions/${subscription}/resourceGroups?api-version=2024-03-01`, {
      headers: { authorization: `Bearer ${token}` },
    });
    assert.equal(answer.status, 200);
  }
  await assert.rejects(sign("adfs", "wrong", false), /AADSTS7000215/);
});
