import { messageOf } from "../errors";
import { retailPrice, retailPricesUrl } from "./retail";
import { tableDate, tablePrice } from "./table";

export interface Price {
  /** USD of a node and hour. */
  perHour: number;
  /** Where it is from: the stack's configuration, Azure's price list, or the built-in table. */
  source: "configuration" | "list" | "table";
  /** Since when it holds: an ISO date, or the table's month; empty for one of the configuration. */
  date: string;
}

export interface PriceSettings {
  region: string;
  /** USD of a node and hour by size, in place of the list price. */
  overrides?: Readonly<Record<string, number>>;
  /** Address of the price list; null asks none. */
  url?: string | null;
}

/** Prices of node sizes: the configuration's, else Azure's list, else the built-in table. */
export class PriceList {
  private readonly known = new Map<string, Promise<Price | undefined>>();
  private readonly overrides: ReadonlyMap<string, number>;
  private failure: string | undefined;

  constructor(private readonly settings: PriceSettings) {
    const entries = Object.entries(settings.overrides ?? {});
    this.overrides = new Map(entries.map(([size, perHour]) => [size.toLowerCase(), perHour]));
  }

  /** Why the price list could not be read; undefined when it could, or was not asked. */
  get problem(): string | undefined {
    return this.failure;
  }

  /** Undefined for a size that no source knows. */
  of(vmSize: string): Promise<Price | undefined> {
    const key = vmSize.toLowerCase();
    let price = this.known.get(key);
    if (!price) this.known.set(key, (price = this.find(vmSize)));
    return price;
  }

  private async find(vmSize: string): Promise<Price | undefined> {
    const override = this.overrides.get(vmSize.toLowerCase());
    if (override !== undefined) return { perHour: override, source: "configuration", date: "" };
    const listed = await this.ask(vmSize);
    if (listed) return { ...listed, source: "list" };
    const perHour = tablePrice(vmSize);
    return perHour === undefined ? undefined : { perHour, source: "table", date: tableDate };
  }

  /** A list that does not answer is asked once. */
  private async ask(vmSize: string) {
    const { region, url = retailPricesUrl } = this.settings;
    if (url === null || this.failure !== undefined) return undefined;
    try {
      return await retailPrice(vmSize, region, url);
    } catch (error) {
      this.failure = messageOf(error);
      return undefined;
    }
  }
}
