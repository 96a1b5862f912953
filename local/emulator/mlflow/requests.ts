import { invalid } from "./errors";
import { noNumbers, type MetricPoint } from "./runs";

/** The parameters of a request: its query, and its body. */
export type Body = Record<string, unknown>;

const most = 1000;
/** Limits of MLflow. */
export const limits = { key: 250, paramValue: 6000, tagValue: 8000, batchMetrics: 1000, batchPairs: 100 };
/** ACTIVE_ONLY unless another view is asked for. */
export function inView(view: unknown, deleted = false): boolean {
  return view === "ALL" || (view === "DELETED_ONLY") === deleted;
}

export function page<T>(all: readonly T[], body: Body): { items: T[]; next: { next_page_token?: string } } {
  const whole = (key: string, otherwise: number, least: number) => {
    const value = Number(body[key] || otherwise);
    if (Number.isInteger(value) && value >= least) return value;
    throw invalid(`'${String(body[key])}' is no ${key}: a whole number of at least ${least} is wanted.`);
  };
  const skip = whole("page_token", 0, 0);
  const end = skip + Math.min(most, whole("max_results", most, 1));
  return { items: all.slice(skip, end), next: end < all.length ? { next_page_token: String(end) } : {} };
}

export function pairs(values: Record<string, string>): { key: string; value: string }[] {
  return Object.entries(values).map(([key, value]) => ({ key, value }));
}

export function text(body: Body, key: string, otherwise?: unknown): string {
  const value = body[key] ?? otherwise;
  if (typeof value !== "string" || value === "") throw invalid(`Missing value for required parameter '${key}'.`);
  return value;
}

export function optional(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

export function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Keys and values of params or tags. */
export function checkedPairs(value: unknown, longest: number): Record<string, string> {
  return Object.fromEntries(
    list(value).map((pair) => {
      const key = keyOf(pair as Body);
      const text = String(((pair as Body).value as string | number | boolean | undefined) ?? "");
      if (text.length > longest)
        throw invalid(`The value of '${key}' has ${text.length} characters; at most ${longest} are allowed.`);
      return [key, text];
    }),
  );
}

function keyOf(body: Body): string {
  const key = text(body, "key");
  if (key.length > limits.key)
    throw invalid(`The key '${key.slice(0, 40)}...' has ${key.length} characters; at most ${limits.key} are allowed.`);
  return key;
}

export function point(value: unknown, now: number): MetricPoint {
  const body = value as Body;
  const key = keyOf(body);
  const { value: number } = body;
  const noNumber = noNumbers.find((word) => word === number);
  if (noNumber === undefined && !Number.isFinite(number))
    throw invalid(`The value of metric '${key}' is no number; ${noNumbers.join(", ")} are written as text.`);
  const [timestamp, step] = [Number(body.timestamp ?? now), Number(body.step ?? 0)];
  if (![timestamp, step].every(Number.isFinite)) throw invalid(`The time or step of metric '${key}' is no number.`);
  return { key, value: noNumber ?? (number as number), timestamp, step };
}
