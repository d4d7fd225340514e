import { describe, expect, it } from 'vitest';
import { maskSecrets, maskSentence, registerSecret, registerUrl } from '../../src/lib/secrets.ts';

describe('registerUrl', () => {
  it.each([
    { url: 'rtsp://admin:hunter2@10.0.0.5/h264', shown: 'rtsp://***@10.0.0.5/h264' },
    { url: 'rtsp://admin:p%40ss%2Fword@cam:554/h264', shown: 'rtsp://***@cam:554/h264' },
    { url: 'rtsp://admin:half@way@cam/h264', shown: 'rtsp://***@cam/h264' },
    { url: 'rtsp://admin:with:colon@cam/h264', shown: 'rtsp://***@cam/h264' },
    { url: 'RTSP://admin:UpperCase1@cam/h264', shown: 'RTSP://***@cam/h264' },
    { url: 'mqtts://:nameless@broker:8883', shown: 'mqtts://***@broker:8883' },
    { url: 'rtsp://admin:%zz%@cam/h264', shown: 'rtsp://***@cam/h264' },
  ])('shows $url as $shown', ({ url, shown }) => {
    expect(registerUrl(url)).toBe(shown);
  });

  it.each([
    'rtsp://10.0.0.5:554/h264',
    'http://cam/video.mjpg?channel=1',
    'rtsp://viewer@cam/h264',
    '/videos/a:b@c.mp4',
    'walk.mp4',
    '/dev/video0',
    '-',
  ])('leaves %s as it is: there is no password in it', (url) => {
    expect(registerUrl(url)).toBe(url);
  });

  it('has the password masked wherever it turns up later, encoded or not', () => {
    registerUrl('rtsp://admin:geheim%21%20wort@cam/h264');
    expect(maskSecrets('tried geheim! wort and geheim%21%20wort')).toBe('tried *** and ***');
  });

  it('masks a password that holds an @, which many people type as it is', () => {
    registerUrl('rtsp://admin:left@right77@cam/h264');
    expect(maskSecrets('401 for left@right77, for left%40right77')).toBe('401 for ***, for ***');
  });

  it('does not take the user name for a secret', () => {
    registerUrl('rtsp://gatekeeper:swordfish@cam/h264');
    expect(maskSecrets('gatekeeper opened the gate with swordfish')).toBe('gatekeeper opened the gate with ***');
  });
});

describe('a password that stands elsewhere in an address', () => {
  it.each([
    ['rtmp://cam/bcs/ch0?channel=0&user=admin&password=hunter22', 'rtmp://cam/bcs/ch0?channel=0&user=admin&password=***'],
    ['rtsp://cam/user=admin&password=hunter23&channel=1', 'rtsp://cam/user=admin&password=***&channel=1'],
    ['srt://cam:9000?passphrase=hunter24-long', 'srt://cam:9000?passphrase=***'],
    ['http://cam/video?pwd=hunter%2025', 'http://cam/video?pwd=***'],
  ])('of %s is masked, there and in later text', (url, shown) => {
    expect(registerUrl(url)).toBe(shown);
    const password = decodeURIComponent(/(?:password|passphrase|pwd)=([^&]+)/.exec(url)?.[1] ?? '');
    expect(maskSecrets(`ffmpeg says ${password}`)).toBe('ffmpeg says ***');
  });
});

describe('maskSecrets', () => {
  it('masks a login in any address, registered or not', () => {
    const line = "[rtsp @ 0x55] method DESCRIBE failed: 'rtsp://a:b@cam/x' and http://c:d@cam/y?z=1";
    expect(maskSecrets(line)).toBe("[rtsp @ 0x55] method DESCRIBE failed: 'rtsp://***@cam/x' and http://***@cam/y?z=1");
  });

  it('masks every place of a secret in a text', () => {
    registerSecret('tops3cret');
    expect(maskSecrets('tops3cret tops3cret "tops3cret"')).toBe('*** *** "***"');
  });

  it('masks the whole of the longer one where one secret begins like another', () => {
    registerSecret('winter');
    registerSecret('winter2026');
    expect(maskSecrets('winter2026 after winter')).toBe('*** after ***');
  });

  it('leaves alone what is too short to be told from other text', () => {
    registerSecret('ab');
    registerSecret('');
    registerSecret(undefined);
    expect(maskSecrets('about a cab')).toBe('about a cab');
  });

  it('takes a secret as text, not as a pattern', () => {
    registerSecret('a.c$&(');
    expect(maskSecrets('a.c$&( is one, abc$&( is none')).toBe('*** is one, abc$&( is none');
  });
});

describe('a word as a password', () => {
  const cures = ['put it there: rtsp://user:password@camera/…', 'check mqtt.url: mqtt://user:password@host:1883'];

  it('is masked in values and addresses, and in our own sentences in addresses only', () => {
    registerUrl('rtsp://admin:camera@door/x');
    registerUrl('mqtt://me:password@broker');
    expect(maskSecrets('Auth failed for admin:camera')).toBe('Auth failed for admin:***');
    expect(maskSentence('The camera rtsp://admin:camera@door/x refused the password')).toBe(
      'The camera rtsp://***@door/x refused the password',
    );
  });

  it.each(cures)('does not change an example of ours: %s', (cure) => {
    for (const mask of [maskSecrets, maskSentence]) expect(mask(cure)).toContain(cure.slice(cure.indexOf(': ')));
  });

  it.each(['rtsp://user:password@camera/stream', 'mqtt://user:password@host:1883/x', 'mqtt://user:password@host:18830'])(
    'is masked in an address that only begins like an example: %s',
    (address) => {
      expect(maskSentence(address)).toContain('://***@');
    },
  );
});
