import type * as pulumi from "@pulumi/pulumi";
import { ContractError, readPlatform } from "../../contract/index";
import { document } from "./document";

describe("readPlatform", () => {
  test("takes the document as it is, and as JSON text", () => {
    expect(readPlatform(document)).toEqual(document);
    expect(readPlatform(JSON.stringify(document))).toEqual(document);
  });

  test("takes a later minor version, with fields that it does not know", () => {
    const later = { ...document, schemaVersion: "1.7", extra: 1, endpoint: { ...document.endpoint, region: "x" } };
    expect(readPlatform(later).endpoint.scoringUri).toBe(document.endpoint.scoringUri);
  });

  test.each([
    [{ ...document, schemaVersion: "2.0" }, /schemaVersion "2\.0".*knows 1\.x\. Install version 2 of @/],
    [{ ...document, schemaVersion: "0.9" }, /schemaVersion "0\.9".*Update the platform stack/],
    [{ ...document, schemaVersion: undefined }, /has no schemaVersion.*MAJOR\.MINOR/],
    [{ ...document, schemaVersion: 1 }, /has the schemaVersion 1;/],
    [null, /has no schemaVersion/],
    ["{", /is no JSON/],
    [
      { ...document, endpoint: { ...document.endpoint, authMode: "none", traffic: { a: "100" } } },
      /endpoint\.authMode: [\s\S]*endpoint\.traffic\.a: [\s\S]*Compare it with schema\.json/,
    ],
  ])("refuses what it cannot read, with a reason: %#", (source, message) => {
    expect(() => readPlatform(source)).toThrow(ContractError);
    expect(() => readPlatform(source)).toThrow(message);
  });

  describe("of a stack", () => {
    /** A stack reference whose output is known; how the engine reads one is the subject of the end-to-end tests. */
    const stack = (output: unknown) =>
      ({
        getOutput: () => ({ apply: (read: (value: unknown) => unknown) => read(output) }),
        requireOutput: () => undefined,
      }) as unknown as pulumi.StackReference;

    test("is an output of the checked document", () => {
      expect(readPlatform(stack(document))).toEqual(document);
    });

    test("says what is missing, and what is too new", () => {
      expect(() => readPlatform(stack(undefined))).toThrow(/no output "platform".*pulumi up/);
      const next = { ...document, schemaVersion: "2.0" };
      expect(() => readPlatform(stack(next))).toThrow(/Output "platform" of the stack has the schemaVersion "2\.0"/);
    });
  });
});
