import fc from "fast-check";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { PriceList } from "../../../lib/prices/list";
import { tablePrice } from "../../../lib/prices/table";
import { worstCaseTraining } from "../../../lib/prices/training";

const size = "Standard_NC24ads_A100_v4";
const item = (retailPrice: number, more: object = {}) => ({
  currencyCode: "USD",
  retailPrice,
  unitPrice: retailPrice,
  armRegionName: "westeurope",
  effectiveStartDate: "2026-03-01T00:00:00Z",
  unitOfMeasure: "1 Hour",
  productName: "Virtual Machines NCADS A100 v4 Series",
  skuName: "NC24ads A100 v4",
  serviceName: "Virtual Machines",
  armSkuName: size,
  type: "Consumption",
  ...more,
});

describe("prices", () => {
  let server: Server;
  let url: string;
  let filters: string[];
  let answers: ((base: string) => { status: number; body?: unknown; location?: string })[];
  beforeEach(async () => {
    filters = [];
    answers = [];
    server = createServer((request, response) => {
      filters.push(new URL(request.url ?? "", url).searchParams.get("$filter") ?? "next page");
      const { status, body, location } = answers.shift()?.(url) ?? { status: 500 };
      response.writeHead(status, { "content-type": "application/json", ...(location ? { location } : {}) });
      response.end(JSON.stringify(body ?? {}));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/retail/prices`;
  });
  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  const list = (more: object = {}) => new PriceList({ region: "West Europe", url, ...more });

  test("are Azure's for Linux, neither spot nor Windows, over all pages, with their date", async () => {
    answers.push(
      (base) => ({
        status: 200,
        body: {
          Items: [
            item(9, { productName: "Virtual Machines NCADS A100 v4 Series Windows" }),
            item(1, { skuName: "NC24ads A100 v4 Spot" }),
            item(2, { skuName: "NC24ads A100 v4 Low Priority" }),
          ],
          NextPageLink: `${base}?page=2`,
        },
      }),
      () => ({ status: 200, body: { Items: [item(4.1), item(4.4, { effectiveStartDate: "2026-05-01T00:00:00Z" })] } }),
    );
    const prices = list();
    expect(await prices.of("STANDARD_NC24ads_A100_v4")).toEqual({ perHour: 4.4, source: "list", date: "2026-05-01" });
    expect(filters).toEqual([
      `serviceName eq 'Virtual Machines' and armRegionName eq 'westeurope' and armSkuName eq '${size}' and priceType eq 'Consumption'`,
      "next page",
    ]);
    await prices.of(size);
    expect(filters).toHaveLength(2);
  });

  test("are the built-in table's where the list does not answer, which is asked no more then", async () => {
    const prices = list();
    expect(await prices.of(size)).toEqual({ perHour: 3.673, source: "table", date: "2026-06" });
    const asked = filters.length;
    expect(asked).toBe(3);
    expect(prices.problem).toMatch(/500/);
    expect(await prices.of("Standard_D4s_v5")).toMatchObject({ perHour: 0.192, source: "table" });
    expect(await prices.of("Standard_Unheard_v9")).toBeUndefined();
    expect(filters).toHaveLength(asked);
  });

  test.each([
    ["an answer of another form", () => ({ status: 200, body: { items: [] } })],
    ["a redirection", () => ({ status: 302, location: "http://127.0.0.1:1/" })],
    ["a refusal", () => ({ status: 400 })],
  ])("are the table's after %s", async (_what, answer) => {
    answers.push(answer);
    expect(await list().of(size)).toMatchObject({ source: "table" });
    expect(filters).toHaveLength(1);
  });

  test("are the configuration's before all others", async () => {
    expect(await list({ overrides: { standard_nc24ads_a100_V4: 2.5 } }).of(size)).toEqual({
      perHour: 2.5,
      source: "configuration",
      date: "",
    });
    expect(filters).toEqual([]);
  });

  test("of a size that Azure does not list there are the table's", async () => {
    answers.push(() => ({ status: 200, body: { Items: [], NextPageLink: null } }));
    const prices = list();
    expect(await prices.of(size)).toMatchObject({ source: "table" });
    expect(prices.problem).toBeUndefined();
  });

  test("a page of another server is not followed", async () => {
    answers.push(() => ({ status: 200, body: { Items: [item(4)], NextPageLink: "http://127.0.0.1:1/next" } }));
    expect(await list().of(size)).toMatchObject({ perHour: 4, source: "list" });
  });
});

describe("the worst case of a training", () => {
  const bounds = { vmSize: size, trials: 2, concurrentTrials: 2, maxNodes: 4, timeoutMinutes: 120 };
  const perHour = tablePrice(size) ?? NaN;

  test("is all its nodes until its timeout", () => {
    expect(worstCaseTraining(bounds, perHour)).toEqual({ usd: 2 * 2 * 3.673, nodes: 2, hours: 2 });
    expect(worstCaseTraining({ ...bounds, timeoutMinutes: null }, perHour).hours).toBe(168);
  });

  test("never falls with more trials, nodes, time or a higher price, and is bounded by each", () => {
    const number = fc.integer({ min: 1, max: 50 });
    fc.assert(
      fc.property(
        number,
        number,
        number,
        number,
        number,
        (trials, concurrentTrials, maxNodes, timeoutMinutes, price) => {
          const given = { vmSize: size, trials, concurrentTrials, maxNodes, timeoutMinutes };
          const { usd, nodes } = worstCaseTraining(given, price);
          expect(nodes).toBeLessThanOrEqual(Math.min(trials, concurrentTrials, maxNodes));
          for (const key of ["trials", "concurrentTrials", "maxNodes", "timeoutMinutes"] as const)
            expect(worstCaseTraining({ ...given, [key]: given[key] + 1 }, price).usd).toBeGreaterThanOrEqual(usd);
          expect(worstCaseTraining(given, price + 1).usd).toBeGreaterThan(usd);
        },
      ),
    );
  });
});
