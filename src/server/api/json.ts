/** What stands behind the ? of an address → checked values, all problems at once, as a 400; and a value → the answer. */
import type { Response } from 'express';
import type { z } from 'zod';
import { HttpError } from '../problem.ts';

export function checked<T extends z.ZodType>(schema: T, given: unknown): z.output<T> {
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => (path.length > 0 ? `${path.join('.')}: ${message}` : message));
  throw new HttpError(400, problems.join('; '));
}

export function sendJson(res: Response, body: unknown): void {
  res.set('Cache-Control', 'no-store').json(body);
}
