/**
 * Why the broker is away, as a sentence with a cure: MQTT.js errors → RetryableError. The one place that knows its messages.
 *
 * Sentences are constant and name no address, so that the same cause is recognised as the same and logged once.
 */
import { codeOf, messageOf, RetryableError } from '../lib/errors.ts';
import { maskSecrets } from '../lib/secrets.ts';
import type { Sized } from './session.ts';

export interface Ending {
  /** what MQTT.js reported, if anything */
  readonly cause: unknown;
  /** the broker had accepted us */
  readonly wasConnected: boolean;
  /** the last sessions all ended after a moment, closed by the broker without a word */
  readonly isKicked: boolean;
  /** what is big and was not answered before the end */
  readonly suspect?: Sized;
}

interface Reason {
  readonly sentence: string;
  readonly cure: string;
}

const unreachable: Reason = {
  sentence: 'the MQTT broker cannot be reached',
  cure: 'check the network and the host in mqtt.url',
};
const unknownName: Reason = {
  sentence: 'the name of the MQTT broker is not known',
  cure: 'check the host in mqtt.url, and DNS',
};
const badCertificate: Reason = {
  sentence: 'the certificate of the MQTT broker is not trusted',
  cure: 'give the authority that signed it in NODE_EXTRA_CA_CERTS=/path/ca.pem, and use the host name it was made for',
};
const notTls: Reason = {
  sentence: 'the MQTT broker does not speak TLS on this port',
  cure: 'use mqtt:// instead of mqtts://, or the TLS port (mostly 8883)',
};
const badLogin: Reason = {
  sentence: 'the MQTT broker refuses the user name or password',
  cure: 'check mqtt.url: mqtt://user:password@host:1883',
};

const BY_CODE = new Map<string, Reason>([
  [
    'ECONNREFUSED',
    {
      sentence: 'nothing listens at the address of the MQTT broker',
      cure: 'start the broker, or check host and port in mqtt.url',
    },
  ],
  ['ENOTFOUND', unknownName],
  ['EAI_AGAIN', unknownName],
  ['ETIMEDOUT', unreachable],
  ['EHOSTUNREACH', unreachable],
  ['ENETUNREACH', unreachable],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', badCertificate],
  ['SELF_SIGNED_CERT_IN_CHAIN', badCertificate],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', badCertificate],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', badCertificate],
  ['CERT_HAS_EXPIRED', badCertificate],
  ['ERR_TLS_CERT_ALTNAME_INVALID', badCertificate],
  ['EPROTO', notTls],
  ['ERR_SSL_WRONG_VERSION_NUMBER', notTls],
]);

const PACKET_TOO_LARGE = 149;
const sameId: Reason = {
  sentence: 'another client uses the same client id at the MQTT broker',
  cure: 'give each machine a node name of its own',
};
const badId: Reason = {
  sentence: 'the MQTT broker refuses the client id',
  cure: 'allow client ids that start with lookout-',
};
const notReady: Reason = { sentence: 'the MQTT broker is not ready', cure: 'wait, or look into its log' };
const noVersion: Reason = { sentence: 'the MQTT broker does not speak MQTT 3.1.1', cure: 'use a broker that does' };
const restarting: Reason = {
  sentence: 'the MQTT broker closed the connection',
  cure: 'nothing to do if it is being restarted; else see its log',
};

/** Return codes of MQTT 3.1.1 (table 3.1), reason codes of MQTT 5 (2.4); mosquitto answers 5 or 135 to a wrong password. */
const BY_RETURN_CODE = new Map<number, Reason>([
  [1, noVersion],
  [2, badId],
  [3, notReady],
  [4, badLogin],
  [5, badLogin],
  [132, noVersion],
  [133, badId],
  [134, badLogin],
  [135, badLogin],
  [136, notReady],
  [137, notReady],
  [139, restarting],
  [142, sameId],
]);

export function awayError(ending: Ending): RetryableError {
  const { sentence, cure } = reasonOf(ending);
  return new RetryableError(sentence, { hint: cure, cause: ending.cause });
}

/** The broker closed the connection without a word, or because a packet was too large. */
export function isCut({ cause, wasConnected }: Pick<Ending, 'cause' | 'wasConnected'>): boolean {
  return wasConnected && (isWordless(cause) || returnCodeOf(cause) === PACKET_TOO_LARGE);
}

/** Before it had accepted us: in words, or by just closing. */
export function mayRefuseVersion({ cause, wasConnected }: Ending): boolean {
  const code = returnCodeOf(cause);
  return !wasConnected && (isWordless(cause) || code === 1 || code === 132);
}

function reasonOf(ending: Ending): Reason {
  const { cause, wasConnected, isKicked, suspect } = ending;
  if (suspect && isCut(ending)) return tooLarge(suspect);
  const known = BY_CODE.get(codeOf(cause) ?? '') ?? BY_RETURN_CODE.get(returnCodeOf(cause) ?? -1);
  if (known) return known;
  const message = cause === undefined ? '' : messageOf(cause);
  if (/connack timeout/i.test(message)) {
    return {
      sentence: 'the MQTT broker accepts the connection but does not answer',
      cure: 'check that the port is that of an MQTT broker',
    };
  }
  if (/keepalive timeout/i.test(message)) {
    return { sentence: 'the MQTT broker stopped answering', cure: 'check the broker and the network' };
  }
  if (isKicked) {
    return {
      sentence: 'the MQTT broker keeps closing the connection at once',
      cure: 'most likely another client uses the same client id: give each machine a node name of its own; or it does not allow Lookout to write its topics: see the log of the broker',
    };
  }
  if (isWordless(cause)) return closed(wasConnected);
  return { sentence: `the connection to the MQTT broker failed: ${maskSecrets(message)}`, cure: 'see the message' };
}

function tooLarge({ topic, bytes }: Sized): Reason {
  return {
    sentence: `the MQTT broker closed the connection when it was sent ${topic} of ${bytes} bytes`,
    cure: 'raise the largest packet that the broker takes (mosquitto: max_packet_size), or ignore it: it will be left out',
  };
}

function closed(wasConnected: boolean): Reason {
  return wasConnected
    ? restarting
    : {
        sentence: 'the MQTT broker closed the connection before answering',
        cure: 'check that the port is that of an MQTT broker, with TLS for mqtts:// and without for mqtt://',
      };
}

function isWordless(cause: unknown): boolean {
  return cause === undefined || codeOf(cause) === 'ECONNRESET' || codeOf(cause) === 'EPIPE' || messageOf(cause) === '';
}

/** MQTT.js puts the return code of a refused connection into `code`, as a number. */
function returnCodeOf(cause: unknown): number | undefined {
  return cause instanceof Error && 'code' in cause && typeof cause.code === 'number' ? cause.code : undefined;
}
