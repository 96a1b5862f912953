import fc from "fast-check";
import type { Id } from "../../../lib/coco/instances/ids";
import { partOf, split, type Part } from "../../../lib/coco/split";
import { dogs, Workbench } from "./converting";

type Labeled = { id: Id; classes: string[] }[];

function partsOf(images: Labeled, seed: number, fraction = 0.2): Map<Id, Part> {
  const parts = split({ ids: images.map(({ id }) => id), classesOf: (index) => images[index].classes }, seed, fraction);
  return new Map(images.map(({ id }, index) => [id, parts[index]]));
}

const seed = fc.nat();
const id = fc.oneof(fc.nat(), fc.bigInt({ min: 2n ** 53n, max: 2n ** 70n }), fc.uuid());
const classNames = ["bird", "cat", "dog", "eel"];
const images = (constraints: fc.UniqueArrayConstraintsRecommended<Labeled[number], Id>) =>
  fc.uniqueArray(fc.record({ id, classes: fc.subarray(classNames, { minLength: 1 }) }), {
    selector: (image) => image.id,
    ...constraints,
  });

describe("the split", () => {
  test("depends on the image's id and the seed alone, in whatever order images come", () => {
    fc.assert(
      fc.property(images({ minLength: 1 }), seed, (all, chosenSeed) => {
        const parts = partsOf(all, chosenSeed);
        expect(partsOf([...all].reverse(), chosenSeed)).toEqual(new Map([...parts].reverse()));
      }),
    );
  });

  test("without rare classes, adding images moves no other one", () => {
    const plain = images({ minLength: 2 }).map((all) => all.map((image) => ({ ...image, classes: [] })));
    fc.assert(
      fc.property(plain, seed, fc.double({ min: 0.01, max: 0.99, noNaN: true }), (all, chosenSeed, fraction) => {
        const parts = partsOf(all, chosenSeed, fraction);
        for (const [one, part] of partsOf(all.slice(1), chosenSeed, fraction)) expect(parts.get(one)).toBe(part);
        for (const [one, part] of parts) expect(part).toBe(partOf(one, chosenSeed, fraction));
      }),
    );
  });

  test("of 1000 images in common classes, any half is split as all are", () => {
    const all: Labeled = Array.from({ length: 1000 }, (_, index) => ({ id: index, classes: [classNames[index % 3]] }));
    fc.assert(
      fc.property(seed, fc.integer({ min: 2, max: 5 }), (chosenSeed, share) => {
        const parts = partsOf(all, chosenSeed);
        const fewer = all.filter(({ id: one }) => Number(one) % share === 0);
        for (const [one, part] of partsOf(fewer, chosenSeed)) expect(parts.get(one)).toBe(part);
      }),
      { numRuns: 30 },
    );
  });

  test("a class of five images or more is in both parts, whatever classes it shares images with", () => {
    fc.assert(
      fc.property(
        images({ minLength: 5, maxLength: 25 }),
        seed,
        fc.constantFrom(0.05, 0.2, 0.5),
        (all, chosenSeed, fraction) => {
          const parts = partsOf(all, chosenSeed, fraction);
          for (const name of classNames) {
            const holders = all.filter(({ classes }) => classes.includes(name));
            if (holders.length >= 5) expect(new Set(holders.map(({ id: one }) => parts.get(one))).size).toBe(2);
          }
        },
      ),
      { numRuns: 1000 },
    );
  });

  test("moves as few images as there are classes to mend", () => {
    fc.assert(
      fc.property(images({ minLength: 5, maxLength: 25 }), seed, (all, chosenSeed) => {
        const parts = partsOf(all, chosenSeed);
        const moved = all.filter(({ id: one }) => parts.get(one) !== partOf(one, chosenSeed, 0.2));
        const missing = classNames.filter((name) => {
          const holders = all.filter(({ classes }) => classes.includes(name));
          return new Set(holders.map(({ id: one }) => partOf(one, chosenSeed, 0.2))).size === 1 && holders.length >= 5;
        });
        expect(moved.length).toBeLessThanOrEqual(missing.length);
      }),
    );
  });

  test("writes each image to one part", async () => {
    const bench = await Workbench.open();
    try {
      const many = Array.from({ length: 60 }, (_, index) => ({
        id: index,
        file_name: `${index}.jpg`,
        width: 9,
        height: 9,
      }));
      const boxes = many.map((image) => ({ image_id: image.id, bbox: [1, 1, 2, 2] }));
      await bench.convert(dogs(boxes, { images: many }), { validationFraction: 0.3 });
      const [train, validation] = await Promise.all([bench.lines("train"), bench.lines("validation")]);
      const urls = [...train, ...validation].map(({ image_url }) => image_url);
      expect(new Set(urls).size).toBe(60);
      expect(urls).toHaveLength(60);
      expect(validation.map(({ image_url }) => image_url)).toEqual(
        many
          .filter((image) => partOf(image.id, 7, 0.3) === "validation")
          .map(({ file_name }) => `azureml://x/${file_name}`),
      );
    } finally {
      await bench.close();
    }
  });
});
