/** The types of rooms.mjs, which is JavaScript because the linter loads it as it is. */
export interface Floor {
  readonly floor: string;
  /** Room -> what it is for. */
  readonly rooms: Readonly<Record<string, string>>;
}

export const FLOORS: readonly Floor[];
export const PACKAGES: Readonly<Record<string, readonly string[]>>;
export const FLOOR_OF: ReadonlyMap<string, number>;
export function roomOf(path: string): string | undefined;
export function mayImport(from: string, to: string): boolean;
export function complaintAboutPlace(path: string): string | undefined;
export function complaint(path: string, specifier: string): string | undefined;
