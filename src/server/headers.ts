/**
 * Security headers. The content policy allows what the page needs and nothing else: its own scripts and styles, pictures, and
 * hls.js, which plays from `blob:` and works in a worker from `blob:`. No HSTS: TLS, where there is any, is the proxy's.
 */
import type { RequestHandler } from 'express';
import helmet from 'helmet';

export function securityHeaders(): RequestHandler {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'", 'data:', 'blob:'],
        fontSrc: ["'self'"],
        mediaSrc: ["'self'", 'blob:'],
        workerSrc: ["'self'", 'blob:'],
        connectSrc: ["'self'"],
        manifestSrc: ["'self'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
    referrerPolicy: { policy: 'no-referrer' },
    frameguard: { action: 'deny' },
    strictTransportSecurity: false,
    // Ignored, with a warning in the console, by browsers that reach us over plain HTTP from another machine.
    crossOriginOpenerPolicy: false,
    originAgentCluster: false,
  }) as RequestHandler;
}
