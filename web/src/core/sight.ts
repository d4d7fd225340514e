/**
 * Cameras -> what can be said of who is in view. Nobody is in view only where somebody looks: a camera that is not online, or of which
 * nothing is known yet, is blind, and the page says so in place of a number.
 */
import type { CameraView } from '../../../src/messages/camera.ts';
import { countText, type Place, sinceText } from './format.ts';

export const STATE_TEXT: Record<CameraView['status']['state'], string> = {
  online: 'Online',
  offline: 'Offline',
  degraded: 'Degraded',
  disabled: 'Switched off',
};

/** So many can be named; of more it is told how many they are. */
const NAMED = 2;

export interface Sight {
  /** people in view of the cameras that see */
  readonly people: number;
  /** names of the cameras that see somebody */
  readonly busy: readonly string[];
  readonly seeing: readonly CameraView[];
  readonly blind: readonly CameraView[];
}

export function sightOf(cameras: readonly CameraView[]): Sight {
  const seeing = cameras.filter(({ person }) => person.count !== null);
  const blind = cameras.filter(({ person }) => person.count === null);
  const busy = seeing.filter(({ person }) => (person.count ?? 0) > 0).map(({ name }) => name);
  return { people: seeing.reduce((sum, { person }) => sum + (person.count ?? 0), 0), busy, seeing, blind };
}

/** `2 people in view`, `Nobody in view`, `Nobody in view at door`, `Cannot see: cam is offline since 14:56`. */
export function headline(sight: Sight, nowMs: number, place: Place = {}): string {
  const { people, seeing, blind } = sight;
  if (people > 0) return `${countText(people)} in view`;
  if (seeing.length > 0) return blind.length === 0 ? 'Nobody in view' : `Nobody in view at ${someOf(seeing, blind)}`;
  return blindText(sight, nowMs, place) ?? 'No camera is watched';
}

/** `Cannot see: cam is offline since 14:56`; undefined where every camera sees. */
export function blindText({ blind, seeing }: Sight, nowMs: number, place: Place = {}): string | undefined {
  if (blind.length === 0) return undefined;
  if (blind.length <= NAMED) return `Cannot see: ${blind.map((view) => whyBlind(view, nowMs, place)).join(', ')}`;
  const all = blind.length + seeing.length;
  return `Cannot see: ${all === blind.length ? `all ${all}` : `${blind.length} of ${all}`} cameras`;
}

function whyBlind({ name, status }: CameraView, nowMs: number, place: Place): string {
  if (status.state === 'online') return `${name} has just come`;
  if (status.reason === 'starting') return `${name} is starting`;
  return `${name} is ${STATE_TEXT[status.state].toLowerCase()} since ${sinceText(Date.parse(status.since), nowMs, place)}`;
}

function someOf(seeing: readonly CameraView[], blind: readonly CameraView[]): string {
  if (seeing.length <= NAMED) return seeing.map(({ name }) => name).join(', ');
  return `${seeing.length} of ${seeing.length + blind.length} cameras`;
}
