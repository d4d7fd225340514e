/** The report of `verify` → lines for a person: what was looked at, the heads of the chains, what is wrong. Pure. */
import { type Finding, isRepairable } from '../store/audit/finding.ts';
import type { Report } from '../store/audit/verify.ts';
import { sizeText } from './storage-text.ts';

/** Of one kind; `--json` has them all. */
const SHOWN_PER_KIND = 20;

export function verifyText(report: Report, repaired: readonly string[] | undefined): string {
  const { events, files, bytes, isDeep, findings } = report;
  const lines = [
    ...(repaired === undefined
      ? []
      : ['Repaired:', ...(repaired.length > 0 ? repaired : ['nothing']).map((what) => `  ${what}`), '']),
    `${events} closed ${events === 1 ? 'event' : 'events'}, ${files} files, ${sizeText(bytes)}: ${isDeep ? 'every byte read' : 'names and sizes compared (--deep reads every byte)'}`,
    ...chainLines(report),
    '',
  ];
  if (findings.length === 0) return [...lines, 'Everything is as it should be.'].join('\n');
  const kinds = [...new Set(findings.map(({ kind }) => kind))];
  for (const kind of kinds) lines.push(...kindLines(findings.filter((finding) => finding.kind === kind)), '');
  return [...lines, cure(findings, repaired !== undefined)].join('\n');
}

function chainLines({ chains }: Report): string[] {
  return [...chains].map(([camera, { head, deleted, repaired, unlinked }]) => {
    const more = [
      ...(deleted > 0 ? [`${deleted} deleted by retention or by hand`] : []),
      ...(repaired > 0 ? [`${repaired} repaired`] : []),
      ...(unlinked > 0 ? [`${unlinked} from before there was a chain`] : []),
    ];
    return `  ${camera}: ${head.seq} in the chain, head ${head.hash}${more.map((text) => `, ${text}`).join('')}`;
  });
}

function kindLines(findings: readonly Finding[]): string[] {
  const [first] = findings;
  if (!first) return [];
  const shown = findings.slice(0, SHOWN_PER_KIND).map((finding) => `  ${placeOf(finding)}${finding.sentence}`);
  const rest = findings.length - shown.length;
  return [`${first.kind} (${findings.length})`, ...shown, ...(rest > 0 ? [`  … and ${rest} more (--json has them all)`] : [])];
}

function placeOf({ camera, id, file }: Finding): string {
  const place = [camera, id, file].filter((part) => part !== undefined).join('/');
  return place === '' ? '' : `${place}: `;
}

function cure(findings: readonly Finding[], wasRepaired: boolean): string {
  const repairable = findings.filter(isRepairable).length;
  if (wasRepaired) return 'What is left cannot be repaired: restore it from a copy, or leave it as evidence that it was changed.';
  if (repairable === 0) return 'None of it can be repaired: it was changed, is lost, or was recorded like that.';
  return `lookout verify --repair puts ${repairable} of ${findings.length} in order; it deletes no video.`;
}
