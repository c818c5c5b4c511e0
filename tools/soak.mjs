/** `npm run soak`. */
import { handOver } from './prepare/hand-over.mjs';

handOver('tools/soak/main.ts');
