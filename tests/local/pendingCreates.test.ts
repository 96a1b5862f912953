import type { LocalClient } from "../../local/client";
import { noteMade, type ExportedStack } from "../../local/pendingCreates";

const subscription = "00000000-0000-0000-0000-000000000001";
const type = "azure-native:storage:StorageAccount";
const urn = `urn:pulumi:local::project::${type}::account`;
const inputs = { resourceGroupName: "rg", accountName: "acct" };
const id = `/subscriptions/${subscription}/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/acct`;
/** A cloud in which these ids are there. */
const cloudWith = (...ids: string[]) =>
  ({
    arm: async (_method: string, asked: string) => (ids.includes(asked) ? { id: asked, properties: {} } : undefined),
  }) as unknown as LocalClient;

describe("what a killed engine has made", () => {
  const stackOf = (...resources: Record<string, unknown>[]): ExportedStack => ({
    deployment: {
      resources: resources.map((resource) => ({ urn, type, inputs, ...resource })),
      pending_operations: [{ type: "creating", resource: { urn, type, inputs } }],
    },
  });

  test("is noted when it is there", async () => {
    const stack = stackOf();
    expect(await noteMade(stack, cloudWith(id), subscription)).toBe(1);
    // The engine updates what has errors of its making, and so sees how that ends.
    expect(stack.deployment.resources).toMatchObject([{ urn, id, inputs, initErrors: [expect.any(String)] }]);
  });

  test("is not noted when it is not", async () => {
    const stack = stackOf();
    expect(await noteMade(stack, cloudWith(), subscription)).toBe(0);
    expect(stack.deployment.resources).toEqual([]);
  });

  test("is not open any more, be it there or not", async () => {
    for (const cloud of [cloudWith(id), cloudWith()]) {
      const stack = stackOf();
      stack.deployment.pending_operations?.push({ type: "updating", resource: { urn, type } });
      await noteMade(stack, cloud, subscription);
      expect(stack.deployment.pending_operations).toEqual([]);
    }
  });

  test("takes the place of what it replaces: gone already, or still to be deleted", async () => {
    const gone = stackOf({ id: "old", pendingReplacement: true });
    await noteMade(gone, cloudWith(id), subscription);
    expect(gone.deployment.resources).toMatchObject([{ id }]);
    const there = stackOf({ id: "old" });
    await noteMade(there, cloudWith(id), subscription);
    expect(there.deployment.resources).toMatchObject([{ id: "old", delete: true }, { id }]);
  });

  test("is noted once", async () => {
    const stack = stackOf({ id });
    expect(await noteMade(stack, cloudWith(id), subscription)).toBe(0);
    expect(stack.deployment.resources).toHaveLength(1);
  });
});
