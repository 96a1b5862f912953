import { messageOf } from "../errors";
import { regionSizes } from "./regionSizes";

/** Prints the sizes of a region as JSON: regionSizesMain.ts LOCATION [SUBSCRIPTION] */
const [location = "", subscription] = process.argv.slice(2);

regionSizes(location, subscription).then(
  (sizes) => console.log(JSON.stringify(sizes)),
  (error: unknown) => {
    console.error(messageOf(error));
    process.exit(1);
  },
);
