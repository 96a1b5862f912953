import { gpuSizes } from "../../../lib/azure/machineSizes";
import { allocatable, fitProblems } from "../../../lib/serving/nodeFit";

describe("what a node has for containers", () => {
  // Azure's own worked example: 8 GB and 30 pods leave 7.25 GB; here 110 pods, and a GiB for agents.
  test("is less than the node has, and grows with it", () => {
    for (const size of gpuSizes) {
      const free = allocatable(size);
      expect(free.cpu).toBeLessThan(size.cores);
      expect(free.cpu).toBeGreaterThan(size.cores - 2);
      expect(free.memoryGb).toBeLessThan(size.memoryGiB - 1);
      expect(free.memoryGb).toBeGreaterThan(size.memoryGiB * 0.75 - 1.2);
      expect(free.gpu).toBe(size.gpus);
    }
  });
});

describe("a replica", () => {
  const wanted = { cpu: 1, memoryGb: 50, gpu: 1 };
  const notAsked = () => {
    throw new Error("the region is asked although all fits");
  };

  test.each([
    ["Standard_NC16as_T4_v3", wanted],
    ["STANDARD_NC8AS_T4_V3", wanted],
    ["Standard_Unknown_v9", { cpu: 999, memoryGb: 9999, gpu: 99 }],
  ])("fits %s", (size, replica) => expect(fitProblems(size, replica, notAsked)).toEqual([]));

  test("of 50 GiB does not fit a node of 28, and is told the smallest size that carries it", () => {
    expect(fitProblems("Standard_NC4as_T4_v3", wanted, () => undefined)).toEqual([
      'serving.memoryGb is 50, and a node of size "Standard_NC4as_T4_v3" has 24.8 GiB of memory for a replica. ' +
        'The smallest size that carries it is "Standard_NC8as_T4_v3": set serving.vmSize to that, or ask for less.',
    ]);
  });

  test("that asks for too much of several is told each, and that no size has so much", () => {
    const problems = fitProblems("Standard_NC4as_T4_v3", { cpu: 4, memoryGb: 5000, gpu: 2 }, () => undefined);
    expect(problems.map((line) => line.split(" ")[0])).toEqual(["serving.cpu", "serving.memoryGb", "serving.gpu"]);
    expect(problems[0]).toContain("No size with GPUs carries it: ask for less.");
  });

  test("is told the smallest of the region, when the region tells", () => {
    const sizes = [
      { name: "Standard_NC8x", cores: 8, memoryGiB: 48, gpus: 1 },
      { name: "Standard_NC12x", cores: 12, memoryGiB: 72, gpus: 1 },
    ];
    const problem = (memoryGb: number) =>
      fitProblems("Standard_NC4as_T4_v3", { ...wanted, memoryGb }, () => ({ region: "westeurope", sizes }))[0];
    expect(problem(50)).toContain('The smallest size in westeurope that carries it is "Standard_NC12x"');
    expect(problem(90)).toContain("No size with GPUs in westeurope carries it");
  });
});
