/** The one tenant, subscription and region of the local cloud. Fixed, so that names derived from them are the same everywhere. */
export const tenantId = "7a1f3c52-9d0e-4b6a-8c21-5e0f9a7b4d10";
export const subscriptionId = "3d5b8f0a-2c47-4e19-a6d3-1f8e7c9b0a52";
export const location = "eastus2";

/** Whoever asks with the identity header is this principal: the person who runs the local cloud. */
export const deployer = {
  objectId: "c0a8f6de-51b7-4f3e-9a20-6d4b1e7f8c35",
  clientId: "e4d2b7a9-83c6-4105-b1fe-2a9c5d0e6f74",
  name: "local-deployer",
};

/** Name by which certificates and URLs know this machine's loopback. */
export const host = "localhost";

/** The issuer of tokens that Azure's storage emulator accepts, and that Azure itself uses. */
export const issuer = `https://sts.windows.net/${tenantId}/`;

/** Azure ML itself, with the application id that its first-party application has: what the service does needs no role. */
export const service = {
  objectId: "5f1c9e3d-7b28-4a60-9d14-c3e8a0b7f256",
  clientId: "0736f41a-0425-4b46-bdb5-1563eff02385",
  name: "Azure Machine Learning",
};
