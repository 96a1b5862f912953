import { imageSigning, labelingConnection } from "../../../lib/labeling/connection";

const access = { token: "own", imageKeys: "own:AAAAAAAAAAAAAAAAAAAAAAAA", clientId: "app" };
const running = "https://ca-labels.green.eastus2.azurecontainerapps.io";
const record = "https://ca-labels.green.eastus2.azurecontainerapps.invalid";
const local = {
  LABEL_STUDIO_URL: "http://127.0.0.1:1",
  LABEL_STUDIO_API_KEY: "local",
  LABELING_IMAGES_URL: "http://127.0.0.1:2",
  LABELING_IMAGES_KEYS: "local:BBBBBBBBBBBBBBBBBBBBBBBB",
};

describe("the Label Studio that a stack runs itself", () => {
  test("is entered through its sign-in by what the stack knows, whatever the environment has", () => {
    const connection = labelingConnection({ url: `${running}/`, access }, local);
    expect(connection).toMatchObject({ url: running, token: "own" });
    expect(connection.signIn).toBeDefined();
    expect(imageSigning({ imagesUrl: running, access }, local)).toMatchObject({ url: running, keys: [{ id: "own" }] });
  });

  test("has the one of the environment in its place where it is a record", () => {
    const connection = labelingConnection({ url: record, access }, local);
    expect(connection).toEqual({ url: "http://127.0.0.1:1", token: "local" });
    expect(imageSigning({ imagesUrl: record, access }, local)).toMatchObject({
      url: "http://127.0.0.1:2",
      keys: [{ id: "local" }],
    });
    expect(() => labelingConnection({ url: record, access }, {})).toThrow(
      /\.invalid is a record: this cloud runs no containers\. Run "npm run local:labeling"/,
    );
  });

  test("is never another one than the one that was named", () => {
    expect(labelingConnection({ url: "https://labels.example.com" }, local)).toEqual({
      url: "https://labels.example.com",
      token: "local",
    });
  });
});
