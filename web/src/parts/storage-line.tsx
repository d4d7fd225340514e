/** How much is stored: quiet while there is room, loud when there is little or none. */
import { bytesText } from '../core/format.ts';
import { storage } from '../state/health.ts';

export function StorageLine() {
  const { value } = storage;
  if (!value) return null;
  const { state, events, usedBytes, maxBytes, freeBytes } = value;
  const of = maxBytes > 0 ? ` of ${bytesText(maxBytes)}` : `, ${bytesText(freeBytes)} free`;
  const stored = `${events} ${events === 1 ? 'clip' : 'clips'} · ${bytesText(usedBytes)}${of}`;
  const warning = state === 'full' ? 'Disk full, nothing is recorded. ' : state === 'low' ? 'Disk nearly full. ' : '';
  return (
    <p class="storage-line" data-testid="storage" data-state={state} role={state === 'ok' ? undefined : 'status'}>
      {warning}
      {stored}
    </p>
  );
}
