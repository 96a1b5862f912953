import { armTypeOf, resourceTypes } from "../../../local/resourceTypes";
import { oneOfEveryType, type Sample } from "./everyType";
import { deployer } from "../../../local/emulator/constants";
import { roles, TestCloud, until, versions, type ArmAnswer, type ArmBody } from "./testCloud";

type Path = (string | number)[];

/** Objects whose names are the client's own. */
const dictionaries =
  /(^|\.)(tags|metadata|flavors|data|environmentVariables|outputs|labelCategories|classes|traffic|configurationSettings|searchSpace)$/;
/** Places that hold anything, at any depth. */
const free = /flavors|policyRule|(defaultValue|allowedValues)(\[\d+\])?$|parameters\.\w+\.value$/;
/** Read anew, or counted, at each write. */
const moving = new Set(["etag", "systemData", "modifiedOn", "updatedOn"]);
const discriminators = new Set([
  "jobType",
  "computeType",
  "datastoreType",
  "credentialsType",
  "endpointComputeType",
  "identityType",
  "taskType",
  "policyType",
  "scaleType",
  "jobInputType",
  "jobOutputType",
  "mediaType",
]);

describe("every resource type", () => {
  let cloud: TestCloud;
  let samples: Sample[];
  const created = new Map<string, ArmBody>();

  beforeAll(async () => {
    cloud = await TestCloud.start();
    samples = oneOfEveryType(cloud);
    for (const { id, apiVersion, body } of samples) {
      if (id.endsWith("/registries/models/models/detector/versions/1"))
        Object.assign(body.properties as object, { modelUri: await cloud.uploadToRegistry(id, "model.pt", "w") });
      else if (id.endsWith("/models/detector/versions/1")) {
        const account = id.replace(/Microsoft\.MachineLearningServices.*/, "Microsoft.Storage/storageAccounts/everyst");
        await cloud.grant(account, deployer.objectId, roles.blobContributor);
        await (await cloud.container("everyst", "azureml")).getBlockBlobClient("model.pt").upload("w", 1);
      }
      const answer = await cloud.arm("PUT", id, apiVersion, body);
      if (answer.body.error) throw new Error(`${id}: ${answer.body.error.message}`);
      // The weights are none that can be served, and the job's data is not there: both end, as Failed.
      created.set(id, await settled(id, apiVersion));
    }
  }, 60_000);
  afterAll(() => cloud.remove());

  const settled = async (id: string, apiVersion: string): Promise<ArmBody> => {
    let answer!: ArmAnswer;
    await until(async () => {
      answer = await cloud.arm("GET", id, apiVersion);
      const { provisioningState, status } = answer.body.properties ?? {};
      return /Succeeded|Failed|Completed/.test(String(provisioningState ?? status));
    }, 30_000);
    return answer.body;
  };

  test("is in the table of samples", () => {
    const known = resourceTypes.map((type) => armTypeOf(type).toLowerCase()).sort();
    expect([...created.values()].map(({ type }) => type?.toLowerCase()).sort()).toEqual(known);
  });

  test("takes back what it answers, and is the same after it", async () => {
    for (const { id, apiVersion } of samples) {
      const before = (await cloud.arm("GET", id, apiVersion)).body;
      const again = await cloud.arm("PUT", id, apiVersion, before);
      expect({ id, error: again.body.error }).toEqual({ id, error: undefined });
      expect(unmoving(await settled(id, apiVersion))).toEqual(unmoving(before));
    }
  }, 60_000);

  test("takes the same body again", async () => {
    for (const { id, apiVersion, body } of samples) {
      const before = (await cloud.arm("GET", id, apiVersion)).body;
      expect({ id, error: (await cloud.arm("PUT", id, apiVersion, body)).body.error }).toEqual({ id });
      expect(unmoving(await settled(id, apiVersion))).toEqual(unmoving(before));
    }
  }, 60_000);

  test("keeps to itself what the service alone sets", async () => {
    for (const { id, apiVersion, body } of samples) {
      const before = (await cloud.arm("GET", id, apiVersion)).body;
      const properties = { ...(body.properties as object | undefined), provisioningState: "Mine" };
      const mine = { ...body, id: "/mine", name: "mine", systemData: { createdBy: "me" }, properties };
      expect({ id, error: (await cloud.arm("PUT", id, apiVersion, mine)).body.error }).toEqual({ id });
      expect(unmoving(await settled(id, apiVersion))).toEqual(unmoving(before));
    }
  }, 60_000);

  describe("refuses", () => {
    /** What a body changed at each of its places is answered. */
    const refusals = async (changes: (body: object) => { at: string; body: unknown }[]) => {
      const token = await cloud.token();
      const accepted: string[] = [];
      for (const { id, apiVersion, body } of samples) {
        for (const change of changes(body)) {
          const answer = await cloud.request("PUT", `${id}?api-version=${apiVersion}`, { body: change.body, token });
          const { code, message, target } = answer.body.error ?? {};
          const asArm = code !== undefined && message && answer.headers.get("x-ms-error-code") === code;
          if (answer.status !== 400 || !asArm || target !== change.at)
            accepted.push(`${created.get(id)?.type}: ${change.at} ${answer.status} ${code} ${target}`);
        }
      }
      return accepted;
    };

    test("an unknown property in every object", async () => {
      const changes = (body: object) =>
        objectsOf(body).flatMap((path) => {
          if (dictionaries.test(textOf(path)) || /searchSpace/.test(textOf(path)) || free.test(textOf(path))) return [];
          const at = [...path, "surprise"];
          return [{ at: textOf(at), body: withValue(body, at, "x") }];
        });
      expect(await refusals(changes)).toEqual([]);
    }, 60_000);

    test("a value of another type in every place", async () => {
      const changes = (body: object) =>
        leavesOf(body)
          // Resource Manager reads the envelope's location itself.
          .filter((path) => !free.test(textOf(path)))
          .map((path) => ({ at: textOf(path), body: withValue(body, path, { odd: true }) }));
      expect(await refusals(changes)).toEqual([]);
    }, 60_000);

    test("a missing and an unknown discriminator", async () => {
      const changes = (body: object) =>
        leavesOf(body)
          .filter((path) => discriminators.has(String(path.at(-1))))
          .flatMap((path) =>
            [undefined, null, "Surprise", 1].map((value) => ({
              at: textOf(path),
              body: withValue(body, path, value),
            })),
          );
      expect(await refusals(changes)).toEqual([]);
    }, 60_000);

    test("a body that is no object", async () => {
      for (const { id, apiVersion } of samples) {
        for (const body of [[], "text", 1, true]) {
          const answer = await cloud.arm("PUT", id, apiVersion, body);
          expect([id, answer.status, answer.body.error?.code]).toEqual([id, 400, "InvalidRequestContent"]);
        }
      }
    }, 60_000);

    test("no api-version and an unknown one, and names those that it has", async () => {
      for (const { id, apiVersion } of samples) {
        expect((await cloud.request("GET", id)).body.error?.code).toBe("MissingApiVersionParameter");
        const { error } = (await cloud.arm("GET", id, "1999-01-01")).body;
        expect(error?.code).toBe("NoRegisteredProviderFound");
        expect(error?.message).toContain(apiVersion);
      }
    }, 60_000);
  });

  test("is found by its id in any case, encoded, and with slashes at its end", async () => {
    for (const { id, apiVersion } of samples) {
      const spellings = [
        `/subscriptions${id.slice("/subscriptions".length).toUpperCase()}`,
        `${id}/`,
        id.replace(/[^/]+$/, (name) => `%${name.charCodeAt(0).toString(16)}${name.slice(1)}`),
      ];
      for (const spelling of spellings) {
        const { body } = await cloud.arm("GET", spelling, apiVersion);
        expect(body.id).toBe(id);
      }
    }
  }, 60_000);

  test("of two first writes at the same time, one creates", async () => {
    const id = `${cloud.subscription}/resourceGroups/every/providers/Microsoft.ManagedIdentity/userAssignedIdentities/twice`;
    const put = () => cloud.arm("PUT", id, "2023-01-31", { location: "eastus2" });
    const answers = await Promise.all(Array.from({ length: 8 }, put));
    expect(answers.map(({ status }) => status).sort()).toEqual([...Array<number>(7).fill(200), 201]);
  });

  test("a name that Resource Manager does not allow is refused", async () => {
    const data = samples.find(({ id }) => id.endsWith("/data/set"))!;
    for (const name of ["a".repeat(261), "%3Ca%3E", "a%00b", "a%3Fb", "a%23b", "a."]) {
      const answer = await cloud.arm("PUT", data.id.replace(/set$/, name), versions.ml, data.body);
      expect([name.slice(0, 9), answer.body.error?.code]).toEqual([name.slice(0, 9), "InvalidResourceName"]);
    }
    const encodedSlash = await cloud.arm("GET", data.id.replace("/data/set", "/data%2Fset"), versions.ml);
    expect(encodedSlash.status).toBe(404);
  });
});

function unmoving(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(unmoving);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, item]) => (moving.has(key) ? [] : [[key, unmoving(item)]])),
  );
}

function textOf(path: Path): string {
  return path.reduce<string>(
    (text, part) => (typeof part === "number" ? `${text}[${part}]` : text ? `${text}.${part}` : part),
    "",
  );
}

function entriesOf(value: object): [string | number, unknown][] {
  return Array.isArray(value) ? value.map((item: unknown, index) => [index, item]) : Object.entries(value);
}

function objectsOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== "object" || value === null) return [];
  const own = Array.isArray(value) ? [] : [path];
  return [...own, ...entriesOf(value).flatMap(([key, item]) => objectsOf(item, [...path, key]))];
}

function leavesOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== "object" || value === null) return [path];
  return entriesOf(value).flatMap(([key, item]) => leavesOf(item, [...path, key]));
}

function withValue(body: object, path: Path, value: unknown): unknown {
  const copy = structuredClone(body) as Record<string | number, unknown>;
  let owner = copy;
  for (const key of path.slice(0, -1)) owner = owner[key] as typeof copy;
  owner[path.at(-1)!] = value;
  return copy;
}
