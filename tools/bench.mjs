/** `npm run bench`. */
import { handOver } from './prepare/hand-over.mjs';

handOver('tools/bench/main.ts');
