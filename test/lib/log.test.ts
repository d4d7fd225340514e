import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { packagePath } from '../../src/lib/package-root.ts';

const exec = promisify(execFile);

/** What a program that logs leaves on its two outputs. */
async function logOf(level: string, statements: string): Promise<{ stdout: string; lines: Record<string, unknown>[] }> {
  const program = [
    `import { createLogger } from ${JSON.stringify(packagePath('src/lib/log.ts'))};`,
    `import { registerSecret } from ${JSON.stringify(packagePath('src/lib/secrets.ts'))};`,
    `const log = createLogger(${JSON.stringify(level)});`,
    statements,
  ].join('\n');
  const { stdout, stderr } = await exec(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program]);
  return {
    stdout,
    lines: stderr
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Record<string, unknown>),
  };
}

describe('createLogger', () => {
  it('writes JSON lines to stderr, from its level upwards, and nothing to stdout', async () => {
    const { stdout, lines } = await logOf(
      'info',
      "log.debug('no'); log.info({ camera: 'front' }, 'camera online'); log.error('broken');",
    );
    expect(stdout).toBe('');
    expect(lines.map(({ msg, camera }) => ({ msg, camera }))).toEqual([
      { msg: 'camera online', camera: 'front' },
      { msg: 'broken', camera: undefined },
    ]);
  });

  it('masks secrets wherever they stand in a line', async () => {
    const statements = `registerSecret('hunter22');
      log.warn({ url: 'rtsp://a:b@cam/x', deep: { argv: ['--x', 'hunter22'] } }, 'tried hunter22');
      log.error(new Error('no entry with hunter22'));`;
    const { lines } = await logOf('info', statements);
    expect(lines[0]).toMatchObject({ url: 'rtsp://***@cam/x', deep: { argv: ['--x', '***'] }, msg: 'tried ***' });
    expect(JSON.stringify(lines)).not.toContain('hunter22');
  });

  it('masks values and never keys, and leaves the words of a sentence alone where a password is one of them', async () => {
    const statements = `for (const word of ['camera', 'msg', 'level', 'time', 'cam', 'password']) registerSecret(word);
      log.child({ camera: 'front' }).warn({ url: 'rtsp://a:camera@cam/x', said: 'no camera here', cam: { time: 1, level: ['msg'] },
        cure: 'put the right ones into the address: rtsp://user:password@camera/…' }, 'camera online: rtsp://a:camera@b/');`;
    const { lines } = await logOf('info', statements);
    expect(lines).toMatchObject([
      {
        level: 40,
        time: expect.stringMatching(/^\d{4}-/) as string,
        camera: 'front',
        url: 'rtsp://***@***/x',
        said: 'no *** here',
        cam: { time: 1, level: ['***'] },
        cure: 'put the right ones into the address: rtsp://user:password@camera/…',
        msg: 'camera online: rtsp://***@b/',
      },
    ]);
  });

  it('masks a secret that JSON writes in another way', async () => {
    const secret = 'qu"ote\\back\tslash';
    const { lines } = await logOf(
      'info',
      `const s = ${JSON.stringify(secret)}; registerSecret(s); log.info({ argv: [s] }, 'with ' + s);`,
    );
    expect(lines).toMatchObject([{ argv: ['***'], msg: 'with ***' }]);
  });

  it('has written every line by the time the program is gone', async () => {
    const { lines } = await logOf('info', "log.info('last words'); process.exit(0);");
    expect(lines.map(({ msg }) => msg)).toEqual(['last words']);
  });
});
