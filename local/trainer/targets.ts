import type { Box } from "./types";

/** What the network should answer for a batch, cell by cell. */
export interface Targets {
  /** [batch, cells, cells, 1]: 1 at a centre, falling off around it. */
  heatmap: Float32Array;
  /** [batch, cells, cells, labels]: 1 for the label of the object whose box the cell learns. */
  classes: Float32Array;
  /** [batch, cells, cells, 4]: offset x, y; logarithm of width, height in cells. */
  boxes: Float32Array;
  /** [batch, cells, cells, 1]: weight of a cell in the loss of the boxes. */
  weight: Float32Array;
  objects: number;
}

export function emptyTargets(batch: number, cells: number, labels: number): Targets {
  const positions = batch * cells * cells;
  return {
    heatmap: new Float32Array(positions),
    classes: new Float32Array(positions * labels),
    boxes: new Float32Array(positions * 4),
    weight: new Float32Array(positions),
    objects: 0,
  };
}

/** Deviation of a heatmap's bell in shares of the box's smaller side. */
const bellWidth = 0.14;

/** Sides below this, in cells, count as this: the logarithm of nothing would end the training. */
const smallestSide = 0.05;

/** Writes one object: its bell into the heatmap, and its box into the cells near the centre. */
export function addObject(
  targets: Targets,
  index: number,
  cells: number,
  labels: number,
  label: number,
  box: Box,
): void {
  const width = Math.max(smallestSide, (box.bottomX - box.topX) * cells);
  const height = Math.max(smallestSide, (box.bottomY - box.topY) * cells);
  const [centreX, centreY] = [((box.topX + box.bottomX) / 2) * cells, ((box.topY + box.bottomY) / 2) * cells];
  const [cellX, cellY] = [Math.min(cells - 1, Math.floor(centreX)), Math.min(cells - 1, Math.floor(centreY))];
  const [deviationX, deviationY] = [Math.max(0.4, width * bellWidth), Math.max(0.4, height * bellWidth)];
  const reach = Math.ceil(3 * Math.max(deviationX, deviationY));
  targets.objects++;
  for (let y = Math.max(0, cellY - reach); y <= Math.min(cells - 1, cellY + reach); y++) {
    for (let x = Math.max(0, cellX - reach); x <= Math.min(cells - 1, cellX + reach); x++) {
      const [dx, dy] = [x - cellX, y - cellY];
      const bell = Math.exp(-(dx * dx) / (2 * deviationX * deviationX) - (dy * dy) / (2 * deviationY * deviationY));
      const position = (index * cells + y) * cells + x;
      targets.heatmap[position] = Math.max(targets.heatmap[position], bell);
      // A cell learns the box of the object whose centre is nearest.
      if (Math.abs(dx) > 1 || Math.abs(dy) > 1 || bell <= targets.weight[position]) continue;
      targets.weight[position] = bell;
      targets.classes.fill(0, position * labels, (position + 1) * labels);
      targets.classes[position * labels + label] = 1;
      targets.boxes.set([centreX - x, centreY - y, Math.log(width), Math.log(height)], position * 4);
    }
  }
}
