/** What ffmpeg asks of its proxy -> what the camera is asked, or a refusal. A camera is only ever asked for one thing a connection. */
import type { There } from './there.ts';

export type ProxyRequest =
  | { readonly type: 'tunnel' }
  | { readonly type: 'request'; readonly head: string }
  | { readonly type: 'refused'; readonly target: string };

export function proxyRequest(head: string, there: Pick<There, 'is' | 'scheme'>): ProxyRequest {
  const [method = '', target = ''] = head.split(' ', 2);
  if (method === 'CONNECT') {
    const url = `${there.scheme}://${target}`;
    return there.scheme !== 'http' && there.is(url) ? { type: 'tunnel' } : { type: 'refused', target: url };
  }
  if (!there.is(target)) return { type: 'refused', target };
  const path = target.replace(/^[a-z]+:\/\/[^/?#]*/i, '');
  const closing = head.replace(/^connection:.*$/im, 'Connection: close');
  return { type: 'request', head: closing.replace(target, () => (path.startsWith('/') ? path : `/${path}`)) };
}
