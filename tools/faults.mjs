/** `npm run faults`. */
import { handOver } from './prepare/hand-over.mjs';

handOver('e2e/faults/main.ts', { generates: true });
