/** How the recorder does: its room on the disk, and what troubles it. */
import { signal } from '@preact/signals';
import type { Health } from '../../../src/messages/health.ts';
import { ApiError, fetchHealth } from '../api.ts';
import { connection, reconnect } from './connection.ts';

const EVERY_MS = 30_000;

export const storage = signal<Health['storage'] | undefined>(undefined);
export const troubles = signal<readonly string[]>([]);

export async function refreshHealth(): Promise<void> {
  try {
    const { ok, reasons, storage: room } = await fetchHealth();
    storage.value = room;
    troubles.value = ok ? [] : reasons;
  } catch (error) {
    if (error instanceof ApiError) troubles.value = [error.message];
    else if (connection.value === 'open') reconnect();
  }
}

export function startHealth(): void {
  setInterval(() => void (connection.value === 'open' && refreshHealth()), EVERY_MS);
}
