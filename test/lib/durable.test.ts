import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { syncFile, syncFolder, writeDurably } from '../../src/lib/durable.ts';
import { MediaFolder } from '../media.ts';

describe('writeDurably', () => {
  it('makes a file, and replaces one that is there', async () => {
    await using folder = await MediaFolder.open();
    const path = folder.file('event.json');
    await writeDurably(path, 'first');
    expect(await readFile(path, 'utf8')).toBe('first');
    await writeDurably(path, Buffer.from('second'));
    expect(await readFile(path, 'utf8')).toBe('second');
    expect(await readdir(folder.path)).toEqual(['event.json']);
  });

  it('shows every reader a whole text, the old one or the new one', async () => {
    await using folder = await MediaFolder.open();
    const path = folder.file('index.m3u8');
    const texts = Array.from({ length: 20 }, (_, i) => String(i).repeat(100_000));
    await writeDurably(path, texts[0]!);
    const writing = new AbortController();
    const reading = (async () => {
      const seen = new Set<string>();
      while (!writing.signal.aborted) seen.add(await readFile(path, 'utf8'));
      return seen;
    })();
    for (const text of texts) await writeDurably(path, text);
    writing.abort();
    for (const seen of await reading) expect(texts.includes(seen)).toBe(true);
  });

  it('lets two writers of one file finish, each with a whole text', async () => {
    await using folder = await MediaFolder.open();
    const path = folder.file('event.json');
    const texts = ['a', 'b', 'c', 'd'].map((letter) => letter.repeat(50_000));
    await Promise.all(texts.map(async (text) => await writeDurably(path, text)));
    expect(texts).toContain(await readFile(path, 'utf8'));
    expect(await readdir(folder.path)).toEqual(['event.json']);
  });

  it('leaves nothing behind where it fails', async () => {
    await using folder = await MediaFolder.open();
    await mkdir(folder.file('taken/full'), { recursive: true });
    await expect(writeDurably(folder.file('taken'), 'text')).rejects.toMatchObject({ code: 'EUNFIT' });
    await expect(writeDurably(folder.file('absent/event.json'), 'text')).rejects.toMatchObject({ code: 'ENOENT' });
    expect(await readdir(folder.path)).toEqual(['taken']);
    expect(await readdir(folder.file('taken'))).toEqual(['full']);
  });

  it.skipIf(process.getuid?.() === 0)('leaves the old file as it is where the folder may not be written', async () => {
    await using folder = await MediaFolder.open();
    await mkdir(folder.file('locked'));
    await writeFile(folder.file('locked/event.json'), 'old');
    await chmod(folder.file('locked'), 0o500);
    await expect(writeDurably(folder.file('locked/event.json'), 'new')).rejects.toMatchObject({ code: 'EACCES' });
    await chmod(folder.file('locked'), 0o700);
    expect(await readFile(folder.file('locked/event.json'), 'utf8')).toBe('old');
  });
});

describe('syncFile and syncFolder', () => {
  it('take what another program wrote, and say so where it is not there', async () => {
    await using folder = await MediaFolder.open();
    await syncFile(await folder.text('00000.m4s', 'bytes'));
    await syncFolder(folder.path);
    await expect(syncFile(folder.file('absent'))).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
