import type { Price } from "../prices/list";

export function usd(amount: number): string {
  return `${amount.toFixed(2)} USD`;
}

/** Where a price is from, and its date. */
export function priceNote({ source, date }: Price): string {
  if (source === "configuration") return "price of the stack's configuration";
  return source === "list" ? `Azure's price list, since ${date}` : `built-in table of ${date}`;
}
