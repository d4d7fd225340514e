/** How well the machine, the disk and the broker do. */

/** How much room there is, on `<base>/node/storage`. `full`: nothing is recorded; `low`: soon. */
export interface StorageState {
  readonly state: 'ok' | 'low' | 'full';
  readonly usedBytes: number;
  readonly freeBytes: number;
}

/** For health and the page. */
export interface StorageView extends StorageState {
  readonly maxBytes: number;
  readonly events: number;
}

/** How it stands with the broker, for health and the page. */
export interface BrokerHealth {
  readonly state: 'connected' | 'away' | 'off';
  /** without password */
  readonly url: string;
  readonly reason?: string;
  /** wall time since when it is so */
  readonly sinceMs: number;
  readonly waitingAlerts: number;
  readonly droppedAlerts: number;
  /** what it does not take, as sentences that name the topic and why */
  readonly refusals: readonly string[];
}

/** Not ok is whatever keeps a person from being seen, told of or recorded; `GET /api/v1/health` answers it. */
export interface Health {
  readonly ok: boolean;
  readonly reasons: readonly string[];
  readonly broker: BrokerHealth;
  readonly rssBytes: number;
  /** per camera: share of the pictures that the model was spared, 0…1 */
  readonly inferencesSaved: Readonly<Record<string, number>>;
  readonly storage: StorageView;
}
