import type { Replica } from '../faults/stack/replica.ts';

/** A metric of all these gateways together, whatever its labels. */
export async function sumOfMetric(gateways: readonly Replica[], name: string): Promise<number> {
  const texts = await Promise.all(gateways.map(async ({ url }) => (await fetch(`${url}/metrics`)).text()));
  const samples = texts.flatMap((text) => [
    ...text.matchAll(new RegExp(`^${name}(?:\\{.*\\})? (\\S+)$`, 'gm')),
  ]);
  return samples.reduce((sum, [, value]) => sum + Number(value), 0);
}
