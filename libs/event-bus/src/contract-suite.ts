import { describeBadInput } from './conformance/bad-input.ts';
import { describeClosing } from './conformance/closing.ts';
import { describeDelivery } from './conformance/delivery.ts';
import { describeFamilies } from './conformance/families.ts';
import { describeHandlers } from './conformance/handlers.ts';
import { type BusFeatures, type BusHarness, setUpBroker } from './conformance/harness.ts';
import { describeRequests } from './conformance/requests.ts';
import { describeRestarting } from './conformance/restarting.ts';

export type { BusFeatures, BusHarness };

/** What every event bus has to do; each implementation calls this with a harness of its own. */
export function describeEventBusContract(
  name: string,
  createHarness: () => Promise<BusHarness>,
  features: BusFeatures,
): void {
  describe(`${name} is an event bus`, () => {
    const context = setUpBroker(createHarness);
    describeDelivery(context);
    describeFamilies(context);
    describeHandlers(context);
    describeBadInput(context);
    describeRequests(context);
    describeClosing(context);
    if (features.restart) describeRestarting(context);
  });
}
