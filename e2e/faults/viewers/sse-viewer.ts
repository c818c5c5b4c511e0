import { setTimeout as delay } from 'node:timers/promises';
import { readServerFrame } from '@progeny/contract/testing';
import { type CatchUp, createCatchUp } from './catch-up.ts';
import {
  createSighting,
  owesToWatcher,
  RECONNECT_AFTER_MS,
  type Viewer,
  type ViewerParts,
} from './viewer.ts';

/** Watches everything over server-sent events. */
export function watchStream({
  name,
  gatewayUrl,
  parts,
}: {
  name: string;
  /** `http://host:port` */
  gatewayUrl: string;
  parts: ViewerParts;
}): Viewer {
  const sighting = createSighting(name, 'watcher', parts, (progress) => catchUp.saw(progress));
  const catchUp: CatchUp = createCatchUp(parts.readProgress, sighting.read);
  const closing = new AbortController();

  const onFrame = (frame: string) => {
    const data = /^data: (.*)$/m.exec(frame)?.[1];
    if (data === undefined) return; // a comment that keeps the stream alive
    const message = readServerFrame(data);
    if (message.type === 'welcome') {
      sighting.connected();
      catchUp.start();
    } else sighting.event(message);
  };
  const readStream = async () => {
    const response = await fetch(`${gatewayUrl}/sse`, { signal: closing.signal });
    let rest = '';
    for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      const frames = `${rest}${chunk}`.split('\n\n');
      rest = frames.pop() ?? '';
      for (const frame of frames) onFrame(frame);
    }
  };
  const watch = async () => {
    while (!closing.signal.aborted) {
      await readStream().catch(() => {}); // the gateway is gone for now
      await delay(RECONNECT_AFTER_MS, undefined, { signal: closing.signal }).catch(() => {});
    }
  };
  void watch();

  return {
    name,
    owes: owesToWatcher(sighting),
    parentCreated: (jobId) => catchUp.know(jobId),
    close() {
      catchUp.stop();
      closing.abort();
    },
  };
}
