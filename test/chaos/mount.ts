/** Small disks of their own for one trial: a tmpfs, a folder bound elsewhere, an ext4 in a file. Needs root. Owner closes it. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { until } from '../e2e/feed.ts';

const exec = promisify(execFile);
const MIB = 2 ** 20;
/** ioctl number of ext4's shutdown, and the way of it that writes nothing more, the journal included */
const SHUTDOWN = 'import fcntl,os,struct,sys;fcntl.ioctl(os.open(sys.argv[1],os.O_RDONLY),0x8004587D,struct.pack("I",2))';

export class Mount implements AsyncDisposable {
  /** where it is seen */
  readonly path: string;
  readonly #folder: string;
  readonly #mountArgs: readonly string[];

  /** Why none can be made here; undefined where it can. */
  static async missing(): Promise<string | undefined> {
    try {
      await using _disk = await Mount.memory(1);
      return undefined;
    } catch {
      return 'needs the right to mount (root)';
    }
  }

  static async missingExt4(): Promise<string | undefined> {
    try {
      await using _disk = await Mount.ext4(8);
      return undefined;
    } catch {
      return 'needs the right to mount (root), loop devices and mkfs.ext4';
    }
  }

  static async memory(sizeMib: number): Promise<Mount> {
    const folder = await newFolder();
    return await new Mount(folder, ['-t', 'tmpfs', '-o', `size=${sizeMib}m`, 'none']).mounted();
  }

  /** A folder that is seen at another place, as a disk is at its mount point; beneath it lies an empty folder. */
  static async bound(): Promise<Mount> {
    const folder = await newFolder();
    await mkdir(join(folder, 'disk'));
    return await new Mount(folder, ['--bind', join(folder, 'disk')]).mounted();
  }

  static async ext4(sizeMib: number): Promise<Mount> {
    const folder = await newFolder();
    const image = join(folder, 'disk.img');
    await exec('truncate', ['-s', `${sizeMib * MIB}`, image]);
    await exec('mkfs.ext4', ['-q', image]);
    return await new Mount(folder, ['-o', 'loop', image]).mounted();
  }

  private constructor(folder: string, mountArgs: readonly string[]) {
    this.#folder = folder;
    this.path = join(folder, 'mount');
    this.#mountArgs = mountArgs;
  }

  async mount(): Promise<void> {
    await exec('mount', [...this.#mountArgs, this.path]);
  }

  /** At once, also while files are open. */
  async unmount(): Promise<void> {
    await exec('umount', ['-l', this.path]);
  }

  /** Waits until nobody holds it: a file system that was shut down and is still held would only be seen again as it is. */
  async unmountWhenFree(): Promise<void> {
    const isFree = async (): Promise<boolean> =>
      await exec('umount', [this.path]).then(
        () => true,
        () => false,
      );
    await until(isFree, { what: 'a disk that nobody holds' });
  }

  /** Nothing in a folder of it can be made, changed or removed, not even by root (ext4 only). */
  async setImmutable(folder: string, isImmutable: boolean): Promise<void> {
    await exec('chattr', ['-R', isImmutable ? '+i' : '-i', join(this.path, folder)]);
  }

  /** As if the power went: what was not synced never reaches the disk (ext4 only). */
  async cutPower(): Promise<void> {
    await exec('/usr/bin/python3', ['-c', SHUTDOWN, this.path]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await exec('umount', ['-l', this.path]).catch(() => undefined); // not mounted at this moment
    await rm(this.#folder, { recursive: true, force: true });
  }

  private async mounted(): Promise<this> {
    await mkdir(this.path, { recursive: true });
    try {
      await this.mount();
    } catch (error) {
      await rm(this.#folder, { recursive: true, force: true });
      throw error;
    }
    return this;
  }
}

async function newFolder(): Promise<string> {
  return await mkdtemp(join(tmpdir(), 'lookout-disk-'));
}
