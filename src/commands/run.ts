/** `lookout run`: cameras of a configuration, or one input, until they end or somebody says stop. */
import { resolve } from 'node:path';
import { type AppOptions, runApp, type RunningApp } from '../app/app.ts';
import { commonPasswords } from '../config/common-passwords.ts';
import { zonesOf } from '../config/zones.ts';
import { systemClock } from '../lib/clock.ts';
import { UserError } from '../lib/errors.ts';
import { createLogger, type Logger } from '../lib/log.ts';
import { maskSecrets } from '../lib/secrets.ts';
import type { CameraView } from '../messages/camera.ts';
import { FrameOutput, type STREAM_WHEN } from '../output/frame-output.ts';
import type { StreamKind } from '../output/pixel-stream.ts';
import { type ConfigFlags, type Environment, loadConfig } from '../config/load.ts';
import { isReaderGone, openStdout, throwUnlessReaderGone } from './stdout.ts';
import { keepingSentence, sizeText } from './storage-text.ts';

export interface RunFlags extends ConfigFlags {
  readonly stdout?: StreamKind;
  readonly stdoutWhen?: (typeof STREAM_WHEN)[number];
}

export interface CommandContext {
  readonly env: Environment;
  /** aborts when somebody says stop */
  readonly signal: AbortSignal;
  /** told of each SIGHUP that is no closed terminal */
  readonly onHangup: (listener: () => void) => void;
}

export async function runCommand(flags: RunFlags, { env, signal, onHangup }: CommandContext): Promise<void> {
  const config = await loadConfig(flags, env);
  if (flags.stdout !== undefined && config.cameras.length > 1) {
    throw new UserError(`--stdout carries the frames of one camera, but ${flags.config} has ${config.cameras.length}`, {
      hint: 'start another Lookout for the one whose frames you want, with its own --data',
    });
  }
  const log = createLogger(config.logLevel);
  const closed = new AbortController();
  const output =
    flags.stdout === undefined
      ? undefined
      : frameOutput(flags, { kind: flags.stdout, zones: zonesOf(config.cameras[0]?.detect), log, closed });
  await start({ config, ...(output ? { output } : {}), log, onHangup }, AbortSignal.any([signal, closed.signal]));
  throwUnlessReaderGone(closed.signal);
}

type StartOptions = Pick<AppOptions, 'config' | 'output' | 'fallbackPorts' | 'log'> &
  Pick<CommandContext, 'onHangup'> & { greet?: (app: RunningApp) => void };

/** Runs the app on the real clock and stdin, and says at the start what will be seen where. */
export async function start(options: StartOptions, signal: AbortSignal): Promise<void> {
  const { config, log, greet, onHangup, ...others } = options;
  for (const setting of commonPasswords(config))
    log.warn(
      { setting },
      'the password is one that anybody guesses, and cannot be told from other words where secrets are masked; choose another',
    );
  onHangup(() =>
    log.warn({ cure: 'restart Lookout: a changed configuration is read at the start only' }, 'SIGHUP changes nothing'),
  );
  const onReady = (app: RunningApp): void => {
    log.info(
      {
        cameras: config.cameras.map(({ name, input }) => `${name} (${maskSecrets(input)})`),
        page: app.url,
        mqtt: app.broker.url,
        data: resolve(app.storage.dir),
        dataId: app.storage.id,
        stored: `${app.storage.events} events, ${sizeText(app.storage.usedBytes)}; ${keepingSentence(config.storage)}`,
      },
      'watching: an alert and a clip for every person, nothing while nobody is there',
    );
    greet?.(app);
  };
  await runApp({ ...others, config, log, stdin: process.stdin, clock: systemClock, onReady }, signal);
  log.info('stopped');
}

function frameOutput(
  flags: RunFlags,
  { kind, zones, log, closed }: { kind: StreamKind; zones: CameraView['zones']; log: Logger; closed: AbortController },
): (isLive: boolean) => FrameOutput {
  const stream = openStdout();
  const onClosed = (error: Error): void => {
    if (isReaderGone(error)) log.warn({ reason: error.message }, 'stopping: nobody reads the frames on stdout');
    closed.abort(error);
  };
  return (isLive) =>
    new FrameOutput({ kind, when: flags.stdoutWhen ?? 'always', stream, isLive, ...(zones && { zones }), log, onClosed });
}
