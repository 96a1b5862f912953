import { createPublicKey, generateKeyPairSync, type JsonWebKey } from "node:crypto";
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import jwt from "jsonwebtoken";
import { TestCloud, versions } from "./testCloud";

interface TokenAnswer {
  access_token?: string;
  expires_in?: number;
  error?: string;
  error_codes?: number[];
  error_description?: string;
}

const subject = "system:serviceaccount:default:trainer";
const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

describe("the directory of the local cloud", () => {
  let cloud: TestCloud;
  let application: { id: string; appId: string };
  let principalId: string;
  let secret: string;

  beforeAll(async () => {
    cloud = await TestCloud.start();
    await cloud.group("rg");
    application = await directory("POST", "applications", { displayName: "trainer" });
    principalId = (await directory<{ id: string }>("POST", "servicePrincipals", { appId: application.appId })).id;
    secret = (await directory<{ secretText: string }>("POST", `applications/${application.id}/addPassword`, {}))
      .secretText;
  }, 30_000);
  afterAll(() => cloud.remove());

  const directory = async <T>(method: string, path: string, body?: unknown): Promise<T> =>
    (await cloud.request(method, `/v1.0/${path}`, { body })).body as unknown as T;

  const post = async (form: Record<string, string>, path = `${cloud.record.tenantId}/oauth2/v2.0/token`) => {
    const answer = await cloud.raw(
      "POST",
      `${cloud.record.url}/${path}`,
      { "content-type": "application/x-www-form-urlencoded" },
      new URLSearchParams(form).toString(),
    );
    return { status: answer.status, body: JSON.parse(answer.text) as TokenAnswer };
  };
  const form = (changes: Record<string, string> = {}) => ({
    grant_type: "client_credentials",
    client_id: application.appId,
    client_secret: secret,
    scope: `${cloud.record.url}/.default`,
    ...changes,
  });
  const withAssertion = (assertion: string) => ({
    grant_type: "client_credentials",
    client_id: application.appId,
    client_assertion_type: assertionType,
    client_assertion: assertion,
    scope: `${cloud.record.url}/.default`,
  });
  const assertion = async (body: object) => {
    const headers = { "x-identity-header": cloud.record.identityHeader };
    const answer = await cloud.request("POST", "/oidc/token", { token: "", body, headers });
    return (answer.body as unknown as { token: string }).token;
  };
  const listGroups = (token: string) =>
    cloud.request("GET", `${cloud.subscription}/resourceGroups?api-version=${versions.groups}`, { token });

  test("a secret opens a token of the application, which its documents check", async () => {
    const { status, body } = await post(form());
    expect([status, body.expires_in]).toEqual([200, 3600]);
    const document = await cloud.request("GET", `/${cloud.record.tenantId}/v2.0/.well-known/openid-configuration`, {
      token: "",
    });
    const { jwks_uri, token_endpoint } = document.body as unknown as { jwks_uri: string; token_endpoint: string };
    expect(token_endpoint).toBe(`${cloud.record.url}/${cloud.record.tenantId}/oauth2/v2.0/token`);
    const { keys } = (await cloud.request("GET", jwks_uri, { token: "" })).body as unknown as { keys: JsonWebKey[] };
    const claims = jwt.verify(body.access_token!, createPublicKey({ key: keys[0], format: "jwk" }));
    expect(claims).toMatchObject({
      aud: cloud.record.url,
      appid: application.appId,
      oid: principalId,
      sub: principalId,
      tid: cloud.record.tenantId,
      idtyp: "app",
    });
    // Whether the application may list them is a matter of its roles.
    expect((await listGroups(body.access_token ?? "")).status).not.toBe(401);
  });

  test("an authority of one's own, and version 1, give tokens too", async () => {
    expect((await post(form(), "adfs/oauth2/token")).status).toBe(200);
    const { scope: _, ...rest } = form();
    const first = await post(
      { ...rest, resource: "https://management.azure.com/" },
      `${cloud.record.tenantId}/oauth2/token`,
    );
    expect([first.status, jwt.decode(first.body.access_token!)]).toMatchObject([
      200,
      { aud: "https://management.azure.com/" },
    ]);
  });

  test.each<[string, Record<string, string>, number, string, number]>([
    ["a wrong secret", { client_secret: "wrong" }, 401, "invalid_client", 7000215],
    ["no secret", { client_secret: "" }, 401, "invalid_client", 7000218],
    ["an unknown application", { client_id: "nobody" }, 400, "unauthorized_client", 700016],
    ["a scope of users", { scope: "User.Read" }, 400, "invalid_scope", 1002012],
    ["an unknown resource", { scope: "https://example.com/.default" }, 400, "invalid_resource", 500011],
    ["no scope", { scope: "" }, 400, "invalid_request", 900144],
    ["another grant", { grant_type: "password" }, 400, "unsupported_grant_type", 70003],
  ])("%s is refused as Entra does", async (_what, changes, status, error, number) => {
    const answer = await post(form(changes));
    expect([answer.status, answer.body.error, answer.body.error_codes]).toEqual([status, error, [number]]);
    expect(answer.body.error_description).toContain(`AADSTS${number}: `);
  });

  test("an unknown tenant is refused", async () => {
    const answer = await post(form(), "11111111-1111-4111-8111-111111111111/oauth2/v2.0/token");
    expect([answer.status, answer.body.error_codes]).toEqual([400, [90002]]);
  });

  test("the secret is nowhere in what the directory answers, nor in the state", async () => {
    expect(JSON.stringify(await directory("GET", "applications"))).not.toContain(secret);
    const folder = join(cloud.stateFolder, "cloud");
    for (const name of await readdir(folder, { recursive: true })) {
      const file = join(folder, name);
      if ((await stat(file)).isFile()) expect((await readFile(file)).includes(secret)).toBe(false);
    }
  });

  test("other principals than who runs the cloud make no registrations", async () => {
    const { body } = await post(form());
    const answer = await cloud.request("POST", "/v1.0/applications", {
      token: body.access_token,
      body: { displayName: "more" },
    });
    expect([answer.status, answer.body.error?.code]).toEqual([403, "Authorization_RequestDenied"]);
  });

  describe("workload identity", () => {
    const foreign = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const foreignIssuer = "https://issuer.example.com/";
    beforeAll(async () => {
      const path = `applications/${application.id}/federatedIdentityCredentials`;
      await directory("POST", path, { name: "cluster", issuer: `${cloud.record.url}/oidc`, subject });
      const keys = [{ ...foreign.publicKey.export({ format: "jwk" }), kid: "one" }];
      await directory("POST", path, { name: "pipeline", issuer: foreignIssuer, subject: "repo:a/b", keys });
    });
    const foreignAssertion = (claims: object = {}, key = foreign.privateKey) =>
      jwt.sign({ iss: foreignIssuer, sub: "repo:a/b", aud: "api://AzureADTokenExchange", ...claims }, key, {
        algorithm: "RS256",
        keyid: "one",
        ...("exp" in claims ? {} : { expiresIn: 60 }),
      });

    test("an assertion of the cloud's own issuer, and one of another issuer, open a token", async () => {
      for (const given of [await assertion({ subject }), foreignAssertion()]) {
        const { status, body } = await post(withAssertion(given));
        expect([status, jwt.decode(body.access_token ?? "")]).toMatchObject([200, { oid: principalId }]);
      }
    });

    const stranger = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
    test.each<[string, () => string | Promise<string>, number]>([
      ["one whose time is over", () => assertion({ subject, lifetimeSeconds: -10 }), 700024],
      ["one of another subject", () => assertion({ subject: "other" }), 700213],
      ["one for another audience", () => assertion({ subject, audience: "api://other" }), 700212],
      ["one of another issuer", () => foreignAssertion({ iss: "https://example.org" }), 700211],
      ["one signed by a stranger", () => foreignAssertion({}, stranger), 700027],
      ["one that nobody has signed", () => `${foreignAssertion().split(".").slice(0, 2).join(".")}.`, 700027],
      ["one that is none", () => "abc", 50027],
    ])("%s is refused", async (_what, given, number) => {
      const answer = await post(withAssertion(await given()));
      expect([answer.status, answer.body.error, answer.body.error_codes]).toEqual([401, "invalid_client", [number]]);
    });

    test("an assertion is no token", async () => {
      const answer = await listGroups(await assertion({ subject, audience: `${cloud.record.url}/` }));
      expect([answer.status, answer.body.error?.code]).toEqual([401, "InvalidAuthenticationTokenTenant"]);
    });

    test("assertions go to who knows the header alone", async () => {
      const answer = await cloud.request("POST", "/oidc/token", { token: "", body: { subject } });
      expect(answer.status).toBe(401);
    });
  });

  test.each([
    ["https://ml.azure.com", "InvalidAuthenticationTokenAudience"],
    ["https://vault.azure.net", "InvalidAuthenticationTokenAudience"],
  ])("Resource Manager takes no token for %s", async (resource, code) => {
    const answer = await listGroups((await post(form({ scope: `${resource}/.default` }))).body.access_token!);
    expect([answer.status, answer.body.error?.code]).toEqual([401, code]);
    expect(answer.headers.get("www-authenticate")).toContain('error="invalid_token"');
  });

  test("a managed identity is chosen by each of its ids, and an unknown one is refused", async () => {
    const id = `${cloud.subscription}/resourceGroups/rg/providers/Microsoft.ManagedIdentity/userAssignedIdentities/mi-1`;
    const { properties = {} } = await cloud.put(id, "2023-01-31", { location: "eastus2" });
    const ask = (choice: Record<string, string>) =>
      cloud.request(
        "GET",
        `/msi/token?${new URLSearchParams({ "api-version": "2019-08-01", resource: "https://storage.azure.com/", ...choice }).toString()}`,
        {
          token: "",
          headers: { "x-identity-header": cloud.record.identityHeader },
        },
      );
    for (const choice of [
      { client_id: String(properties.clientId) },
      { mi_res_id: id.toUpperCase() },
      { object_id: String(properties.principalId) },
    ] as Record<string, string>[]) {
      const { access_token } = (await ask(choice)).body as unknown as TokenAnswer;
      expect(jwt.decode(access_token ?? "")).toMatchObject({ oid: properties.principalId, appid: properties.clientId });
    }
    expect((await ask({ client_id: "00000000-0000-4000-8000-000000000000" })).status).toBe(400);
  });

  test("a deleted registration opens nothing", async () => {
    const doomed = await directory<{ id: string; appId: string }>("POST", "applications", { displayName: "doomed" });
    const { secretText } = await directory<{ secretText: string }>("POST", `applications/${doomed.id}/addPassword`, {});
    const own = form({ client_id: doomed.appId, client_secret: secretText });
    expect((await post(own)).status).toBe(200);
    await cloud.request("DELETE", `/v1.0/applications/${doomed.id}`);
    expect((await post(own)).body.error_codes).toEqual([700016]);
  });
});

describe("tokens of a short life", () => {
  let cloud: TestCloud;
  beforeAll(async () => {
    process.env.LOCAL_TOKEN_LIFETIME = "1";
    cloud = await TestCloud.start().finally(() => delete process.env.LOCAL_TOKEN_LIFETIME);
  }, 30_000);
  afterAll(() => cloud.remove());

  test("expire, and are refused then", async () => {
    const token = await cloud.token();
    const { exp = 0 } = jwt.decode(token) as jwt.JwtPayload;
    const ask = () => cloud.request("GET", "/subscriptions?api-version=2022-12-01", { token });
    let answer = await ask();
    while (answer.status === 200 && Date.now() / 1000 < exp + 10) answer = await ask();
    expect([answer.status, answer.body.error?.code]).toEqual([401, "ExpiredAuthenticationToken"]);
  });
});
