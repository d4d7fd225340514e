/** Records of the why-log, oldest first → the entries that overlap a span. A loss of the camera is put together here. Pure. */
import type { WhyEntry } from '../messages/why.ts';
import { eventOf, fromMsOf, isoOf, lossOf, toMsOf, type WhyRecords } from './why-record.ts';

export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

export interface Excerpt {
  readonly entries: readonly WhyEntry[];
  /** nothing is known of before this */
  readonly knownSinceMs: number;
  /** the event that was open when the span begins */
  readonly openEvent: string | undefined;
}

export class ExcerptReader {
  readonly #span: Span;
  readonly #records: WhyRecords;
  readonly #entries: WhyEntry[] = [];
  #oldestMs: number | undefined;
  #openEvent: string | undefined;
  /** the camera is away since then; its entry stands where the loss began */
  #loss: { readonly fromMs: number; readonly reason: string; readonly index: number } | undefined;

  constructor(span: Span, records: WhyRecords) {
    this.#span = span;
    this.#records = records;
  }

  add(view: DataView): void {
    const fromMs = fromMsOf(view);
    this.#oldestMs ??= fromMs;
    const loss = lossOf(view);
    if (loss) {
      this.#endLoss(fromMs);
      this.#loss = loss.isBack ? undefined : { fromMs, reason: loss.reason, index: this.#entries.length };
      return;
    }
    const event = fromMs < this.#span.fromMs ? eventOf(view) : undefined;
    if (event) this.#openEvent = event.isOpen ? event.id : undefined;
    if (this.#overlaps({ fromMs, toMs: toMsOf(view) })) this.#entries.push(this.#records.read(view));
  }

  end(nowAtMs: number): { entries: readonly WhyEntry[]; oldestMs: number | undefined; openEvent: string | undefined } {
    this.#endLoss(nowAtMs);
    return { entries: this.#entries, oldestMs: this.#oldestMs, openEvent: this.#openEvent };
  }

  #endLoss(toMs: number): void {
    if (!this.#loss) return;
    const { fromMs, reason, index } = this.#loss;
    if (!this.#overlaps({ fromMs, toMs })) return;
    this.#entries.splice(index, 0, { type: 'away', from: isoOf(fromMs), to: isoOf(Math.max(fromMs, toMs)), reason });
  }

  #overlaps({ fromMs, toMs }: Span): boolean {
    return fromMs <= this.#span.toMs && toMs >= this.#span.fromMs;
  }
}
