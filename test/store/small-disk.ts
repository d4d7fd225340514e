/** A disk of a few megabytes (tmpfs), where this account may mount one; undefined where it may not. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Child } from '../../src/lib/child.ts';

export interface SmallDisk extends AsyncDisposable {
  readonly dir: string;
  /** away, also while files on it are open */
  unmount(): Promise<void>;
}

export async function mountSmallDisk(bytes: number): Promise<SmallDisk | undefined> {
  const dir = await mkdtemp(join(tmpdir(), 'lookout-disk-'));
  if (process.getuid?.() !== 0 || !(await succeeds('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', dir]))) {
    await rm(dir, { recursive: true });
    return undefined;
  }
  let isMounted = true;
  const unmount = async (): Promise<void> => {
    if (isMounted) await succeeds('umount', ['-l', dir]);
    isMounted = false;
  };
  return {
    dir,
    unmount,
    [Symbol.asyncDispose]: async () => {
      await unmount();
      await rm(dir, { recursive: true });
    },
  };
}

async function succeeds(command: string, args: string[]): Promise<boolean> {
  await using child = await Child.start({ name: command, command, args, stdin: 'ignore', dieWithParent: true });
  return (await child.exited).code === 0;
}
