import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { Identity } from "../../../local/emulator/identity";
import { TestCloud } from "./testCloud";

const owner = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635";
const realClock = { now: Date.now, realTimeOf: (localMs: number) => localMs };

const version = "2022-07-01-preview";
const builtIn = "/providers/Microsoft.Authorization/policyDefinitions/8c6a50c6-9ffd-4ae7-986f-5fa6111f9a54";

describe("policy exemptions", () => {
  let cloud: TestCloud;
  let group: string;
  let assignment: string;
  const of = (scope: string, path: string) => `${scope}/providers/Microsoft.Authorization/${path}`;
  const exempt = (scope: string, name: string, properties: object) =>
    cloud.arm("PUT", of(scope, `policyExemptions/${name}`), version, {
      properties: { policyAssignmentId: assignment, exemptionCategory: "Waiver", ...properties },
    });
  const names = async (scope: string, filter = "") => {
    const query = filter && `&$filter=${encodeURIComponent(filter)}`;
    const { body } = await cloud.request("GET", `${of(scope, "policyExemptions")}?api-version=${version}${query}`, {
      token: await cloud.token(),
    });
    return body.error?.code ?? body.value?.map(({ name }) => name).sort();
  };

  beforeAll(async () => {
    cloud = await TestCloud.start();
    group = await cloud.group("exempted");
    assignment = of(group, "policyAssignments/no-keys");
    await cloud.put(assignment, "2025-01-01", { properties: { policyDefinitionId: builtIn } });
  });
  afterAll(() => cloud.remove());

  test("are listed with those from above, and filtered by scope, date and assignment", async () => {
    const above = of(cloud.subscription, "policyAssignments/above");
    await cloud.put(above, "2025-01-01", { properties: { policyDefinitionId: builtIn } });
    const account = await cloud.account("exemptedst", group);
    expect((await exempt(cloud.subscription, "all", { policyAssignmentId: above })).status).toBe(201);
    expect((await exempt(group, "over", { expiresOn: "2020-01-01T00:00:00Z" })).status).toBe(201);
    expect((await exempt(account, "one", { exemptionCategory: "Mitigated" })).status).toBe(201);
    expect(await names(group)).toEqual(["all", "one", "over"]);
    expect(await names(group, "atScope()")).toEqual(["all", "over"]);
    expect(await names(group, "atExactScope()")).toEqual(["over"]);
    expect(await names(group, "excludeExpired()")).toEqual(["all", "one"]);
    expect(await names(group, `policyAssignmentId eq '${above}'`)).toEqual(["all"]);
    expect(await names(group, "colour eq 'red'")).toBe("InvalidFilterInQueryString");
    await cloud.arm("DELETE", of(group, "policyExemptions/over"), version);
    expect(await names(group)).toEqual(["all", "one"]);
  });

  test.each<[string, string, object, string]>([
    ["of no assignment", "", { policyAssignmentId: builtIn }, "properties.policyAssignmentId"],
    ["without a category", "", { exemptionCategory: undefined }, "properties.exemptionCategory"],
    ["of another category", "", { exemptionCategory: "Never" }, "properties.exemptionCategory"],
    ["until no date", "", { expiresOn: "soon" }, "properties.expiresOn"],
    [
      "of a member of what is no initiative",
      "",
      { policyDefinitionReferenceIds: ["a"] },
      "properties.policyDefinitionReferenceIds",
    ],
    ["above the assignment", "subscription", {}, "properties.policyAssignmentId"],
  ])("are refused %s", async (_name, where, properties, target) => {
    const { status, body } = await exempt(where ? cloud.subscription : group, "refused", properties);
    expect({ status, target: body.error?.target }).toEqual({ status: 400, target });
  });

  test("may be above the assignment where nobody is to look", async () => {
    const { status } = await exempt(cloud.subscription, "unlooked", { assignmentScopeValidation: "DoNotValidate" });
    expect(status).toBe(201);
  });

  test("take rights on the assignment as well", async () => {
    const someone = { clientId: randomUUID(), objectId: randomUUID(), name: "someone" };
    await cloud.grant(group, someone.objectId, owner);
    const identity = await Identity.open(join(cloud.stateFolder, "cloud"), cloud.record.url, realClock);
    const { token } = identity.issue(`${cloud.record.url}/`, someone);
    const above = of(cloud.subscription, "policyAssignments/not-theirs");
    await cloud.put(above, "2025-01-01", { properties: { policyDefinitionId: builtIn } });
    const ask = async (policyAssignmentId: string) => {
      const path = `${of(group, "policyExemptions/mine")}?api-version=${version}`;
      const body = { properties: { policyAssignmentId, exemptionCategory: "Waiver" } };
      const answer = await cloud.request("PUT", path, { body, token });
      return answer.body.error?.code ?? answer.status;
    };
    expect(await ask(above)).toBe("LinkedAuthorizationFailed");
    expect(await ask(assignment)).toBe(201);
  });
});
