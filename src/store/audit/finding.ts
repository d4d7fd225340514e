/** What `verify` has to say: one finding is one thing that is not as it should be. */

export type FindingKind =
  | 'identity'
  | 'unreadable event'
  | 'left open'
  | 'missing file'
  | 'wrong size'
  | 'wrong content'
  | 'torn segment'
  | 'not conformant'
  | 'playlist'
  | 'stray file'
  | 'edited event'
  | 'chain'
  | 'missing event'
  | 'unfinished deletion'
  | 'ledger'
  | 'index';

export interface Finding {
  readonly kind: FindingKind;
  readonly camera?: string;
  readonly id?: string;
  readonly file?: string;
  /** of a missing event */
  readonly seq?: number;
  /** what was expected and what is there */
  readonly sentence: string;
}

/** What `--repair` can do something about; the rest is lost, was changed by somebody, or was recorded like that. */
const REPAIRABLE: ReadonlySet<FindingKind> = new Set([
  'identity',
  'unreadable event',
  'left open',
  'missing file',
  'wrong size',
  'torn segment',
  'playlist',
  'stray file',
  'unfinished deletion',
  'ledger',
  'index',
]);

export function isRepairable({ kind }: Finding): boolean {
  return REPAIRABLE.has(kind);
}
