/** pino on stderr, every string masked. stdout carries frames or JSON and nothing else. */
import pino from 'pino';
import pretty from 'pino-pretty';
import { maskSecrets } from './secrets.ts';

export type Logger = pino.Logger;
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** A logger for people when stderr is a terminal, JSON lines otherwise. Writes are synchronous: a crash loses no line. */
export function createLogger(level: LogLevel, stderr: NodeJS.WriteStream = process.stderr): Logger {
  const destination = stderr.isTTY
    ? pretty({ destination: 2, sync: true, colorize: true, translateTime: 'SYS:HH:MM:ss', ignore: 'pid,hostname' })
    : pino.destination({ dest: 2, sync: true });
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime, hooks: { streamWrite: maskSecrets } }, destination);
}

export const silentLogger: Logger = pino({ level: 'silent' });
