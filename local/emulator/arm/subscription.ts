import { ArmError, type Cloud } from "../contracts";

/** @throws ArmError for anything but the one subscription of this cloud */
export function checkSubscription(id: string, { subscriptionId }: Cloud): void {
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id)) {
    throw new ArmError(
      400,
      "InvalidSubscriptionId",
      `The provided subscription identifier '${id}' is malformed or invalid.`,
    );
  }
  if (id.toLowerCase() !== subscriptionId) {
    throw new ArmError(
      404,
      "SubscriptionNotFound",
      `The subscription '${id}' could not be found. The local cloud has '${subscriptionId}'.`,
    );
  }
}
