import { principalTypeOf } from "../../../lib/azure/principalType";

test.each([
  ["a person", { scp: "user_impersonation", upn: "me@example.com" }, "User"],
  ["a pipeline or a managed identity", { idtyp: "app", appid: "a" }, "ServicePrincipal"],
])("the token of %s", (_, claims, type) => {
  const token = ["{}", JSON.stringify(claims), ""].map((part) => Buffer.from(part).toString("base64url")).join(".");
  expect(principalTypeOf(token)).toBe(type);
});
