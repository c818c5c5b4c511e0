/** `npm run realtime`. */
import { handOver } from './prepare/hand-over.mjs';

handOver('e2e/realtime/main.ts', { generates: true });
