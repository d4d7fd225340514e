import { describe, expect, it } from 'vitest';
import { awayError } from '../../src/publisher/away.ts';

function failure(message: string, code?: string | number): Error {
  return Object.assign(new Error(message), code === undefined ? {} : { code });
}

function sentence(cause: unknown, more: { wasConnected?: boolean; isKicked?: boolean } = {}): string {
  return awayError({ cause, wasConnected: false, isKicked: false, ...more }).message;
}

describe('awayError', () => {
  it.each([
    ['connect ECONNREFUSED 127.0.0.1:1', 'ECONNREFUSED', 'nothing listens at the address of the MQTT broker'],
    ['getaddrinfo ENOTFOUND nowhere', 'ENOTFOUND', 'the name of the MQTT broker is not known'],
    ['connect EHOSTUNREACH', 'EHOSTUNREACH', 'the MQTT broker cannot be reached'],
    ['self-signed certificate', 'DEPTH_ZERO_SELF_SIGNED_CERT', 'the certificate of the MQTT broker is not trusted'],
    ['wrong version number', 'EPROTO', 'the MQTT broker does not speak TLS on this port'],
    ['Connection refused: Bad username or password', 4, 'the MQTT broker refuses the user name or password'],
    ['Connection refused: Not authorized', 5, 'the MQTT broker refuses the user name or password'],
    ['Connection refused: Identifier rejected', 2, 'the MQTT broker refuses the client id'],
    ['Connection refused: Not authorized', 135, 'the MQTT broker refuses the user name or password'],
    ['DISCONNECT with reason code 142', 142, 'another client uses the same client id at the MQTT broker'],
    ['connack timeout', undefined, 'the MQTT broker accepts the connection but does not answer'],
    ['Keepalive timeout', undefined, 'the MQTT broker stopped answering'],
  ])('%s (%s): %s', (message, code, expected) => {
    expect(sentence(failure(message, code))).toBe(expected);
  });

  it('tells a restart from something that is no broker', () => {
    expect(sentence(undefined, { wasConnected: true })).toBe('the MQTT broker closed the connection');
    expect(sentence(failure('read', 'ECONNRESET'))).toBe('the MQTT broker closed the connection before answering');
  });

  it('suspects a second client with the same id when the broker keeps closing', () => {
    const error = awayError({ cause: undefined, wasConnected: true, isKicked: true });
    expect(error.message).toBe('the MQTT broker keeps closing the connection at once');
    expect(error.hint).toContain('another client uses the same client id');
  });

  it('names what was too large, with its bytes, and not a second client', () => {
    const suspect = { topic: 'lookout/front/person/snapshot', bytes: 30_000 };
    const error = awayError({ cause: undefined, wasConnected: true, isKicked: true, suspect });
    expect(error.message).toBe(
      'the MQTT broker closed the connection when it was sent lookout/front/person/snapshot of 30000 bytes',
    );
  });

  it('quotes what it does not know, without passwords', () => {
    expect(sentence(failure('odd mqtt://user:secret@host'))).toBe(
      'the connection to the MQTT broker failed: odd mqtt://***@host',
    );
  });
});
