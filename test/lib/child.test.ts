import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { Child, type ChildOptions } from '../../src/lib/child.ts';
import { UserError } from '../../src/lib/errors.ts';
import { registerSecret } from '../../src/lib/secrets.ts';
import { argvOfProcess, childrenOf, expectNoLeftovers, isRunning, statOf, untilGone } from '../leftovers.ts';

expectNoLeftovers();

/** `sh -c` stands for any program. */
async function shell(script: string, options: Partial<ChildOptions> = {}): Promise<Child> {
  return await Child.start({
    name: 'test program',
    command: 'sh',
    args: ['-c', script],
    stdin: 'ignore',
    dieWithParent: true,
    ...options,
  });
}

/** Resolves once the program has printed something, which shows that it runs. */
async function firstWords(child: Child): Promise<string> {
  const [chunk] = (await once(child.stdout, 'data')) as [Buffer];
  return chunk.toString().trim();
}

/** A parent in a process of its own, and the pid of the child that it started. */
async function family(dieWithParent: boolean) {
  const script = join(import.meta.dirname, 'child-parent.ts');
  const parent = spawn(process.execPath, ['--import', 'tsx', script, dieWithParent ? 'dieWithParent' : 'outlive']);
  const [line] = (await once(parent.stdout, 'data')) as [Buffer];
  return { parent, childPid: Number(line.toString()) };
}

describe('Child.start', () => {
  it.each([true, false])('says that a command is not installed (dying with us: %s)', async (dieWithParent) => {
    const start = shell('', { command: 'ffmpeg-that-nobody-has', name: 'decoder of front', dieWithParent });
    await expect(start).rejects.toThrow(UserError);
    await expect(start).rejects.toMatchObject({
      message: expect.stringMatching(/^ffmpeg-that-nobody-has was not found.*decoder of front/) as string,
      hint: expect.stringContaining('install') as string,
    });
  });

  it.each([true, false])('says that a file is no program (dying with us: %s)', async (dieWithParent) => {
    const start = shell('', { command: join(import.meta.dirname, 'child.test.ts'), dieWithParent });
    const failed = start.then(
      async (child) => (await child.exited).code !== 0,
      (error: unknown) => error instanceof UserError,
    );
    expect(await failed).toBe(true);
  });

  it.each([true, false])('becomes the command itself, under its own pid (dying with us: %s)', async (dieWithParent) => {
    await using child = await shell('echo up; exec sleep 1000', { dieWithParent });
    await firstWords(child);
    await expect.poll(async () => await argvOfProcess(child.pid!)).toEqual(['sleep', '1000']);
  });

  it('puts it into a process group of its own, so that Ctrl-C in the terminal is not for it', async () => {
    await using child = await shell('echo up; exec sleep 1000');
    await firstWords(child);
    const [, , group] = await statOf(child.pid!);
    expect(Number(group)).toBe(child.pid);
  });

  it('passes arguments as they are: no shell looks at them', async () => {
    const words = ['a b', '$HOME', "it's", '*', '', ';rm -rf x', '\n'];
    const child = await shell('', { command: 'printf', args: ['[%s]', ...words] });
    expect(await text(child.stdout)).toBe(words.map((word) => `[${word}]`).join(''));
    await child.exited;
  });

  it('sets folder and environment', async () => {
    const child = await shell('pwd; echo $SEEN', { cwd: '/', env: { ...process.env, SEEN: 'yes' } });
    expect(await text(child.stdout)).toBe('/\nyes\n');
    await child.exited;
  });

  it('opens further pipes from 3 upwards', async () => {
    const child = await shell('echo three >&3; echo four >&4', { extraPipes: 2 });
    expect(await Promise.all([text(child.pipe(3)), text(child.pipe(4)), text(child.stdout)])).toEqual(['three\n', 'four\n', '']);
    await child.exited;
    expect(() => child.pipe(5)).toThrow('test program has no pipe 5');
    expect(() => child.stdin).toThrow('test program has no stdin pipe');
  });
});

describe('stopping', () => {
  it('asks first, and a program that hears it may end in its own way', async () => {
    const child = await shell('trap "echo bye >&2; exit 7" TERM; echo up; while :; do sleep 0.02; done');
    await firstWords(child);
    expect(await child.stop()).toMatchObject({ code: 7, signal: null, asked: true, stderr: ['bye'] });
    expect(child.hasExited).toBe(true);
  });

  it('kills a program that does not hear, after the grace time', async () => {
    const child = await shell('trap "" TERM; echo up; exec sleep 1000', { graceMs: 50 });
    await firstWords(child);
    expect(await child.stop()).toMatchObject({ code: null, signal: 'SIGKILL', asked: true });
  });

  it('kills a frozen program', async () => {
    const child = await shell('trap "exit 0" TERM; echo up; while :; do sleep 0.02; done', { graceMs: 50 });
    await firstWords(child);
    process.kill(child.pid!, 'SIGSTOP');
    expect(await child.stop()).toMatchObject({ signal: 'SIGKILL' });
  });

  it('may be asked for often and after the end, and always gives the same answer', async () => {
    const child = await shell('echo up; exec sleep 1000');
    await firstWords(child);
    const [first, second] = await Promise.all([child.stop(), child.stop()]);
    expect(second).toBe(first);
    expect(await child.stop()).toBe(first);
    expect(await child.kill()).toBe(first);
  });

  it('tells an end by itself from an end that was asked for', async () => {
    const child = await shell('exit 3');
    expect(await child.exited).toMatchObject({ code: 3, signal: null, asked: false });
  });

  it('names the signal where somebody else killed it', async () => {
    const child = await shell('kill -9 $$');
    expect(await child.exited).toMatchObject({ code: null, signal: 'SIGKILL', asked: false });
  });

  it('happens when its owner leaves the scope, also by an error', async () => {
    let pid = 0;
    const use = async (): Promise<void> => {
      await using child = await shell('echo up; exec sleep 1000');
      await firstWords(child);
      pid = child.pid!;
      throw new Error('the owner failed');
    };
    await expect(use()).rejects.toThrow('the owner failed');
    expect(await isRunning(pid)).toBe(false);
    expect(await childrenOf()).toEqual([]);
  });
});

describe('stderr', () => {
  it('keeps the last 50 lines, complete by the time the program has ended', async () => {
    const lines: string[] = [];
    const child = await shell('i=0; while [ $i -lt 500 ]; do i=$((i+1)); echo "line $i" >&2; done; printf end >&2', {
      onStderrLine: (line) => lines.push(line),
    });
    const { stderr } = await child.exited;
    expect(stderr).toHaveLength(50);
    expect(stderr.slice(-2)).toEqual(['line 500', 'end']);
    expect(lines).toHaveLength(501);
    expect(child.stderr).toEqual(stderr);
  });

  it('never fills up, so that a program that says much is not stopped by it', async () => {
    const child = await shell('head -c 1000000 /dev/zero | tr "\\0" x >&2; echo done');
    expect(await text(child.stdout)).toBe('done\n');
    const { stderr, code } = await child.exited;
    expect(code).toBe(0);
    expect(stderr.map((line) => line.length)).toEqual([2000]);
  });

  it('takes a progress display apart at its carriage returns, without empty lines', async () => {
    const child = await shell('printf "frame=1\\rframe=2\\r\\n\\n  \\nend\\r\\n" >&2');
    expect((await child.exited).stderr).toEqual(['frame=1', 'frame=2', 'end']);
  });

  it('is masked before anybody sees it', async () => {
    registerSecret('open-sesame');
    const lines: string[] = [];
    const script = 'echo "rtsp://u:pw1@cam refused open-sesame" >&2';
    const child = await shell(script, { onStderrLine: (line) => lines.push(line) });
    expect((await child.exited).stderr).toEqual(['rtsp://***@cam refused ***']);
    expect(lines).toEqual(['rtsp://***@cam refused ***']);
  });
});

describe('stdin', () => {
  it('reaches the program', async () => {
    const child = await shell('cat', { stdin: 'pipe' });
    child.stdin.end('to and fro');
    expect(await text(child.stdout)).toBe('to and fro');
    await child.exited;
  });

  it('of a program that has ended is closed, and writing to it is no crash', async () => {
    const child = await shell('exit 0', { stdin: 'pipe' });
    await child.exited;
    expect(child.stdin.destroyed).toBe(true);
    const refused = new Promise((resolve) => child.stdin.write('too late', resolve));
    expect(await refused).toBeInstanceOf(Error);
  });

  it('of a program that no longer reads is an error to be looked at, not a crash', async () => {
    await using child = await shell('exec 0<&-; echo closed; exec sleep 1000', { stdin: 'pipe' });
    await firstWords(child);
    child.stdin.write('nobody reads this');
    await expect.poll(() => child.stdinError).toMatchObject({ code: 'EPIPE' });
  });
});

describe('when this process ends', () => {
  it('by kill -9, a child that must not outlive it is gone, too', async () => {
    const { parent, childPid } = await family(true);
    expect(await isRunning(childPid)).toBe(true);
    parent.kill('SIGKILL');
    await once(parent, 'close');
    await untilGone(childPid);
  });

  it('by itself, no child is left, whatever it was started with', async () => {
    const { parent, childPid } = await family(false);
    expect(await isRunning(childPid)).toBe(true);
    parent.stdin.write('\n');
    await once(parent, 'close');
    await untilGone(childPid);
  });
});
