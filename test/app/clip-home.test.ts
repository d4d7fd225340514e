import { rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { clipHome } from '../../src/app/clip-home.ts';
import type { OpenClip } from '../../src/messages/clip.ts';
import { startEvent } from '../recorder/film.ts';
import { ID, openStore, tempFolder } from '../store/folder.ts';

const start = startEvent(ID, 5000) as Parameters<ReturnType<typeof clipHome>['makeFolder']>[0];
const keeper = { admit: async () => await Promise.resolve() };

describe('the home of clips', () => {
  it('makes a folder in the store and answers with the clip that is recorded there', async () => {
    await using data = await tempFolder();
    await using store = await openStore(data.dir);
    const home = clipHome('front', { store, keeper });
    const folder = await home.makeFolder(start);
    expect((await stat(folder)).isDirectory()).toBe(true);
    expect(folder).toBe(store.event(ID)?.folder);
    const asked = store.whenClip(ID, AbortSignal.timeout(5000));
    const clip: OpenClip = { id: ID, folder, playlist: () => undefined, whenPlayable: async () => true, tracks: () => [] };
    home.attach(clip);
    expect(await asked).toBe(clip);
  });

  it('has no folder where the keeper has no room, nor where the disk refuses', async () => {
    await using data = await tempFolder();
    await using store = await openStore(data.dir);
    const full = { admit: async () => await Promise.reject(new Error('there is no room')) };
    await expect(clipHome('front', { store, keeper: full }).makeFolder(start)).rejects.toThrow('there is no room');
    expect(store.event(ID)?.folder).toBeUndefined();
    await rm(join(data.dir, 'events'), { recursive: true });
    await writeFile(join(data.dir, 'events'), '');
    await expect(clipHome('front', { store, keeper }).makeFolder(start)).rejects.toThrow('could not be made');
  });

  it('lets those go who wait for a clip that will not be', async () => {
    await using data = await tempFolder();
    await using store = await openStore(data.dir);
    const asked = store.whenClip(ID, AbortSignal.timeout(5000));
    clipHome('front', { store, keeper }).attachNone(ID);
    expect(await asked).toBeUndefined();
    expect(store.recordings).toEqual([]);
  });
});
