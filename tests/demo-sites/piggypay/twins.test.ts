import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PERSONA } from '../../../demo-sites/piggypay/persona.ts';
import { type Answer, type RunningSite, cookieOf, runSite, tokenOf } from './running-site.ts';

let running: RunningSite;
beforeAll(async () => (running = await runSite()));
afterAll(() => running.site.close());

/**
 * An answer as text, with what is drawn anew for each (nonce, date, token, cookie value, the session's public name)
 * replaced by its length, and the name of the cookie and the kind of transport as they are over HTTP.
 */
function shape(answer: Answer): string {
  const { status, rawHeaders, body } = answer;
  const nonce = /'nonce-([^']+)'/.exec(answer.headers['content-security-policy'] as string)?.[1];
  const session = /<code>([0-9a-f]{6})<\/code>/.exec(body)?.[1];
  const drawn = [nonce, answer.headers.date, cookieOf(answer).split('=')[1], session];
  if (body.includes('"token"')) drawn.push(tokenOf(answer));
  let text = JSON.stringify([status, rawHeaders]) + body;
  for (const value of drawn) if (value !== undefined) text = text.replaceAll(value, `<${value.length}>`);
  return text
    .replace(/secure-sid=(.*?) Secure;/, 'sid=$1')
    .replaceAll('over HTTPS', 'over HTTP')
    .replace(/"Content-Length","\d+"/, '"Content-Length"');
}

describe('the twins', () => {
  it('send the same bytes over HTTP and over HTTPS, but for what is drawn anew and what is about the S', async () => {
    const Cookie = {
      http: cookieOf(await running.logIn('http')),
      https: cookieOf(await running.logIn('https')),
    };
    for (const path of ['/', '/login', '/hashed', '/fees', '/account', '/api/v1/balance', '/nothing']) {
      const [http, https] = await Promise.all([
        running.ask('http', path, { headers: { Cookie: Cookie.http } }),
        running.ask('https', path, { headers: { Cookie: Cookie.https } }),
      ]);
      expect(shape(https)).toBe(shape(http));
      expect(http.body).not.toContain('https');
    }
    expect(shape(await running.logIn('https'))).toBe(shape(await running.logIn('http')));
    const wrong = { mobile: '1', password: 'x' };
    expect(shape(await running.logIn('https', wrong))).toBe(shape(await running.logIn('http', wrong)));
  });

  it('never ask the browser to use HTTPS, nor say what they are built with', async () => {
    for (const path of ['/', '/account', '/api/v1/balance', '/nothing']) {
      const { headers } = await running.ask('https', path);
      expect(headers).not.toHaveProperty('strict-transport-security');
      expect(headers).not.toHaveProperty('x-powered-by');
      expect(headers).not.toHaveProperty('content-encoding');
      expect(headers['content-security-policy'] ?? '').not.toContain('upgrade-insecure-requests');
      expect(headers['cache-control']).toBe('no-store');
      expect(headers['x-content-type-options']).toBe('nosniff');
    }
    const accepting = { 'Accept-Encoding': 'gzip, br', 'Upgrade-Insecure-Requests': '1' };
    const answer = await running.ask('http', '/', { headers: accepting });
    expect([answer.status, answer.headers['content-encoding']]).toEqual([200, undefined]);
  });

  it('allow their own style and script by a nonce that is new each time, and nothing else', async () => {
    const nonces = new Set<string>();
    for (let time = 0; time < 4; time += 1) {
      const { headers, body } = await running.ask('http', '/');
      const policy = headers['content-security-policy'] as string;
      const nonce = /script-src 'nonce-([\w+/=]{24})'(;|$)/.exec(policy)?.[1] ?? '';
      expect(policy).toContain("default-src 'none'");
      expect(policy).not.toMatch(/unsafe|\*|https?:/);
      expect(body.match(/<(script|style)/g)).toHaveLength(2);
      expect(body.split(`nonce="${nonce}"`)).toHaveLength(3);
      nonces.add(nonce);
    }
    expect(nonces.size).toBe(4);
  });

  it('put everything of a page into one answer', async () => {
    const Cookie = cookieOf(await running.logIn('http'));
    for (const path of ['/', '/hashed', '/account', '/help', '/fees']) {
      const { body } = await running.ask('http', path, { headers: { Cookie } });
      // What a link leads to is another page, asked for when somebody follows it.
      for (const [, address] of body.matchAll(/<(?!a\s)[^>]*\b(?:src|href)="([^"]*)"/g))
        expect(address).toMatch(/^data:/);
      expect(body).not.toMatch(/@import|url\(/);
    }
  });

  it('do not give the persona’s number or password away in a page', async () => {
    const Cookie = cookieOf(await running.logIn('http'));
    for (const path of ['/', '/hashed', '/account']) {
      const { body } = await running.ask('http', path, { headers: { Cookie } });
      expect(body).not.toContain(PERSONA.mobile);
      expect(body).not.toContain(PERSONA.password);
    }
  });
});
