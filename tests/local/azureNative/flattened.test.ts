import fc from "fast-check";
import { bodyOf, outputsOf } from "../../../local/azureNative/convert";
import { checkInputs } from "../../../local/azureNative/check";
import { armTypeOf, resourceTypeOfToken, type ResourceType } from "../../../local/resourceTypes";
import { validateBody } from "../../../local/schemas";

const typeOf = (token: string) => resourceTypeOfToken(`azure-native:${token}`) as ResourceType;

describe("objects that the SDK has flattened", () => {
  const endpoint = typeOf("network:PrivateEndpoint");
  const inputs = {
    resourceGroupName: "rg",
    privateEndpointName: "pe",
    location: "eastus2",
    subnet: { id: "/subscriptions/s/subnet" },
    privateLinkServiceConnections: [{ name: "ws", groupIds: ["amlworkspace"], privateLinkServiceId: "/ws" }],
  };

  test("are sent as Azure has them", () => {
    const body = bodyOf(endpoint, inputs);
    expect(body.properties).toEqual({
      subnet: { id: "/subscriptions/s/subnet" },
      privateLinkServiceConnections: [
        { name: "ws", properties: { groupIds: ["amlworkspace"], privateLinkServiceId: "/ws" } },
      ],
    });
    expect(validateBody(armTypeOf(endpoint), body)).toEqual([]);
  });

  test("are named in a failure as the program has them", () => {
    const wrong = { ...inputs, privateLinkServiceConnections: [{ name: "ws", groupIds: "amlworkspace" }] };
    expect(checkInputs(endpoint, wrong)).toEqual([
      "'privateLinkServiceConnections[0].groupIds' should be of type 'array' but got a string",
    ]);
  });

  test("come back as they were sent, whatever is in them", () => {
    const word = fc.stringMatching(/^[a-z]{1,8}$/);
    const connection = fc.record(
      { name: word, privateLinkServiceId: word, groupIds: fc.array(word), requestMessage: word },
      { requiredKeys: ["name"] },
    );
    const rule = fc.record({ name: word, access: word, priority: fc.nat() }, { requiredKeys: ["name"] });
    const subnet = fc.record(
      { name: word, addressPrefix: word, networkSecurityGroup: fc.record({ id: word, securityRules: fc.array(rule) }) },
      { requiredKeys: ["name"] },
    );
    fc.assert(
      fc.property(fc.array(connection), fc.array(subnet), (connections, subnets) => {
        for (const [type, own] of [
          [endpoint, { privateLinkServiceConnections: connections }],
          [typeOf("network:VirtualNetwork"), { subnets }],
        ] as const) {
          const { azureApiVersion: _, ...outputs } = outputsOf(type, bodyOf(type, own));
          expect(outputs).toEqual(own);
        }
      }),
    );
  });

  test("a name of its own on the wire is put back as well", () => {
    const cluster = typeOf("containerservice:ManagedCluster");
    const own = { autoScalerProfile: { scaleDownUnneededTime: "5m" } };
    const body = bodyOf(cluster, own);
    expect(body.properties).toEqual({ autoScalerProfile: { "scale-down-unneeded-time": "5m" } });
    expect(outputsOf(cluster, body)).toMatchObject(own);
  });
});
