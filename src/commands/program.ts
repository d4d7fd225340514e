/**
 * The command line: commands, flags and their help. Throws; exit codes are made in main.ts. A command is loaded when it is
 * called: `analyze` needs neither server nor broker.
 */
import { Command, InvalidArgumentError, Option } from 'commander';
import { UserError } from '../lib/errors.ts';
import { LOG_LEVELS } from '../lib/log.ts';
import { STREAM_WHEN } from '../output/frame-output.ts';
import { STREAM_KINDS } from '../output/pixel-stream.ts';
import { CAMERA_DEFAULTS, DEFAULTS } from '../config/defaults.ts';
import { ON_OFF } from '../config/load.ts';
import type { CommandContext } from './run.ts';

const { minScore, startScore } = CAMERA_DEFAULTS.detect;
const FAMILY_HELP = 'state how the model’s answers are read, where Lookout cannot tell (see: lookout inspect)';

export function createProgram(version: string, context: CommandContext): Command {
  const program = new Command('lookout')
    .description('Watches a camera, sees a person, tells you at once, and records exactly that.')
    .version(version)
    .exitOverride()
    .showSuggestionAfterError();
  const run = program
    .command('run', { isDefault: true })
    .description('watch cameras (the default command)')
    .allowExcessArguments();
  modelFlags(run)
    .option('-i, --input <input>', 'file, rtsp://, rtmp://, srt://, http(s)://, /dev/videoN, or - for y4m on stdin')
    .option('-c, --config <file>', 'cameras and settings from a YAML file')
    .option('--name <name>', `name of the camera in topics, folders and addresses (default: ${CAMERA_DEFAULTS.name})`)
    .option('--loop', 'play a file over and over')
    .option('--mqtt <url>', `broker to publish to: mqtt://user:password@host, embedded or off (default: ${DEFAULTS.mqtt.url})`)
    .option('--http <host:port>', `address of the page, or off (default: ${DEFAULTS.http.listen})`)
    .option('--data <dir>', `folder for events (default: ${DEFAULTS.storage.dir})`)
    .addOption(new Option('--stdout <kind>', 'write annotated frames to stdout, for ffmpeg -i -').choices(STREAM_KINDS))
    .addOption(
      new Option('--stdout-when <when>', 'write frames always, or only while an event is open')
        .choices(STREAM_WHEN)
        .default('always'),
    )
    .action(async (flags, command: Command) => {
      refuseWords(command.args);
      await (await import('./run.ts')).runCommand(flags, context);
    });
  program
    .command('demo')
    .description('the main job on the bundled clip, with an MQTT broker and the web page')
    .option('--data <dir>', `folder for events (default: ${DEFAULTS.storage.dir})`)
    .option('--once', 'end with the clip instead of playing it over and over')
    .action(async (flags) => await (await import('./demo.ts')).demoCommand(flags, context));
  modelFlags(
    program
      .command('analyze')
      .description('a film at full speed: one JSON line per event on stdout')
      .argument('<file>', 'video file, or - for y4m on stdin'),
  ).action(async (file: string, flags) => await (await import('./analyze.ts')).analyzeCommand(file, flags, context));
  modelFlags(scoreFlags(program.command('score'))).action(async (files: string[], { whatIf, ...flags }) => {
    if (whatIf === true) await (await import('./what-if.ts')).whatIfCommand(files, flags, context);
    else await (await import('./score.ts')).scoreCommand(files, flags, context);
  });
  whyFlags(program.command('why')).action(async (flags) => await (await import('./why.ts')).whyCommand(flags, context));
  addInspect(program, context);
  addStorage(program, context);
  return program;
}

function scoreFlags(command: Command): Command {
  return command
    .description('judge settings: events against hand-labelled films, or --what-if against past events')
    .argument('[truth...]', 'JSON files that say when people can be seen; the films lie beside them')
    .option('-c, --config <file>', 'settings of the camera from a YAML file')
    .option('--json', 'print everything as one JSON object')
    .option('--chart <file>', 'write the sweep over minScore and startScore as an SVG')
    .option('--min-recall <share>', 'exit with 1 when a smaller share of the visits is found', parseShare)
    .option('--max-false-per-hour <count>', 'exit with 1 when there are more false alarms', parseCount)
    .option('--max-onset-ms <ms>', 'exit with 1 when the median onset is later', parseCount)
    .option('--what-if', 'replay the events in --data with these settings instead, without decoding')
    .option('--data <dir>', `folder of the events for --what-if (default: ${DEFAULTS.storage.dir})`);
}

function whyFlags(command: Command): Command {
  return command
    .description('why there was, or was not, an event at some time: asks the Lookout that runs here')
    .option('--camera <name>', 'which camera (default: the only one)')
    .option('--at <time>', '14:02, 14:02:30, an ISO time, or now (default: now)')
    .option('--window <seconds>', 'how much around it (default: 20, or the minute of a time without seconds)', parseSeconds)
    .option('--url <url>', 'where Lookout is', `http://${DEFAULTS.http.listen}`)
    .option('--json', 'everything, as JSON on one line');
}

function addInspect(program: Command, context: CommandContext): void {
  program
    .command('inspect')
    .description('what a model is, how fast it is here, and what it finds on photos')
    .argument('<model>', 'ONNX model')
    .argument('[photo...]', 'pictures to look at; <photo>-boxes.jpg with the boxes is written into the current folder')
    .option('--model-family <name>', FAMILY_HELP)
    .option('--min-score <score>', `boxes below this score are left out (default: ${minScore})`, parseScore)
    .option('--json', 'for programs: one JSON object on stdout, no timing, no pictures')
    .action(
      async (model: string, photos: string[], flags) =>
        await (await import('./inspect.ts')).inspectCommand({ model, photos, ...flags }, context),
    );
}

function addStorage(program: Command, context: CommandContext): void {
  program
    .command('verify')
    .description('is everything that was stored complete and untouched? Reads only; Lookout may be running')
    .option('--deep', 'read every byte: SHA-256 of all files, the boxes of all segments')
    .option('--repair', 'put in order what can be: index, event.json, what a crash left (not while Lookout runs)')
    .option('--prune', 'with --repair: delete what belongs to no clip (else: lost+found), and write missing events off')
    .option('--data <dir>', `folder of the events (default: ${DEFAULTS.storage.dir})`)
    .option('-c, --config <file>', 'take storage.dir from this YAML file')
    .option('--json', 'everything, as one JSON object')
    .action(async (flags) => await (await import('./verify.ts')).verifyCommand(flags, context));
  program
    .command('prune')
    .description('delete now what retention would delete (a Lookout that runs does so by itself)')
    .option('--dry-run', 'only say what would go and why; Lookout may be running')
    .option('--data <dir>', `folder of the events (default: ${DEFAULTS.storage.dir})`)
    .option('-c, --config <file>', 'limits from this YAML file (default: those of the last run on the folder)')
    .option('--json', 'everything, as one JSON object')
    .action(async (flags) => await (await import('./prune.ts')).pruneCommand(flags, context));
}

function modelFlags(command: Command): Command {
  return command
    .option('-m, --model <file>', 'ONNX model (default: the bundled NanoDet-Plus-m)')
    .option('--model-family <name>', FAMILY_HELP)
    .option('--min-score <score>', `a detection below this is no hit (default: ${minScore})`, parseScore)
    .option('--start-score <score>', `mean score that confirms a person (default: ${startScore})`, parseScore)
    .addOption(new Option('--gate <on|off>', 'off: the model looks at every picture, also where nothing moves').choices(ON_OFF))
    .addOption(
      new Option('--log-level <level>', `how much to write to stderr (default: ${DEFAULTS.logLevel})`).choices(LOG_LEVELS),
    );
}

/** A word that is no command ends up at the default one, which takes none. */
function refuseWords([word]: readonly string[]): void {
  if (word === undefined) return;
  throw new UserError(`"${word}" is no command`, {
    hint: `a camera or a file is given with -i: lookout run -i ${word}; all commands: lookout --help`,
  });
}

function parseSeconds(text: string): number {
  const seconds = Number(text);
  if (text.trim() === '' || !(seconds >= 1 && seconds <= 600)) throw new InvalidArgumentError('Expected 1 to 600 seconds.');
  return seconds;
}

function parseShare(text: string): number {
  const share = Number(text);
  if (text.trim() === '' || !(share >= 0 && share <= 1)) throw new InvalidArgumentError('Expected a share from 0 to 1.');
  return share;
}

function parseCount(text: string): number {
  const count = Number(text);
  if (text.trim() === '' || !(count >= 0)) throw new InvalidArgumentError('Expected a number of at least 0.');
  return count;
}

function parseScore(text: string): number {
  const score = Number(text);
  if (text.trim() === '' || !(score >= 0.1 && score <= 1)) throw new InvalidArgumentError('Expected a score from 0.1 to 1.');
  return score;
}
