import type { Lab } from '#contract';

export const pacType = 'application/x-ns-proxy-autoconfig';

/**
 * The proxy auto-configuration file for a browser: the lab's names through the proxy, everything else as if it were not
 * there. Undefined where there is no proxy. It holds no secret, and browsers fetch it without any token.
 */
export function pacFile({ proxy, routes }: Pick<Lab, 'proxy' | 'routes'>): string | undefined {
  if (!proxy) return undefined;
  const names = [...new Set(routes.map(({ name }) => name))];
  return (
    `var names = ${JSON.stringify(names)};\n` +
    'function FindProxyForURL(url, host) {\n' +
    `  return names.indexOf(host.toLowerCase()) < 0 ? 'DIRECT' : ${JSON.stringify(`PROXY ${new URL(proxy.url).host}`)};\n` +
    '}\n'
  );
}
