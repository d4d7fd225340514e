/** Sizes and limits of what is stored → words for a person. Pure. */
import type { Limits } from '../store/retention/retention.ts';

/** `events stay for 7 days, up to 10 GB, while 5 % of the disk is free; then the oldest go`. */
export function keepingSentence({ keepDays, maxBytes, minFreePercent, whenFull }: Omit<Limits, 'cameras'>): string {
  const parts = [
    keepDays > 0 ? `for ${keepDays} ${keepDays === 1 ? 'day' : 'days'}` : 'however old',
    ...(maxBytes > 0 ? [`up to ${sizeText(maxBytes)}`] : []),
    ...(minFreePercent > 0 ? [`while ${minFreePercent} % of the disk is free`] : []),
  ];
  return `events stay ${parts.join(', ')}; then ${whenFull === 'stop' ? 'nothing more is recorded' : 'the oldest go'}`;
}

/** `1.4 GB`, in powers of 1000 as disks are sold. */
export function sizeText(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, bytes)) / 3)));
  const value = bytes / 1000 ** power;
  return `${value >= 100 || power === 0 ? Math.round(value) : Math.round(value * 10) / 10} ${units[power]}`;
}
