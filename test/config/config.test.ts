import { describe, expect, it } from 'vitest';
import { checkConfig } from '../../src/config/load.ts';
import { configSchema } from '../../src/config/config.ts';
import { UserError } from '../../src/lib/errors.ts';

/** The sentences about a configuration with one sound camera and these keys. */
function problems(more: Record<string, unknown>): string[] {
  return problemsOf({ cameras: [{ input: 'x' }], ...more });
}

function problemsOf(draft: unknown): string[] {
  try {
    checkConfig(draft, 'lookout.yaml');
    return [];
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const [origin, ...lines] = error.message.split('\n');
    expect(origin).toBe('lookout.yaml is not right:');
    return lines.map((line) => line.trim());
  }
}

const cameraProblems = (more: Record<string, unknown>): string[] => problemsOf({ cameras: [{ input: 'x', ...more }] });

describe('with no key but an input', () => {
  it('every default is the documented one', () => {
    expect(configSchema.parse({ cameras: [{ input: 'x' }] })).toEqual({
      cameras: [
        {
          name: 'camera',
          input: 'x',
          loop: false,
          detect: {
            fps: 5,
            minScore: 0.3,
            startScore: 0.4,
            labels: ['person'],
            hits: 3,
            window: 5,
            gate: { enabled: true, heartbeatMs: 1000, emptyHeartbeatMs: 5000 },
            minArea: 0,
            maxArea: 1,
            minAspect: 0,
            maxAspect: 100,
            zones: [],
            ignore: [],
          },
          event: { preRollMs: 5000, postRollMs: 5000, maxDurationMs: 120_000, settleMs: 1000 },
          record: { feed: 'auto', size: '1280x720', fps: 15, maxRingBytes: 268_435_456, burnIn: { time: false, boxes: false } },
          masks: [],
          why: { keepMs: 21_600_000, maxBytes: 4_000_000 },
          storage: {},
        },
      ],
      mqtt: { url: 'embedded', baseTopic: 'lookout', port: 1883 },
      http: { listen: '127.0.0.1:8080', trustedProxies: [], auth: { user: 'lookout' } },
      storage: { dir: './data', keepDays: 7, maxBytes: 10_000_000_000, minFreePercent: 5, whenFull: 'delete-oldest' },
      detectThreads: 1,
      logLevel: 'info',
    });
  });
});

describe('a size', () => {
  it.each([
    ['10 GB', 10e9],
    ['500MB', 5e8],
    ['1.5 TB', 1.5e12],
    ['512 MiB', 512 * 2 ** 20],
    ['1000', 1000],
    [123_456, 123_456],
    ['off', 0],
    [0, 0],
  ])('of %s is %d bytes', (maxBytes, bytes) => {
    const { storage } = configSchema.parse({ cameras: [{ input: 'x' }], storage: { maxBytes, keepDays: 'off' } });
    expect(storage).toMatchObject({ maxBytes: bytes, keepDays: 0 });
  });
});

describe('a value that is not right', () => {
  it.each([
    [{ cameras: [] }, 'cameras: Expected at least one camera but received []'],
    [{ cameras: 'front' }, 'cameras: Expected a list but received "front"'],
    [{ cameras: ['front'] }, 'cameras[0]: Expected keys with values but received "front"'],
    [
      { mqtt: { url: 'http://broker' } },
      'mqtt.url: Expected embedded, off, or an address like mqtt://user:password@host:1883 but received "http://broker"',
    ],
    [{ mqtt: { baseTopic: 'a/#' } }, 'mqtt.baseTopic: Expected a topic without spaces, # and + but received "a/#"'],
    [{ mqtt: { port: 70_000 } }, 'mqtt.port: Expected a number of at most 65535 but received 70000'],
    [{ http: { listen: '8080' } }, 'http.listen: Expected host:port, for example 127.0.0.1:8080, or off but received "8080"'],
    [
      { http: { publicUrl: 'here' } },
      'http.publicUrl: Expected an address that begins with http:// or https:// but received "here"',
    ],
    [
      { http: { trustedProxies: ['10.0.0.1', 'caddy'] } },
      'http.trustedProxies[1]: Expected the address of a proxy, or a range, for example 192.168.1.5 or 172.16.0.0/12 but received "caddy"',
    ],
    [
      { http: { trustedProxies: ['0.0.0.0/0'] } },
      'http.trustedProxies[0]: Expected the addresses of proxies, not of everybody but received "0.0.0.0/0"',
    ],
    [{ http: { auth: null } }, 'http.auth: Expected keys with values'],
    [
      { storage: { maxBytes: 'much' } },
      'storage.maxBytes: Expected a size like 10 GB, a number of bytes, or off but received "much"',
    ],
    [{ storage: { keepDays: -1 } }, 'storage.keepDays: Expected a number of at least 0 but received -1'],
    [
      { storage: { id: 'My disk' } },
      'storage.id: Expected the id that stands in lookout.json of the data folder but received "My disk"',
    ],
    [{ storage: { dir: null } }, 'storage.dir: Expected a text but received null'],
    [{ logLevel: 'loud' }, 'logLevel: Expected one of debug, info, warn, error, silent but received "loud"'],
    [{ node: 'Küche' }, 'node: Expected a node name of a-z, 0-9, _ and - but received "Küche"'],
    [{ modle: 'x' }, 'modle: there is no such key'],
  ])('%j gives one sentence with its key and what stands there', (more, sentence) => {
    expect(problems(more)).toEqual([sentence]);
  });

  it.each([
    [{ input: '' }, 'input: Expected a text that is not empty but received ""'],
    [{ loop: 'yes' }, 'loop: Expected true or false but received "yes"'],
    [{ detect: { fps: 0 } }, 'detect.fps: Expected a number of at least 1 but received 0'],
    [{ detect: { fps: 2.5 } }, 'detect.fps: Expected a whole number but received 2.5'],
    [{ detect: { minScore: 'high' } }, 'detect.minScore: Expected a number but received "high"'],
    [{ detect: { startScore: 40 } }, 'detect.startScore: Expected a number of at most 1 but received 40'],
    [{ detect: { labels: [] } }, 'detect.labels: Expected a list of at least 1 but received []'],
    [{ detect: { hits: 6 } }, 'detect.hits: Expected hits to be at most window but received 6'],
    [
      { detect: { minScore: 0.6, startScore: 0.5 } },
      'detect.startScore: Expected startScore to be at least minScore but received 0.5',
    ],
    [{ detect: { minScore: 0.6 } }, 'detect.startScore: Expected startScore to be at least minScore'],
    [{ detect: { score: 0.5 } }, 'detect.score: there is no such key'],
    [{ detect: { minArea: 0.5, maxArea: 0.1 } }, 'detect.maxArea: Expected maxArea to be at least minArea but received 0.1'],
    [{ detect: { minAspect: 2, maxAspect: 1 } }, 'detect.maxAspect: Expected maxAspect to be at least minAspect but received 1'],
    [
      {
        detect: {
          ignore: [
            [
              [0, 0],
              [1, 1],
            ],
          ],
        },
      },
      'detect.ignore[0]: Expected at least three corners but received [[0,0],[1,1]]',
    ],
    [
      {
        detect: {
          zones: [
            {
              name: 'My yard',
              points: [
                [0, 0],
                [1, 0],
                [1, 1],
              ],
            },
          ],
        },
      },
      'detect.zones[0].name: Expected a zone name of a-z, 0-9, _ and - but received "My yard"',
    ],
    [
      {
        detect: {
          zones: [
            {
              name: 'yard',
              points: [
                [0, 0],
                [1, 0],
                [1, 10],
              ],
            },
          ],
        },
      },
      'detect.zones[0].points[2][1]: Expected a number of at most 1 but received 10',
    ],
    [{ event: { settleMs: 100_000 } }, 'event.settleMs: Expected a number of at most 60000 but received 100000'],
    [{ event: { preRollMs: -1 } }, 'event.preRollMs: Expected a number of at least 0 but received -1'],
  ])('%j of a camera gives one sentence with its key and what stands there', (more, sentence) => {
    expect(cameraProblems(more)).toEqual([`cameras[0].${sentence}`]);
  });

  it('of a password or a token is not shown', () => {
    expect(problems({ http: { auth: { password: 'short', token: 12 } } })).toEqual([
      'http.auth.password: Expected a text of at least 8 characters',
      'http.auth.token: Expected a text',
    ]);
  });

  it('that holds a password is shown without it', () => {
    expect(problems({ mqtt: { url: 'me:geheim@broker' } })[0]).toContain('"me:***@broker"');
    expect(problems({ mqtt: { url: 'mosquitto://me:geheim@broker' } })[0]).toContain('"mosquitto://***@broker"');
  });

  it('that is long is shown cut', () => {
    expect(problems({ logLevel: 'x'.repeat(1000) })[0]!.length).toBeLessThan(200);
  });
});

describe('the name of a camera', () => {
  it.each(['status', 'replay', 'node'])('is not %s: that topic is taken', (name) => {
    expect(cameraProblems({ name })).toEqual([
      `cameras[0].name: Expected another camera name: status, replay and node are topics of the node itself but received "${name}"`,
    ]);
  });

  it.each(['Front', 'a b', '../etc', 'a/b', '', '+', 'küche'])('is not "%s"', (name) => {
    expect(cameraProblems({ name })).toEqual([
      `cameras[0].name: Expected a camera name of a-z, 0-9, _ and - but received ${JSON.stringify(name)}`,
    ]);
  });

  it('stands once', () => {
    const cameras = ['front', 'back', 'front'].map((name) => ({ name, input: 'x' }));
    expect(problemsOf({ cameras })).toEqual(['cameras[2].name: Expected each camera name once but "front" stands twice']);
    expect(problemsOf({ cameras: [{ input: 'x' }, { input: 'y' }] })).toHaveLength(1);
  });
});

describe('stdin', () => {
  it('is read by one camera', () => {
    const cameras = ['front', 'back', 'yard'].map((name) => ({ name, input: name === 'back' ? 'x' : '-' }));
    expect(problemsOf({ cameras })).toEqual(['cameras[2].input: Expected - for one camera only but "front" reads stdin already']);
    expect(problemsOf({ cameras: cameras.slice(0, 2) })).toEqual([]);
  });
});

describe('zones', () => {
  const points = [
    [0, 0],
    [1, 0],
    [1, 1],
  ];

  it('have usual rules of their own', () => {
    const [camera] = configSchema.parse({ cameras: [{ input: 'x', detect: { zones: [{ name: 'yard', points }] } }] }).cameras;
    expect(camera?.detect.zones).toEqual([{ name: 'yard', points, frames: 3, maxSpeed: 12 }]);
  });

  it('have a name each', () => {
    const zone = { name: 'yard', points };
    expect(cameraProblems({ detect: { zones: [zone, zone] } })[0]).toContain(
      'cameras[0].detect.zones: Expected every zone to have a name of its own',
    );
  });
});

describe('several problems', () => {
  it('are told at once', () => {
    const draft = { cameras: [{ input: '', detect: { fps: 99 } }, { name: 'node' }], mqtt: { port: -1 }, http: { listen: 'x' } };
    expect(problemsOf(draft).map((line) => line.split(':')[0])).toEqual(
      expect.arrayContaining([
        'cameras[0].input',
        'cameras[0].detect.fps',
        'cameras[1].name',
        'cameras[1].input',
        'mqtt.port',
        'http.listen',
      ]),
    );
  });
});
