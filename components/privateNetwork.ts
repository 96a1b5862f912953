import * as pulumi from "@pulumi/pulumi";
import { PrivateDnsZoneGroup } from "@pulumi/azure-native/network/privateDnsZoneGroup";
import { PrivateEndpoint } from "@pulumi/azure-native/network/privateEndpoint";
import { VirtualNetwork } from "@pulumi/azure-native/network/virtualNetwork";
import { PrivateZone } from "@pulumi/azure-native/privatedns/privateZone";
import { VirtualNetworkLink } from "@pulumi/azure-native/privatedns/virtualNetworkLink";
import { zoneNames, type Zone } from "../lib/environment/privateZones";

/** What a private endpoint is for: the part of the resource that it leads to, and the zones of its names. */
const services = {
  blob: { groupId: "blob", zones: ["blob"] },
  file: { groupId: "file", zones: ["file"] },
  vault: { groupId: "vault", zones: ["vault"] },
  workspace: { groupId: "amlworkspace", zones: ["workspace", "notebooks"] },
  registry: { groupId: "registry", zones: ["registry"] },
} as const satisfies Record<string, { groupId: string; zones: readonly Zone[] }>;

export interface PrivateNetworkArgs {
  resourceGroupName: pulumi.Input<string>;
  location: pulumi.Input<string>;
  /** Stem of the endpoints' names, which no other stack of the resource group has. */
  endpointsName: pulumi.Input<string>;
  /** Name of the virtual network, when one is made. */
  networkName: pulumi.Input<string>;
  /** Addresses of the virtual network, when one is made; all of them are for private endpoints. */
  addressSpace: string;
  /** Subnet that is there already, in place of a network of its own. */
  subnetId?: string;
  /** Zones that are there already, and linked to the network; the others are made. */
  dnsZones?: Partial<Record<Zone, string | undefined>>;
}

/** Where the stack's services have private addresses: a subnet, and the DNS zones that lead there. */
export class PrivateNetwork extends pulumi.ComponentResource {
  readonly subnetId: pulumi.Output<string>;
  private readonly networkId: pulumi.Output<string>;
  private readonly zones = new Map<Zone, pulumi.Output<string>>();

  constructor(
    private readonly childName: string,
    private readonly args: PrivateNetworkArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("objectdetection:index:PrivateNetwork", childName, {}, opts);
    this.subnetId = args.subnetId === undefined ? this.declareNetwork() : pulumi.output(args.subnetId);
    this.networkId = this.subnetId.apply((id) => id.split("/").slice(0, 9).join("/"));
    this.registerOutputs({ subnetId: this.subnetId });
  }

  /** Gives a service a private address, and its names that address; answers what its users wait for. */
  connect(
    name: string,
    service: keyof typeof services,
    targetId: pulumi.Input<string>,
    opts: pulumi.CustomResourceOptions,
  ): pulumi.Resource[] {
    const { resourceGroupName, location, endpointsName } = this.args;
    const { groupId, zones } = services[service];
    const endpoint = new PrivateEndpoint(
      `${name}-endpoint`,
      {
        resourceGroupName,
        location,
        privateEndpointName: pulumi.interpolate`pe-${endpointsName}-${groupId}`,
        subnet: { id: this.subnetId },
        privateLinkServiceConnections: [{ name: groupId, privateLinkServiceId: targetId, groupIds: [groupId] }],
      },
      opts,
    );
    const names = new PrivateDnsZoneGroup(
      `${name}-names`,
      {
        resourceGroupName,
        privateEndpointName: endpoint.name,
        privateDnsZoneGroupName: "default",
        privateDnsZoneConfigs: zones.map((zone) => ({ name: zone, privateDnsZoneId: this.zone(zone) })),
      },
      opts,
    );
    return [endpoint, names];
  }

  private declareNetwork(): pulumi.Output<string> {
    const { resourceGroupName, location, networkName, addressSpace } = this.args;
    const network = new VirtualNetwork(
      `${this.childName}-network`,
      {
        resourceGroupName,
        location,
        virtualNetworkName: networkName,
        addressSpace: { addressPrefixes: [addressSpace] },
        subnets: [{ name: "endpoints", addressPrefix: addressSpace, privateEndpointNetworkPolicies: "Disabled" }],
      },
      { parent: this },
    );
    return pulumi.interpolate`${network.id}/subnets/endpoints`;
  }

  private zone(zone: Zone): pulumi.Output<string> {
    const known = this.zones.get(zone);
    if (known) return known;
    const adopted = this.args.dnsZones?.[zone];
    const id = adopted === undefined ? this.declareZone(zone) : pulumi.output(adopted);
    this.zones.set(zone, id);
    return id;
  }

  private declareZone(zone: Zone): pulumi.Output<string> {
    const { resourceGroupName } = this.args;
    const child = { parent: this };
    const made = new PrivateZone(
      `${this.childName}-${zone}-zone`,
      { resourceGroupName, location: "global", privateZoneName: zoneNames[zone] },
      child,
    );
    const link = new VirtualNetworkLink(
      `${this.childName}-${zone}-link`,
      {
        resourceGroupName,
        location: "global",
        privateZoneName: made.name,
        virtualNetworkLinkName: "network",
        virtualNetwork: { id: this.networkId },
        registrationEnabled: false,
      },
      child,
    );
    // Names that lead nowhere yet would be kept as such by those who ask.
    return pulumi.all([made.id, link.id]).apply(([id]) => id);
  }
}
