import { ArmRequestError } from "../../../lib/azure/arm";
import { whenEndpointSettles } from "../../../lib/azure/endpoints";
import { UserError } from "../../../lib/errors";

const updating = new ArmRequestError(
  409,
  "Conflict",
  "Cannot create a deployment in endpoint detector because it is in Updating provisioning state.",
);
const notSeen = new ArmRequestError(400, "BadArgument", "Deployment 'd-1' not found in endpoint 'detector'.");

describe("an endpoint that is not yet what it was said to be", () => {
  test.each([
    ["Updating", updating],
    ["without the deployment", notSeen],
  ])(
    "is waited for while it is %s",
    async (_what, race) => {
      const answers = [race];
      const action = async () => {
        const next = answers.shift();
        if (next) throw next;
        return "done";
      };
      expect(await whenEndpointSettles(action)).toBe("done");
    },
    20_000,
  );

  test("is given up in the end, with what was answered and what to do", async () => {
    const failed = whenEndpointSettles(() => Promise.reject(updating), 0);
    await expect(failed).rejects.toThrow(UserError);
    await expect(failed).rejects.toThrow(/still answers: Cannot create a deployment .* run "pulumi up" again/);
  });

  test("is not waited for when something else is wrong", async () => {
    const wrong = new ArmRequestError(400, "BadArgument", "The sum of the traffic is 90; it must be 0 or 100.");
    let asked = 0;
    const action = () => {
      asked++;
      return Promise.reject(wrong);
    };
    await expect(whenEndpointSettles(action)).rejects.toBe(wrong);
    expect(asked).toBe(1);
  });
});
