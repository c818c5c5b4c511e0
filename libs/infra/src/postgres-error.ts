export type PostgresErrorCode =
  | 'postgres_not_installed'
  | 'postgres_no_user'
  | 'postgres_wrong_version'
  | 'postgres_start_failed'
  | 'port_taken';

export class PostgresError extends Error {
  readonly code: PostgresErrorCode;

  constructor(code: PostgresErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'PostgresError';
    this.code = code;
  }
}
