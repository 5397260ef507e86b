import http from 'node:http';
import https from 'node:https';
import { createAuthority } from '../../../certs/authority.ts';
import { PERSONA } from '../../../demo-sites/piggypay/persona.ts';
import { type PiggyPay, startPiggyPay } from '../../../demo-sites/piggypay/piggypay.ts';
import type { PortPair } from '../../../demo-sites/ports.ts';
import type { SiteTold } from '../../../demo-sites/told.ts';

export type Twin = 'http' | 'https';
export const TWINS: readonly Twin[] = ['http', 'https'];

export interface Answer {
  readonly status: number;
  /** As they came: name, value, name, value … */
  readonly rawHeaders: readonly string[];
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
  /** Of the client's connection. */
  readonly ports: PortPair;
}

export interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  readonly agent?: http.Agent;
}

export interface RunningSite {
  readonly site: PiggyPay;
  readonly ca: string;
  /** All but the key log. */
  readonly told: SiteTold[];
  readonly keyLog: Extract<SiteTold, { type: 'secrets-logged' }>[];
  ask(twin: Twin, path: string, asked?: Asked): Promise<Answer>;
  logIn(twin: Twin, credentials?: { mobile: unknown; password: unknown }): Promise<Answer>;
  /** Resolves with the first told event that fits, past ones included. */
  heard<T extends SiteTold['type']>(
    type: T,
    fits?: (told: SiteTold) => boolean,
  ): Promise<Extract<SiteTold, { type: T }>>;
}

export async function runSite(): Promise<RunningSite> {
  const authority = await createAuthority();
  const leaf = await authority.issue({ names: ['piggypay.test'] });
  const told: SiteTold[] = [];
  const keyLog: RunningSite['keyLog'] = [];
  const waiting = new Set<() => void>();
  const site = await startPiggyPay({
    tls: { key: leaf.keyPem, cert: leaf.certificatePem },
    report: (event) => {
      if (event.type === 'secrets-logged') keyLog.push(event);
      else told.push(event);
      for (const look of waiting) look();
    },
  });

  const ask: RunningSite['ask'] = (twin, path, { method = 'GET', headers = {}, body, agent } = {}) =>
    new Promise((resolve, reject) => {
      const to = {
        host: '127.0.0.1',
        path,
        method,
        headers: { Host: 'piggypay.test', ...headers },
        agent: agent ?? false,
      };
      const request =
        twin === 'http'
          ? http.request({ ...to, port: site.httpPort })
          : https.request({
              ...to,
              port: site.httpsPort,
              ca: authority.certificatePem,
              servername: 'piggypay.test',
            });
      request.on('error', reject);
      request.on('response', (response) => {
        const ports = { from: response.socket.localPort ?? 0, to: response.socket.remotePort ?? 0 };
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          const { statusCode: status = 0, rawHeaders, headers: received } = response;
          resolve({
            status,
            rawHeaders,
            headers: received,
            body: Buffer.concat(chunks).toString(),
            ports,
          });
        });
        response.on('error', reject);
      });
      request.end(body);
    });

  return {
    site,
    ca: authority.certificatePem,
    told,
    keyLog,
    ask,
    logIn: (twin, credentials = { mobile: PERSONA.mobile, password: PERSONA.password }) =>
      ask(twin, '/api/v1/login', {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(credentials),
      }),
    heard: (type, fits = () => true) =>
      new Promise((resolve) => {
        const look = (): void => {
          const found = told.find((event) => event.type === type && fits(event));
          if (!found) return;
          waiting.delete(look);
          resolve(found as never);
        };
        waiting.add(look);
        look();
      }),
  };
}

/** The cookie of an answer as the client would send it back. */
export function cookieOf(answer: Answer): string {
  return answer.headers['set-cookie']?.[0]?.split(';')[0] ?? '';
}

export function tokenOf(answer: Answer): string {
  return (JSON.parse(answer.body) as { token: string }).token;
}
