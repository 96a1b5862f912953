import { parseImageKeys } from "../../lib/labeling/signedPath";
import { lifecycle } from "../../providers/generatedSecret/lifecycle";

const make = async (form: string) => ((await lifecycle.create({ form })) as { outs: { value: string } }).outs.value;

describe("a generated secret", () => {
  test.each([
    ["password", /^(?=.*[a-z])(?=.*[A-Z])(?=.*\d)[\w-]{35}$/],
    ["token", /^[0-9a-f]{40}$/],
    ["imageKey", /^[0-9a-f]{8}:[\w-]{43}$/],
  ])("of the form %s looks as what takes it demands, and is another one each time", async (form, looks) => {
    const [one, other] = [await make(form), await make(form)];
    expect(one).toMatch(looks);
    expect(one).not.toBe(other);
  });

  test("of image keys is one that the gateway reads", async () => {
    expect(parseImageKeys(await make("imageKey"))).toHaveLength(1);
  });

  test("stays what it is when it is looked at and when the program changes", async () => {
    const state = { form: "token", value: "kept" };
    expect(await lifecycle.read!("secret/token", state)).toMatchObject({ props: state });
    expect(await lifecycle.diff!("secret/token", state, { form: "token" })).toMatchObject({ changes: false });
    expect(await lifecycle.diff!("secret/token", state, { form: "password" })).toMatchObject({ replaces: ["form"] });
  });
});
