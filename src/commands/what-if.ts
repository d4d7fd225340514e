import type { CommandContext } from './run.ts';
import type { ScoreFlags } from './score.ts';

export async function whatIfCommand(_files: readonly string[], _flags: ScoreFlags, _context: CommandContext): Promise<void> {}
