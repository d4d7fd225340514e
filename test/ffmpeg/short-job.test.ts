import { describe, expect, it } from 'vitest';
import { flag, quiet } from '../../ffmpeg/recipe.ts';
import { runShortJob } from '../../ffmpeg/short-job.ts';
import { RetryableError } from '../../src/lib/errors.ts';

const COPY = { input: [...quiet, flag('-f', 'data')], output: [flag('-map', 0), flag('-c', 'copy'), flag('-f', 'data')] };
const JPEG = { input: [...quiet, flag('-f', 'mjpeg')], output: [flag('-f', 'rawvideo')] };

describe('runShortJob', () => {
  it('gives the bytes that ffmpeg made of the bytes given, all of them', async () => {
    const input = Buffer.alloc(3_000_000, 'lookout');
    expect((await runShortJob(COPY, input, { timeoutMs: 20_000 })).equals(input)).toBe(true);
  });

  it('runs several jobs side by side', async () => {
    const inputs = ['a', 'b', 'c', 'd'].map((letter) => Buffer.alloc(100_000, letter));
    const outputs = await Promise.all(inputs.map((input) => runShortJob(COPY, input, { timeoutMs: 20_000 })));
    expect(outputs.map((output, i) => output.equals(inputs[i]!))).toEqual([true, true, true, true]);
  });

  it('quotes what ffmpeg said when it fails', async () => {
    const job = runShortJob(JPEG, Buffer.from('no picture'), { timeoutMs: 20_000 });
    await expect(job).rejects.toBeInstanceOf(RetryableError);
    await expect(job).rejects.toThrow(/^ffmpeg failed in a short job: ffmpeg exited with code 1\n\[error\]/);
  });

  it('kills a job that takes too long, and says so', async () => {
    const endless = { input: [...quiet, flag('-re'), flag('-f', 'lavfi'), flag('-i', 'testsrc2')], output: [flag('-f', 'null')] };
    const job = runShortJob({ ...endless, input: [...endless.input, flag('-f', 'data')] }, Buffer.from('x'), { timeoutMs: 700 });
    await expect(job).rejects.toThrow('ffmpeg took longer than 700 ms for a short job');
  });
});
