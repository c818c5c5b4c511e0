import { jobId, large, progress } from './events.ts';
import type { GatewayScene } from './gateway-scene.ts';
import { pass } from './stopped-time.ts';
import type { StreamClient } from './stream-client.ts';

/** Of which the stream has been told so much that its reader's kernel takes no more; it is not read from. */
const FILLER = jobId(7_001);
/** Of which progress waits in the gateway. */
export const HELD = jobId(7_002);

/** A stream whose reader stands still, with all buffers on the way full. Time has to stand still, too. */
export async function stalledStream(
  scene: GatewayScene,
  headers: Readonly<Record<string, string>> = {},
  owner?: { tenantId: string; userId: string },
): Promise<{ stream: StreamClient; lastVersion: number }> {
  const publish = owner
    ? (...events: Parameters<GatewayScene['publish']>) => scene.publishOf(owner, ...events)
    : scene.publish;
  const stream = await scene.stream('/sse', headers);
  await stream.message('welcome');
  let version = 0;
  const conflated = () => scene.measured('frames_conflated_total');
  for (let seq = 1; !((await conflated()) > 0); seq += 1) {
    const { payload, ...filler } = large(seq);
    publish({ ...filler, payload: { ...payload, job_id: FILLER } } as ReturnType<typeof large>);
    // Two that wait in turn, though the socket had time to take them.
    for (let time = 0; time < 2; time += 1) {
      for (let turn = 0; turn < 20; turn += 1) await pass(10);
      version += 1;
      publish(progress(version, { id: HELD }));
    }
    await pass(200);
  }
  return { stream, lastVersion: version };
}
