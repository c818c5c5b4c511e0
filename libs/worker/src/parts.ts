/** For services of this workspace, which have a bus of their own. Not published. */
export { createWorkerOn, type WorkerParts } from './create-worker-on.ts';
export { createManagerHttp, type ManagerHttp } from './manager/manager-http.ts';
export type { Outcome } from './pool/run-job.ts';
export { fitText, jsonBytes, REPORT_MAX_BYTES } from './report/report-size.ts';
