import { describe, expect, it } from 'vitest';
import { verifyText } from '../../src/commands/verify-text.ts';
import type { Report } from '../../src/store/audit/verify.ts';

const REPORT: Report = {
  events: 2,
  files: 40,
  bytes: 3_400_000,
  isDeep: false,
  id: '0123456789abcdef',
  findings: [],
  chains: new Map([['door', { head: { seq: 5, hash: 'e7'.repeat(32) }, deleted: 3, repaired: 0, unlinked: 1 }]]),
};

describe('the report of verify', () => {
  it('says what was looked at, names the head to keep, and that all is well', () => {
    expect(verifyText(REPORT, undefined)).toBe(
      [
        '2 closed events, 40 files, 3.4 MB: names and sizes compared (--deep reads every byte)',
        `  door: 5 in the chain, head ${'e7'.repeat(32)}, 3 deleted by retention or by hand, 1 from before there was a chain`,
        '',
        'Everything is as it should be.',
      ].join('\n'),
    );
  });

  it('groups what is wrong, says how to mend it, and does not fill the screen', () => {
    const missing = Array.from({ length: 25 }, (_, i) => ({
      kind: 'missing file' as const,
      camera: 'door',
      id: 'X',
      file: `${i}.m4s`,
      sentence: 'is not there',
    }));
    const lines = verifyText(
      { ...REPORT, findings: [...missing, { kind: 'chain', camera: 'door', sentence: 'broken' }] },
      undefined,
    ).split('\n');
    expect(lines).toContain('missing file (25)');
    expect(lines).toContain('  door/X/0.m4s: is not there');
    expect(lines).toContain('  … and 5 more (--json has them all)');
    expect(lines.at(-1)).toBe('lookout verify --repair puts 25 of 26 in order; it deletes no video.');
  });

  it('after a repair says what was done, and what is left', () => {
    const text = verifyText({ ...REPORT, findings: [{ kind: 'wrong content', sentence: 'bad' }] }, ['door/X: described anew']);
    expect(text.split('\n').slice(0, 2)).toEqual(['Repaired:', '  door/X: described anew']);
    expect(text).toContain('What is left cannot be repaired');
  });
});
