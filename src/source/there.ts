/** An address of the user -> the host and port that he named, and whether another address leads to the same. */

/** Those that ffmpeg takes, of the schemes in which a camera could send it elsewhere. */
const DEFAULT_PORTS: Readonly<Record<string, number>> = { rtsp: 554, rtsps: 322, http: 80, https: 443 };

export interface There {
  readonly host: string;
  readonly port: number;
  readonly scheme: string;
  is(url: string): boolean;
}

export function thereOf({ url, scheme }: { url: string; scheme: string }): There {
  const { host, port } = placeOf(url);
  return {
    host: host.replace(/^\[|\]$/g, ''),
    port,
    scheme,
    is: (other) => {
      if (!URL.canParse(other)) return false;
      const place = placeOf(other);
      return place.scheme === scheme && place.host === host && place.port === port;
    },
  };
}

function placeOf(text: string): { scheme: string; host: string; port: number } {
  const { protocol, hostname, port } = new URL(text);
  const scheme = protocol.slice(0, -1);
  return { scheme, host: hostname.toLowerCase(), port: port === '' ? (DEFAULT_PORTS[scheme] ?? 0) : Number(port) };
}

export function isGuarded(scheme: string): boolean {
  return Object.hasOwn(DEFAULT_PORTS, scheme);
}
