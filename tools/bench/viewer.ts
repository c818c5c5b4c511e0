import { type ParentJobProgress, parentJobProgressEventSchema, type ServerMessage } from '@progeny/contract';
import { WebSocket } from 'ws';

export interface Viewer {
  close(): void;
}

/** One WebSocket client; resolves when the first frame came. `onProgress` gets the clock of the frame's arrival. */
export function openViewer(
  gatewayUrl: string,
  onProgress: (progress: ParentJobProgress, arrivedMs: number) => void,
): Promise<Viewer> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(gatewayUrl);
    socket.once('error', reject);
    socket.on('message', (data) => {
      const arrivedMs = Date.now();
      const message = JSON.parse(String(data)) as ServerMessage;
      if (message.type === 'welcome') {
        // The lives of the children would be most of what comes.
        socket.send(JSON.stringify({ type: 'narrow', payload: { to: 'parents' } }));
        resolve({ close: () => socket.terminate() });
      }
      if (message.type === 'parent_job_progress') {
        onProgress(parentJobProgressEventSchema.parse(message).payload, arrivedMs);
      }
    });
  });
}
