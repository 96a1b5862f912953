import { z } from "zod";

/** Version of the document's form: the major part rises when a field goes or changes, the minor one when a field is added. */
export const schemaVersion = "1.0";

const text = (description: string) => z.string().describe(description);
const armId = (description: string) => z.string().regex(/^\//, "an ARM id, beginning with /").describe(description);
const time = (description: string) => z.string().describe(`${description}, as ISO 8601 time in UTC`);
const whole = (description: string) => z.number().int().min(0).describe(description);
const principal = (whose: string) =>
  z.string().nullable().describe(`Object id of the ${whose}'s managed identity; null when it has none`);

const asset = (what: string) =>
  z
    .object({
      name: text("Name of the data asset"),
      version: text("Its version, a hash of the content"),
      id: armId("ARM id of the version"),
    })
    .describe(what);

const pastChampion = z.object({
  version: text("Version of the model"),
  metric: text("Name of the primary metric"),
  value: z.number().nullable().describe("Primary metric; null when it has no figure"),
  job: text("Job that trained it"),
  bestChild: text("Run of the job that trained it"),
  dataVersion: text("Version of the validation data that it was measured on"),
  promotedAt: time("When it became the champion"),
  demotedAt: z
    .string()
    .nullable()
    .describe("When another one took its place, as ISO 8601 time in UTC; null when none did in the regular way"),
  state: z.enum(["available", "archived", "deleted"]).describe("Only an available one can be brought back"),
});

const decision = z.object({
  at: time("When it was decided"),
  outcome: z.enum(["promoted", "pending", "held"]).describe("What became of the candidate"),
  job: text("Job of the candidate"),
  trial: z.string().nullable().describe("Run that trained the candidate; null when the job had none to offer"),
  value: z.number().nullable().describe("Primary metric of the candidate"),
  dataVersion: text("Version of the validation data that it was measured on"),
  champion: z.string().nullable().describe("Version that served then; null when none did"),
  championValue: z.number().nullable().describe("Primary metric of that version"),
  reason: text("For people, with the numbers"),
});

/** What a platform stack tells other teams: names, ids, URIs and states; never a secret. */
export const platformSchema = z
  .object({
    schemaVersion: z
      .string()
      .regex(/^\d+\.\d+$/, "MAJOR.MINOR")
      .describe("Version of this form; the major part rises when a field goes or changes"),
    workspace: z
      .object({
        name: text("Name of the Azure ML workspace"),
        id: armId("ARM id of the workspace"),
        resourceGroup: text("Resource group that everything is in"),
        location: text("Azure region"),
        trackingUri: text("MLflow tracking URI"),
        keyVaultId: armId("ARM id of the workspace's Key Vault"),
        logAnalyticsId: armId("ARM id of the Log Analytics workspace that takes its logs"),
      })
      .describe("The Azure ML workspace"),
    compute: z
      .object({
        name: text("Name of the training cluster in the workspace"),
        vmSize: text("Size of its nodes"),
        maxNodes: whole("Nodes at most"),
        state: text("Provisioning state as Azure answers it"),
      })
      .describe("The training cluster"),
    data: z
      .object({
        images: asset("All images, a uri_folder"),
        training: asset("Training part, an mltable"),
        validation: asset("Validation part, an mltable"),
      })
      .describe("The data assets, by the version in use"),
    labeling: z
      .object({
        service: text("Labeling service, such as azureml"),
        url: z.string().nullable().describe("Page where people label; null when the service has none of its own"),
        project: text("Name of the project"),
        progress: z
          .object({
            total: whole("Images in all"),
            labeled: whole("Images with labels"),
            skipped: whole("Images that people skipped"),
            left: whole("Images to do"),
            preLabeled: whole("Images that have labels of a model"),
            byLabeler: z
              .array(
                z.object({
                  labeler: text("Opaque id of the person"),
                  images: whole("Images that this person has labeled or skipped"),
                }),
              )
              .describe("Who did how much; empty where the service does not tell"),
          })
          .describe(
            "How far it is, as of the last update or refresh of the stack; a published document may tell an older state",
          ),
        lastRefresh: z
          .string()
          .nullable()
          .describe("When the images were last looked through, as ISO 8601 time in UTC; null when never"),
        lastExport: z
          .object({
            asset: text("Name of the data asset, an mltable"),
            version: text("Its version, a hash of the content"),
          })
          .nullable()
          .describe("What was exported last of what people have labeled; null when nothing was"),
      })
      .nullable()
      .describe("The labeling project; null when the stack has none"),
    champion: z
      .object({
        model: text("Name of the registered model"),
        version: text("Version that serves"),
        id: armId("ARM id of the version"),
        modelType: text("custom_model or mlflow_model"),
        metric: text("Name of the primary metric"),
        value: z.number().describe("Primary metric; 0 for a version that was registered without a figure"),
        job: text("Job that trained it"),
        bestChild: text("Run of the job that trained it"),
        architecture: text("Kind of model, such as yolov5"),
        dataVersion: text("Version of the validation data that it was measured on"),
        promotedAt: time("When it became the champion"),
        gitCommit: text("Commit of the program that registered it"),
        specHash: text("Hash of the job's inputs, as it is in the job's name"),
        history: z.array(pastChampion).describe("The champions before it, the newest first"),
      })
      .describe("The model that serves, and where it comes from"),
    promotion: z
      .object({
        promoted: z.boolean().describe("Whether the last run of the gate put another version in service"),
        outcome: z.enum(["promoted", "pending", "held", "champion", "rolledBack"]).describe("What it came to"),
        reason: text("For people, with the numbers"),
        pendingVersion: z.string().nullable().describe("Version that waits for its approval; null when none does"),
        decisions: z.array(decision).describe("The last decisions about single candidates, the newest first"),
        report: z
          .url()
          .nullable()
          .describe(
            "Blob with the comparison of the last decision's models, as a page; null when it could not be written",
          ),
      })
      .describe("What the last run of the promotion gate came to"),
    endpoint: z
      .object({
        name: text("Name of the online endpoint"),
        id: armId("ARM id of the endpoint, the scope of alerts and role assignments"),
        state: text("Provisioning state as Azure answers it"),
        scoringUri: z.url().describe("Where pictures are sent"),
        swaggerUri: z.url().describe("OpenAPI document of the scoring requests"),
        authMode: z.enum(["key", "amlToken"]).describe("How requests are authorized"),
        keySecretId: z
          .string()
          .nullable()
          .describe("ARM id of the Key Vault secret with the endpoint's key; null with authMode amlToken"),
        deployment: text("Deployment that gets the traffic in the end"),
        modelVersion: text("Version of the champion that it serves"),
        traffic: z.record(z.string(), z.number()).describe("Percent of the requests, by deployment"),
      })
      .describe("The online endpoint that answers with boxes"),
    batch: z
      .object({
        name: text("Name of the batch endpoint"),
        id: armId("ARM id of the endpoint, the scope of role assignments"),
        state: text("Provisioning state as Azure answers it"),
        scoringUri: z
          .url()
          .describe("Where jobs are asked for, with a token of Microsoft Entra ID for https://ml.azure.com"),
        deployment: text("Default deployment, which a request has that names none"),
        modelVersion: text("Version of the champion that it scores with"),
      })
      .nullable()
      .describe("The batch endpoint that scores folders of pictures; null when the stack has none"),
    identities: z
      .object({
        workspace: principal("workspace"),
        compute: principal("training cluster"),
        endpoint: principal("endpoint"),
      })
      .describe("Identities of the platform, for owners of data who grant them access"),
    documentUri: z
      .url()
      .nullable()
      .describe("Blob with this document, for readers without access to the stack's state; null when none is written"),
  })
  .describe("What a platform stack tells other teams: names, ids, URIs and states; never a secret");

export type Platform = z.output<typeof platformSchema>;

/** The JSON Schema of the document, for readers in other languages. Fields of later minor versions are allowed. */
export function platformJsonSchema(): Record<string, unknown> {
  const { $schema, ...schema } = z.toJSONSchema(platformSchema, { io: "input" });
  return { $schema, title: "Platform", version: schemaVersion, ...schema };
}
