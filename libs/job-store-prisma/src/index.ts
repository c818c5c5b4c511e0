export type { DatabaseOptions } from './database.ts';
export { createPrismaJobStore } from './job-store-prisma.ts';
