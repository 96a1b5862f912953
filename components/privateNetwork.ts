import * as pulumi from "@pulumi/pulumi";
import { PrivateDnsZoneGroup } from "@pulumi/azure-native/network/privateDnsZoneGroup";
import { PrivateEndpoint } from "@pulumi/azure-native/network/privateEndpoint";
import { VirtualNetwork } from "@pulumi/azure-native/network/virtualNetwork";
import { PrivateRecordSet } from "@pulumi/azure-native/privatedns/privateRecordSet";
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
  postgres: { groupId: "postgresqlServer", zones: ["postgres"] },
} as const satisfies Record<string, { groupId: string; zones: readonly Zone[] }>;

export interface PrivateNetworkArgs {
  resourceGroupName: pulumi.Input<string>;
  location: pulumi.Input<string>;
  /** Stem of the endpoints' names, which no other stack of the resource group has. */
  endpointsName: pulumi.Input<string>;
  /** Name of the virtual network, when one is made. */
  networkName: pulumi.Input<string>;
  /** Addresses of private endpoints in the virtual network, when one is made. */
  addressSpace: string;
  /** Subnet that is there already, in place of a network of its own. */
  subnetId?: string;
  /** Container apps in the network: addresses of their subnet where a network is made, else the subnet that is there. */
  apps?: { addressSpace: string; subnetId?: string };
  /** Zones that are there already, and linked to the network; the others are made. */
  dnsZones?: Partial<Record<Zone, string | undefined>>;
}

/** Where the stack's services have private addresses: a subnet, and the DNS zones that lead there. */
export class PrivateNetwork extends pulumi.ComponentResource {
  readonly subnetId: pulumi.Output<string>;
  /** Of container apps, where there are any. */
  readonly appsSubnetId: pulumi.Output<string> | undefined;
  private readonly networkId: pulumi.Output<string>;
  private readonly zones = new Map<Zone, pulumi.Output<string>>();

  constructor(
    private readonly childName: string,
    private readonly args: PrivateNetworkArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("objectdetection:index:PrivateNetwork", childName, {}, opts);
    this.networkId =
      args.subnetId === undefined
        ? this.declareNetwork()
        : pulumi.output(args.subnetId.split("/").slice(0, 9).join("/"));
    this.subnetId = pulumi.output(args.subnetId ?? pulumi.interpolate`${this.networkId}/subnets/endpoints`);
    this.appsSubnetId =
      args.apps && pulumi.output(args.apps.subnetId ?? pulumi.interpolate`${this.networkId}/subnets/apps`);
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
    const { resourceGroupName, location, networkName, addressSpace, apps } = this.args;
    const appsSubnet = apps && {
      name: "apps",
      addressPrefix: apps.addressSpace,
      delegations: [{ name: "container-apps", serviceName: "Microsoft.App/environments" }],
    };
    return new VirtualNetwork(
      `${this.childName}-network`,
      {
        resourceGroupName,
        location,
        virtualNetworkName: networkName,
        addressSpace: { addressPrefixes: [addressSpace, ...(apps ? [apps.addressSpace] : [])] },
        subnets: [
          { name: "endpoints", addressPrefix: addressSpace, privateEndpointNetworkPolicies: "Disabled" },
          ...(appsSubnet ? [appsSubnet] : []),
        ],
      },
      { parent: this },
    ).id;
  }

  /** Gives all names of a domain one private address. */
  resolveAll(name: string, domain: pulumi.Input<string>, address: pulumi.Input<string>): pulumi.Resource {
    const { zone, link } = this.declareZone(name, domain);
    return new PrivateRecordSet(
      `${this.childName}-${name}-names`,
      {
        resourceGroupName: this.args.resourceGroupName,
        privateZoneName: zone.name,
        recordType: "A",
        relativeRecordSetName: "*",
        ttl: 300,
        aRecords: [{ ipv4Address: address }],
      },
      { parent: this, dependsOn: [link] },
    );
  }

  private zone(zone: Zone): pulumi.Output<string> {
    const known = this.zones.get(zone);
    if (known) return known;
    const adopted = this.args.dnsZones?.[zone];
    const id = adopted === undefined ? this.ownZone(zone) : pulumi.output(adopted);
    this.zones.set(zone, id);
    return id;
  }

  private ownZone(zone: Zone): pulumi.Output<string> {
    const made = this.declareZone(zone, zoneNames[zone]);
    // Names that lead nowhere yet would be kept as such by those who ask.
    return pulumi.all([made.zone.id, made.link.id]).apply(([id]) => id);
  }

  private declareZone(name: string, domain: pulumi.Input<string>) {
    const { resourceGroupName } = this.args;
    const child = { parent: this };
    const zone = new PrivateZone(
      `${this.childName}-${name}-zone`,
      { resourceGroupName, location: "global", privateZoneName: domain },
      child,
    );
    const link = new VirtualNetworkLink(
      `${this.childName}-${name}-link`,
      {
        resourceGroupName,
        location: "global",
        privateZoneName: zone.name,
        virtualNetworkLinkName: "network",
        virtualNetwork: { id: this.networkId },
        registrationEnabled: false,
      },
      child,
    );
    return { zone, link };
  }
}
