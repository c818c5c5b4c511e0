/** The options of a worker are not usable; the message names each fault. */
export class WorkerOptionsError extends Error {
  readonly code = 'invalid_options';

  constructor(faults: readonly string[]) {
    super(faults.join('; '));
    this.name = 'WorkerOptionsError';
  }
}
