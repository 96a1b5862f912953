import { isAllMade } from "../../lib/pendingOperations";

const job = { urn: "urn:pulumi:dev::project::TrainingJob::job" };
const creating = { type: "creating", resource: job };

test.each<[string, object, boolean]>([
  ["nothing is pending", { resources: [job] }, false],
  ["what was being created is there", { resources: [job], pending_operations: [creating] }, true],
  ["it is not there", { resources: [], pending_operations: [creating] }, false],
  ["what is there is to be deleted", { resources: [{ ...job, delete: true }], pending_operations: [creating] }, false],
  [
    "another one is not there",
    { resources: [job], pending_operations: [creating, { type: "creating", resource: { urn: "b" } }] },
    false,
  ],
  ["it was being deleted", { resources: [job], pending_operations: [{ ...creating, type: "deleting" }] }, false],
  ["there is no state", {}, false],
])("pending operations where %s", (_name, deployment, expected) => {
  expect(isAllMade(JSON.stringify({ version: 3, deployment }))).toBe(expected);
});
