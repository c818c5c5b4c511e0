import type { EventBus } from '@progeny/event-bus';
import type { Random } from '../random.ts';

/** What happens to each event, at its publisher and again at each of its subscribers. */
export interface Chaos {
  /** Share that is lost. */
  dropped: number;
  /** Share that comes twice. */
  doubled: number;
  /** Each waits for up to this long, and so they overtake one another. */
  delayMaxMs: number;
}

/** The bus with its events disturbed while `chaos` says so. Requests and replies pass: they fail by themselves. */
export function createChaoticBus(
  bus: EventBus,
  { chaos, random }: { chaos: () => Chaos | null; random: Random },
): EventBus {
  const disturb = (act: () => void) => {
    const now = chaos();
    if (now === null) return act();
    if (random.chance(now.dropped)) return;
    for (let times = random.chance(now.doubled) ? 2 : 1; times > 0; times -= 1) {
      setTimeout(act, random.int(0, now.delayMaxMs));
    }
  };
  // Whatever else a bus can do is left as it is.
  return Object.assign(Object.create(bus) as EventBus, {
    publish: ((publication) => disturb(() => bus.publish(publication))) satisfies EventBus['publish'],
    subscribe: ((options, handler) =>
      bus.subscribe(options, (event, delivery) =>
        disturb(() => void handler(event, delivery)),
      )) satisfies EventBus['subscribe'],
  });
}
