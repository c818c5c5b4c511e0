import { setTimeout as sleep } from 'node:timers/promises';
import { clockMs } from '../measure/serve-commands.ts';

export interface Pace {
  perJobPerSecond: number;
  seconds: number;
}

/** Sends updates of all jobs, by number, in turn and evenly. Resolves with how many when the next would be due. */
export async function sendEvenly(
  jobs: number,
  { perJobPerSecond, seconds }: Pace,
  send: (number: number) => void,
): Promise<number> {
  const perSecond = perJobPerSecond * jobs;
  const updates = Math.round(perSecond * seconds);
  const fromMs = clockMs();
  for (let sent = 0; sent < updates; ) {
    const due = Math.min(updates, Math.floor(((clockMs() - fromMs) / 1000) * perSecond) + 1);
    for (; sent < due; sent += 1) send(sent % jobs);
    // The cores belong to what is measured.
    if (sent < updates) await sleep(fromMs + (sent / perSecond) * 1000 - clockMs());
  }
  // Without it the gateway would hold back the next of the same job: ten a second are the most.
  await sleep(fromMs + seconds * 1000 - clockMs());
  return updates;
}
