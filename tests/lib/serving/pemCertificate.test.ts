import { endsSoon, readPemCertificate } from "../../../lib/serving/pemCertificate";
import { makeCertificate, type MadeCertificate } from "./certificates";

const host = "detection.example.com";
const now = new Date();

describe("a certificate as PEM", () => {
  let made: MadeCertificate;
  beforeAll(async () => void (made = await makeCertificate(host)));

  const read = (text: string, name = host, at = now) => {
    const answer = readPemCertificate(text, name, at);
    return "problems" in answer ? answer.problems.join("; ") : answer;
  };

  test("is read with its chain and key, whatever comes first", async () => {
    const chain = (await makeCertificate("ca.example.com")).certificate;
    const wanted = { certificate: made.certificate + chain, key: made.key };
    expect(read(made.key + made.certificate + chain)).toMatchObject(wanted);
    expect(read(made.certificate + chain + made.key)).toMatchObject(wanted);
  });

  test.each([
    ["no certificate", () => made.key, /^it has no certificate as PEM$/],
    ["no key", () => made.certificate, /^it has no private key as PEM$/],
    ["nothing", () => "MIIKcAIBAzCC", /^it has no certificate as PEM$/],
    ["an encrypted key", () => made.certificate + made.key.replaceAll("PRIVATE", "ENCRYPTED PRIVATE"), /is encrypted/],
    ["what is no certificate", () => made.key + made.certificate.replace(/\nM.*\n/, "\nAAAA\n"), /cannot be read/],
  ])("is refused with %s", (_what, text, problem) => {
    expect(read(text())).toMatch(problem);
  });

  test("is refused with another one's key, for another host, and out of its time", async () => {
    const other = await makeCertificate(host);
    expect(read(made.certificate + other.key)).toMatch(/private key is not that of the first certificate/);
    expect(read(made.certificate + made.key, "other.example.com")).toMatch(
      /^it is not for other\.example\.com but for DNS:detection\.example\.com$/,
    );
    const years = (count: number) => new Date(now.getTime() + count * 365 * 86_400_000);
    expect(read(made.certificate + made.key, host, years(2))).toMatch(/^it ended on \d{4}-\d\d-\d\d$/);
    expect(read(made.certificate + made.key, host, years(-2))).toMatch(/^it begins on \d{4}-\d\d-\d\d$/);
  });

  test("says that it ends soon, from thirty days on", () => {
    const inDays = (days: number) => ({ ...made, validTo: new Date(now.getTime() + days * 86_400_000 + 1_000) });
    expect(endsSoon(inDays(30), now)).toBeUndefined();
    expect(endsSoon(inDays(12), now)).toMatch(/^ends on \d{4}-\d\d-\d\d, in 12 days$/);
  });
});
