import { started } from './conformance/fixtures.ts';
import { createMemoryEventBus } from './memory-event-bus.ts';

test('events that beget events without end leave timers their turn', async () => {
  const bus = createMemoryEventBus();
  let calls = 0;
  const subscription = bus.subscribe({ topic: 'job_lifecycle' }, (event) => {
    calls += 1;
    bus.publish({ tenantId: 'acme', event });
  });
  bus.publish({ tenantId: 'acme', event: started() });
  await new Promise((resolve) => setTimeout(resolve, 0));
  subscription.unsubscribe();
  expect(calls).toBeGreaterThan(1);
  await bus.close();
});
