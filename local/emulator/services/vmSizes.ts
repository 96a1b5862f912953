/** A size of virtual machines. */
export interface VmSize {
  name: string;
  vCpus: number;
  memoryGb: number;
  gpus: number;
  /** What Compute counts it to. */
  family: string;
  /** What Azure ML counts it to. */
  mlFamily: string;
}

interface Series {
  family: string;
  mlFamily: string;
  gpus?: boolean;
  /** `name:vCPUs:GiB[:GPUs]` */
  sizes: string;
}

function series(family: string, mlFamily: string, sizes: string): Series {
  return { family, mlFamily, sizes };
}

/** Sizes `Standard_PREFIXnSUFFIX` with memory in proportion to their cores. */
function proportional(family: string, mlFamily: string, name: string, memoryPerCore: number, cores: string): Series {
  const sizes = cores.split(" ").map((n) => `${name.replace("#", n)}:${n}:${Number(n) * memoryPerCore}`);
  return series(family, mlFamily, sizes.join(" "));
}

const general = "2 4 8 16 32 48 64";

/** Sizes in use for training and inference: https://learn.microsoft.com/azure/virtual-machines/sizes/overview */
const catalog: readonly Series[] = [
  series(
    "standardDSv2Family",
    "Standard DSv2 Family Cluster Dedicated vCPUs",
    "DS1_v2:1:3.5 DS2_v2:2:7 DS3_v2:4:14 DS4_v2:8:28 DS5_v2:16:56 DS11_v2:2:14 DS12_v2:4:28 DS13_v2:8:56 DS14_v2:16:112",
  ),
  series(
    "standardDv2Family",
    "Standard Dv2 Family Cluster Dedicated vCPUs",
    "D1_v2:1:3.5 D2_v2:2:7 D3_v2:4:14 D4_v2:8:28 D5_v2:16:56 D11_v2:2:14 D12_v2:4:28 D13_v2:8:56 D14_v2:16:112",
  ),
  series("standardBSFamily", "Standard BS Family Cluster Dedicated vCPUs", "B2s:2:4 B2ms:2:8 B4ms:4:16 B8ms:8:32"),
  proportional("standardDSv3Family", "Standard DSv3 Family Cluster Dedicated vCPUs", "D#s_v3", 4, general),
  proportional("standardDv3Family", "Standard Dv3 Family Cluster Dedicated vCPUs", "D#_v3", 4, general),
  proportional("standardDSv4Family", "Standard DSv4 Family Cluster Dedicated vCPUs", "D#s_v4", 4, general),
  proportional("standardDSv5Family", "Standard DSv5 Family Cluster Dedicated vCPUs", "D#s_v5", 4, `${general} 96`),
  proportional("standardDDSv4Family", "Standard DDSv4 Family Cluster Dedicated vCPUs", "D#ds_v4", 4, general),
  proportional("standardDDSv5Family", "Standard DDSv5 Family Cluster Dedicated vCPUs", "D#ds_v5", 4, `${general} 96`),
  proportional("standardDASv5Family", "Standard DASv5 Family Cluster Dedicated vCPUs", "D#as_v5", 4, `${general} 96`),
  proportional(
    "standardDADSv5Family",
    "Standard DADSv5 Family Cluster Dedicated vCPUs",
    "D#ads_v5",
    4,
    `${general} 96`,
  ),
  proportional("standardESv3Family", "Standard ESv3 Family Cluster Dedicated vCPUs", "E#s_v3", 8, general),
  proportional("standardESv5Family", "Standard ESv5 Family Cluster Dedicated vCPUs", "E#s_v5", 8, general),
  proportional("standardFSv2Family", "Standard FSv2 Family Cluster Dedicated vCPUs", "F#s_v2", 2, `${general} 72`),
  series(
    "Standard NCASv3_T4 Family",
    "Standard NCASv3_T4 Family Cluster Dedicated vCPUs",
    "NC4as_T4_v3:4:28:1 NC8as_T4_v3:8:56:1 NC16as_T4_v3:16:110:1 NC64as_T4_v3:64:440:4",
  ),
  series(
    "StandardNCADSA100v4Family",
    "Standard NCADSA100v4 Family Cluster Dedicated vCPUs",
    "NC24ads_A100_v4:24:220:1 NC48ads_A100_v4:48:440:2 NC96ads_A100_v4:96:880:4",
  ),
  series(
    "StandardNCadsH100v5Family",
    "Standard NCadsH100v5 Family Cluster Dedicated vCPUs",
    "NC40ads_H100_v5:40:320:1 NC80adis_H100_v5:80:640:2",
  ),
  series(
    "standardNDASv4_A100Family",
    "Standard NDASv4_A100 Family Cluster Dedicated vCPUs",
    "ND96asr_v4:96:900:8 ND96amsr_A100_v4:96:1900:8",
  ),
  series("standardNDSH100v5Family", "Standard NDSH100v5 Family Cluster Dedicated vCPUs", "ND96isr_H100_v5:96:1900:8"),
  series(
    "StandardNVADSA10v5Family",
    "Standard NVADSA10v5 Family Cluster Dedicated vCPUs",
    "NV6ads_A10_v5:6:55:0 NV12ads_A10_v5:12:110:0 NV18ads_A10_v5:18:220:0 NV36ads_A10_v5:36:440:1 NV72ads_A10_v5:72:880:2",
  ),
];

export const vmSizes: readonly VmSize[] = catalog.flatMap(({ family, mlFamily, sizes }) =>
  sizes.split(" ").map((text) => {
    const [name = "", vCpus, memoryGb, gpus = "0"] = text.split(":");
    return {
      name: `Standard_${name}`,
      vCpus: Number(vCpus),
      memoryGb: Number(memoryGb),
      gpus: Number(gpus),
      family,
      mlFamily,
    };
  }),
);

const byName = new Map(vmSizes.map((size) => [size.name.toLowerCase(), size]));

/** A size by its name; of one that is not in the catalog, what its name says. */
export function vmSizeOf(name: string): VmSize {
  const known = byName.get(name.toLowerCase());
  if (known) return known;
  const [, letters = "", cores = "1", rest = ""] = /^standard_([a-z]+)(\d+)(\w*)$/i.exec(name) ?? [];
  const stem = `${letters.toUpperCase()}${rest.replaceAll("_", "")}`;
  return {
    name,
    vCpus: Number(cores),
    memoryGb: Number(cores) * 4,
    gpus: 0,
    family: `standard${stem}Family`,
    mlFamily: `Standard ${stem} Family Cluster Dedicated vCPUs`,
  };
}
