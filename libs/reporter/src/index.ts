export { createReporter } from './create-reporter.ts';
export {
  type Loss,
  type ParentOptions,
  type ParentReporter,
  type ProgressReport,
  type Reporter,
  type ReporterCounters,
  ReporterError,
  type ReporterLog,
  type ReporterOptions,
  type StatusReport,
} from './reporter.ts';
export type { FailurePolicy, JobError, PipelineStep, ReportedStatus } from './wire.ts';
