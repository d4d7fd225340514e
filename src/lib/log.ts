/**
 * pino on stderr, every text masked that is a value: keys are ours, and a password like `camera` must not change them. stdout
 * carries frames or JSON and nothing else.
 */
import pino from 'pino';
import pretty from 'pino-pretty';
import { maskSecrets, maskSentence } from './secrets.ts';

export type Logger = pino.Logger;
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** A logger for people when stderr is a terminal, JSON lines otherwise. Writes are synchronous: a crash loses no line. */
export function createLogger(level: LogLevel, stderr: NodeJS.WriteStream = process.stderr): Logger {
  const destination = stderr.isTTY
    ? pretty({ destination: 2, sync: true, colorize: true, translateTime: 'SYS:HH:MM:ss', ignore: 'pid,hostname' })
    : pino.destination({ dest: 2, sync: true });
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime, hooks: { streamWrite: maskLine } }, destination);
}

/** Fields that hold sentences of ours, or names of settings. */
const SENTENCES = new Set(['msg', 'cure', 'hint', 'reason', 'setting']);

/** One line of JSON. It is masked as it was before it became JSON: a password may hold a quote. */
function maskLine(line: string): string {
  const { time, ...fields } = JSON.parse(line) as Record<string, unknown>;
  const { level, ...rest } = masked(fields) as Record<string, unknown>;
  return `${JSON.stringify({ level, time, ...rest })}\n`;
}

function masked(value: unknown, key = ''): unknown {
  if (typeof value === 'string') return SENTENCES.has(key) ? maskSentence(value) : maskSecrets(value);
  if (Array.isArray(value)) return value.map((item: unknown) => masked(item));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, masked(inner, name)]));
}

export const silentLogger: Logger = pino({ level: 'silent' });
