import { execFile } from "node:child_process";
import { createPublicKey, type JsonWebKey } from "node:crypto";
import { join } from "node:path";
import { promisify } from "node:util";
import jwt from "jsonwebtoken";
import { cloudEnvironment, withoutAzure } from "../../../local/environment";
import { TestCloud, versions } from "./testCloud";

describe("identity", () => {
  let cloud: TestCloud;
  beforeAll(async () => {
    cloud = await TestCloud.start();
    await cloud.account("identityst", await cloud.group("rg"));
  }, 30_000);
  afterAll(() => cloud.remove());

  test("DefaultAzureCredential, as it is, reads Resource Manager and writes blobs", async () => {
    const script = `
      const { DefaultAzureCredential } = require("@azure/identity");
      const { BlobServiceClient } = require("@azure/storage-blob");
      (async () => {
        const credential = new DefaultAzureCredential();
        const { token } = await credential.getToken(process.env.ARM_ENDPOINT + "/.default");
        const answer = await fetch(process.env.ARM_ENDPOINT + "/subscriptions?api-version=2022-12-01", { headers: { authorization: "Bearer " + token } });
        const container = new BlobServiceClient("${cloud.record.blobUrl}/identityst", credential).getContainerClient("fromsdk");
        await container.createIfNotExists();
        await container.getBlockBlobClient("a.txt").upload("hello", 5);
        const text = (await container.getBlobClient("a.txt").downloadToBuffer()).toString();
        console.log(JSON.stringify({ status: answer.status, text }));
      })();`;
    const { stdout } = await promisify(execFile)(process.execPath, ["-e", script], {
      cwd: join(__dirname, "..", "..", ".."),
      env: { ...withoutAzure(process.env), ...cloudEnvironment(cloud.record) },
    });
    expect(JSON.parse(stdout)).toEqual({ status: 200, text: "hello" });
  }, 30_000);

  test.each([
    ["no token", async () => "", "AuthenticationFailed"],
    ["a token that is none", async () => "abc", "InvalidAuthenticationToken"],
    [
      "a token of somebody else",
      async () => jwt.sign({ aud: cloud.record.url }, "secret"),
      "InvalidAuthenticationToken",
    ],
    ["a token for storage", () => cloud.token("https://storage.azure.com/"), "InvalidAuthenticationTokenAudience"],
  ])("%s is refused", async (_name, token, code) => {
    const path = `${cloud.subscription}/resourceGroups/rg?api-version=${versions.groups}`;
    const answer = await cloud.request("GET", path, { token: await token() });
    expect([answer.status, answer.body.error?.code]).toEqual([401, code]);
    expect(answer.headers.get("www-authenticate")).toContain(`Bearer authorization_uri="${cloud.record.url}/`);
  });

  test("tokens go to who knows the header alone", async () => {
    for (const header of ["", "wrong", cloud.record.identityHeader.replace(/./, "z")]) {
      const answer = await cloud.request("GET", "/msi/token?api-version=2019-08-01&resource=x", {
        token: "",
        headers: { "x-identity-header": header },
      });
      expect(answer.status).toBe(401);
    }
  });

  test("its OpenID documents check its tokens", async () => {
    const { tenantId, url } = cloud.record;
    const document = (await cloud.request("GET", `/${tenantId}/.well-known/openid-configuration`, { token: "" }))
      .body as unknown as { issuer: string; jwks_uri: string };
    const { keys } = (await cloud.request("GET", document.jwks_uri, { token: "" })).body as unknown as {
      keys: (JsonWebKey & { kid: string })[];
    };
    const token = await cloud.token("https://example.com");
    const { kid } = jwt.decode(token, { complete: true })!.header;
    const key = keys.find((candidate) => candidate.kid === kid)!;
    const claims = jwt.verify(token, createPublicKey({ key, format: "jwk" }), {
      issuer: document.issuer,
      audience: "https://example.com",
    });
    expect(claims).toMatchObject({ tid: tenantId, iss: `https://sts.windows.net/${tenantId}/` });
    expect(document.jwks_uri.startsWith(url)).toBe(true);
  });

  describe("the blob service refuses", () => {
    const text = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const forged = async (claims: object, header: object = { alg: "RS256", typ: "JWT" }) => {
      const own = jwt.decode(await cloud.token("https://storage.azure.com/")) as object;
      return `Bearer ${text(header)}.${text({ ...own, ...claims })}.${"x".repeat(342)}`;
    };
    test.each<[string, () => Promise<string>, number, string]>([
      ["a token for Resource Manager", async () => `Bearer ${await cloud.token()}`, 401, "InvalidAuthenticationInfo"],
      ["a token that it has not signed", () => forged({}), 401, "InvalidAuthenticationInfo"],
      ["a token that nobody has signed", () => forged({}, { alg: "none" }), 401, "InvalidAuthenticationInfo"],
      ["an expired token", () => forged({ exp: 1 }), 401, "InvalidAuthenticationInfo"],
      ["an account key", async () => "SharedKey identityst:AAAA", 403, "KeyBasedAuthenticationNotPermitted"],
      ["nobody", async () => "", 409, "PublicAccessNotPermitted"],
    ])("%s", async (_who, authorization, status, code) => {
      const given = await authorization();
      const answer = await cloud.raw("GET", `${cloud.record.blobUrl}/identityst?comp=list`, {
        "x-ms-version": "2024-11-04",
        ...(given ? { authorization: given } : {}),
      });
      expect([answer.status, answer.headers.get("x-ms-error-code")]).toEqual([status, code]);
      if (status === 401)
        expect(answer.headers.get("www-authenticate")).toContain("resource_id=https://storage.azure.com");
    });

    test("public containers, of Resource Manager and of its own clients", async () => {
      const container = await cloud.container("identityst", "everyone");
      await expect(container.create({ access: "blob" })).rejects.toMatchObject({ code: "PublicAccessNotPermitted" });
      const id = `${cloud.subscription}/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/identityst/blobServices/default/containers/everyone`;
      const answer = await cloud.arm("PUT", id, versions.storage, { properties: { publicAccess: "Blob" } });
      expect([answer.status, answer.body.error?.code]).toEqual([409, "PublicAccessNotPermitted"]);
    });
  });

  test("shared keys are refused where the account forbids them", async () => {
    const id = `${cloud.subscription}/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/identityst`;
    const answer = await cloud.arm("POST", `${id}/listKeys`, versions.storage);
    expect([answer.status, answer.body.error?.code]).toEqual([403, "KeyBasedAuthenticationNotPermitted"]);
  });

  test("metadata is an object for new clients and a list for old ones, without a token", async () => {
    const { url } = cloud.record;
    const now = await cloud.request("GET", "/metadata/endpoints?api-version=2022-09-01", { token: "" });
    const old = await cloud.request("GET", "/metadata/endpoints?api-version=2020-06-01", { token: "" });
    expect(now.body).toMatchObject({ resourceManager: `${url}/`, authentication: { audiences: [`${url}/`] } });
    const [older] = old.body as unknown as (typeof now.body & { suffixes: { storage: string } })[];
    expect(older).toMatchObject({ resourceManager: `${url}/`, authentication: { audiences: [`${url}/`] } });
    // Clients of the list make `https://ACCOUNT.blob.SUFFIX` of it.
    await cloud.workspace("metaws", await cloud.group("rg"));
    const named = await cloud.request("GET", "/metadata/endpoints?api-version=2020-06-01&storageAccount=identityst", {
      token: "",
    });
    const suffixes = [
      named.body,
      (await cloud.request("GET", "/metadata/endpoints?api-version=2020-06-01", { token: "" })).body,
    ].map((body) => (body as unknown as (typeof older)[])[0]?.suffixes.storage);
    const { host } = new URL(cloud.record.blobUrl);
    expect(suffixes).toEqual([`@${host}/identityst`, `@${host}/metawsst`]);
    expect(cloudEnvironment(cloud.record).ARM_CLOUD_METADATA_URL).toContain(url);
  });

  test("variables of the user's shell do not lead clients elsewhere", () => {
    const shell = { AZURE_CLIENT_ID: "a", ARM_CLIENT_SECRET: "b", IDENTITY_ENDPOINT: "c", MSI_SECRET: "d", HOME: "/h" };
    expect(withoutAzure(shell)).toEqual({ HOME: "/h" });
    const proxied = cloudEnvironment(cloud.record, { NO_PROXY: "intra.net" });
    expect(proxied.NO_PROXY).toBe("intra.net,localhost,127.0.0.1");
  });
});
