/** How well the machine, the disk and the broker do. */

/** How much room there is, on `<base>/node/storage`. `full`: nothing is recorded; `low`: soon. */
export interface StorageState {
  readonly state: 'ok' | 'low' | 'full';
  readonly usedBytes: number;
  readonly freeBytes: number;
}
