/** A request, or an upgrade, on its way to its route: security headers, the guard, the route; what is thrown becomes a problem. */
import express, { type Express, type Request, type Response } from 'express';
import type { Logger } from '../lib/log.ts';
import { Guard, type GuardOptions } from './guard.ts';
import { securityHeaders } from './headers.ts';
import { problemHandler } from './problem.ts';
import type { AskedSocket, SocketRoute } from './route.ts';
import type { Upgrades } from './upgrades.ts';

export interface ApplicationOptions extends GuardOptions {
  readonly upgrades: Upgrades;
  readonly log: Logger;
}

interface Way {
  readonly guard: Guard;
  readonly upgrades: Upgrades;
  readonly log: Logger;
}

export function application({ upgrades, log, ...trust }: ApplicationOptions): Express {
  const way = { guard: new Guard(trust), upgrades, log };
  const app = express();
  app.set('query parser', 'simple').set('trust proxy', false);
  app.use(securityHeaders());
  app.use((req, res) => visit(req, res, way));
  app.use(problemHandler(log));
  return app;
}

async function visit(req: Request, res: Response, { guard, upgrades, log }: Way): Promise<void> {
  const { route, ...admitted } = guard.admit(req, { path: req.path, isOffer: upgrades.isOffer(req) });
  if (route.method === 'SOCKET') {
    await open(route, { ...admitted, request: req, take: () => upgrades.take(req) }, { upgrades, log });
  } else {
    upgrades.decline(req);
    await route.answer({ ...admitted, req, res });
  }
}

/** What fails before the socket is taken is answered; afterwards there is nobody left to answer. */
async function open(
  route: SocketRoute,
  asked: AskedSocket<string>,
  { upgrades, log }: Pick<Way, 'upgrades' | 'log'>,
): Promise<void> {
  try {
    await route.open(asked);
  } catch (error) {
    const { request } = asked;
    if (upgrades.isOffer(request)) throw error;
    log.error({ err: error, path: route.path }, 'a socket failed');
    request.socket.destroy();
  }
}
