import { cellLayout } from "../../../local/trainer/cells";
import { decodeCells } from "../../../local/trainer/decode";

const cells = 5;

/** An answer without any object, in which the given cells are changed. */
function answer(labels: number, ...objects: { x: number; y: number; logit: number; labelLogits: number[] }[]) {
  const layout = cellLayout(labels);
  const output = new Float32Array(cells * cells * layout.channels);
  for (let cell = 0; cell < cells * cells; cell++) output[cell * layout.channels] = -9;
  for (const { x, y, logit, labelLogits } of objects) {
    // The middle of the cell, two cells wide and high.
    output.set(
      [logit, ...labelLogits, 0.5, 0.5, Math.log(2), Math.log(2)],
      (y * cells + x) * layout.channels + layout.objectness,
    );
  }
  return output;
}

const decode = (output: Float32Array, labels: number, threshold = 0.3) =>
  decodeCells(output, 0, cells, labels, threshold, 0.5);

describe("decoding", () => {
  test("a peak is one box of its most likely label, scored by objectness and share", () => {
    const [box, ...rest] = decode(answer(3, { x: 2, y: 1, logit: 3, labelLogits: [0, 2, 0] }), 3);
    expect(rest).toEqual([]);
    expect(box).toMatchObject({ label: 1 });
    expect(box.score).toBeCloseTo((1 / (1 + Math.exp(-3))) * (Math.exp(2) / (2 + Math.exp(2))), 5);
    expect([box.topX, box.topY, box.bottomX, box.bottomY].map((side) => side * cells)).toEqual([
      expect.closeTo(1.5, 4),
      expect.closeTo(0.5, 4),
      expect.closeTo(3.5, 4),
      expect.closeTo(2.5, 4),
    ]);
  });

  test.each([
    ["below the threshold", [-2], [5, 0, 0]],
    ["whose label is a guess", [9], [0.1, 0, 0]],
  ])("an object %s is no detection", (_what, [logit], labelLogits) => {
    expect(decode(answer(3, { x: 2, y: 2, logit, labelLogits }), 3)).toEqual([]);
  });

  test("a lower neighbour of a peak is no object of its own", () => {
    const [peak, neighbour] = [
      { x: 1, y: 1, logit: 3, labelLogits: [5, 0] },
      { x: 2, y: 2, logit: 2, labelLogits: [0, 5] },
    ];
    expect(decode(answer(2, peak, neighbour), 2)).toHaveLength(1);
    expect(decode(answer(2, peak, { ...neighbour, x: 4, y: 4 }), 2)).toHaveLength(2);
  });

  test("a model of one label needs no certainty", () => {
    expect(decode(answer(1, { x: 2, y: 2, logit: 1, labelLogits: [-4] }), 1)).toMatchObject([{ label: 0 }]);
  });
});
