/**
 * Kinds of failure: the user can fix it (UserError, exit 2, no stack), time may fix it (RetryableError), what was checked is not
 * good enough (CheckFailed, exit 1, no stack); everything else is a bug (stack, exit 1).
 */

/** The user can fix this. The message quotes the offending value; the hint says what to do. */
export class UserError extends Error {
  override readonly name: string = 'UserError';
  readonly hint: string;

  constructor(message: string, options: { hint: string; cause?: unknown }) {
    super(message, { cause: options.cause });
    this.hint = options.hint;
  }
}

/** A camera away, a broker down, an ffmpeg that died: the owner's retry loop tries again. */
export class RetryableError extends Error {
  override readonly name = 'RetryableError';
  readonly hint: string | undefined;
  /** how long the loop has to wait; undefined: as its back-off says */
  readonly waitMs: number | undefined;

  constructor(message: string, options: { hint?: string | undefined; cause?: unknown; waitMs?: number } = {}) {
    super(message, { cause: options.cause });
    this.hint = options.hint;
    this.waitMs = options.waitMs;
  }
}

/** Nothing is broken: the answer to a check is no, and the message says what was missed. */
export class CheckFailed extends Error {
  override readonly name = 'CheckFailed';
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** `code` of a Node system error (ENOENT, EADDRINUSE, …), if it has one. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
