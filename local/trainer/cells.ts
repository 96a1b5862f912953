/**
 * What the network answers for one cell, channel by channel: the logit of being an object's centre; a logit for each label,
 * of which softmax makes shares; the box, as offset x, y in cells and logarithm of width, height in cells.
 *
 * One logit for "object" and shares for the labels, rather than a logit for each label, make the labels compete: what is
 * surely a person cannot be food as well.
 */
export interface CellLayout {
  objectness: number;
  labels: number;
  box: number;
  channels: number;
}

export const boxChannels = 4;

export function cellLayout(labels: number): CellLayout {
  return { objectness: 0, labels: 1, box: 1 + labels, channels: 1 + labels + boxChannels };
}
