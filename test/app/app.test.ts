/** The house as a whole, in this process. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import mqtt from 'mqtt';
import { describe, expect, it } from 'vitest';
import { runApp } from '../../src/app/app.ts';
import { configSchema } from '../../src/config/config.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { silentLogger } from '../../src/lib/log.ts';
import { expectNoLeftovers } from '../leftovers.ts';
import { Mosquitto } from '../publisher/mosquitto.ts';
import { Subscriber, until } from '../publisher/harness.ts';
import { tempFolder } from '../store/folder.ts';

expectNoLeftovers();

describe('a start that is refused', () => {
  it('does not leave what an earlier run said of a camera at the broker', async () => {
    await using broker = await Mosquitto.start();
    await using data = await tempFolder();
    const earlier = await mqtt.connectAsync(broker.url);
    const retained = { retain: true, qos: 1 } as const;
    await earlier.publishAsync('lookout/door/status', '{"state":"online","since":"2026-11-20T10:00:00.000Z"}', retained);
    await earlier.publishAsync('lookout/door/person', '{"count":1,"total":1}', retained);
    await earlier.endAsync();
    // Read by the model's own process, so that there is time to reach the broker.
    const model = join(data.dir, 'none.onnx');
    await writeFile(model, 'this is no model');
    const config = configSchema.parse({
      cameras: [{ name: 'door', input: 'rtsp://127.0.0.1:9/x' }],
      model,
      mqtt: { url: broker.url },
      http: { listen: 'off' },
      storage: { dir: data.dir },
    });
    const start = runApp({ config, stdin: process.stdin, clock: systemClock, log: silentLogger }, new AbortController().signal);
    await expect(start).rejects.toThrow('none.onnx');
    await using late = await Subscriber.open(broker.url);
    await until(() => late.retained().has('lookout/door/person') && late.retained().has('lookout/door/status'));
    expect(late.retained().get('lookout/door/person')).toBe('{"count":null,"total":0}');
    expect(JSON.parse(late.retained().get('lookout/door/status') ?? '')).toMatchObject({ state: 'offline', reason: 'stopped' });
  });
});
