import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { COLUMNS } from '../../../../demo-sites/piggypay/cookie-flags/columns.ts';
import { FLAGGED_COOKIES } from '../../../../demo-sites/piggypay/cookie-flags/flags.ts';
import { type Answer, type RunningSite, type Twin, TWINS, runSite } from '../running-site.ts';

let running: RunningSite;
beforeAll(async () => (running = await runSite()));
afterAll(() => running.site.close());
beforeEach(() => running.site.reset());

const JSON_TYPE = { 'Content-Type': 'application/json' };
const ALL_NAMES = FLAGGED_COOKIES.map(({ name }) => name);

interface Begun {
  readonly trial: string;
  readonly lines: readonly string[];
  /** As a client sends them back. */
  readonly pairs: readonly string[];
}

async function begin(twin: Twin): Promise<Begun> {
  const answer = await running.ask(twin, '/api/v1/cookie-trial', { method: 'POST' });
  expect(answer.status).toBe(201);
  const lines = answer.headers['set-cookie'] ?? [];
  const { trial } = JSON.parse(answer.body) as { trial: string };
  return { trial, lines, pairs: lines.map((line) => line.split(';')[0] ?? '') };
}

/** The rows of a column, in words. */
async function column(trial: string, way: string): Promise<string[]> {
  const { body } = await running.ask('https', `/cookies?trial=${trial}`);
  return [...body.matchAll(new RegExp(`<td data-way="${way}" class="[a-z]+">([^<]*)</td>`, 'g'))].map(
    ([, words = '']) => words,
  );
}

function ask(twin: Twin, path: string, cookies: readonly string[], fetchSite?: string): Promise<Answer> {
  const headers = {
    Cookie: cookies.join('; '),
    ...(fetchSite === undefined ? {} : { 'Sec-Fetch-Site': fetchSite }),
  };
  return running.ask(twin, path, { method: path.endsWith('/form') ? 'POST' : 'GET', headers });
}

describe.each(TWINS)('a trial over %s', (twin) => {
  it('sets a cookie a flag, the same lines over both, and lists nothing as tried', async () => {
    const { lines, trial } = await begin(twin);
    expect(lines.map((line) => line.replace(/=[0-9a-f]{16};/, '=…;'))).toEqual(
      FLAGGED_COOKIES.map(({ name, flags }) =>
        [`${name}=…`, 'Path=/cookies', 'Max-Age=600', ...(flags ? [flags] : [])].join('; '),
      ),
    );
    for (const { way } of COLUMNS) expect(await column(trial, way)).toEqual(ALL_NAMES.map(() => 'not tried'));
  });

  it('writes into the column of this transport what came with a request', async () => {
    const { trial, pairs } = await begin(twin);
    const answer = await ask(twin, `/cookies/${trial}/from-here`, [
      'sid=x',
      ...pairs.slice(0, 2),
      'everything=0',
    ]);
    expect([answer.status, answer.body]).toEqual([200, '{"ok":true}']);
    const words = ['came', 'came', 'did not come', 'did not come', 'did not come', 'came, an older one'];
    expect(await column(trial, `from-${twin}`)).toEqual(words);
    const other = twin === 'http' ? 'https' : 'http';
    expect(await column(trial, `from-${other}`)).toEqual(ALL_NAMES.map(() => 'not tried'));
  });

  it('makes the browser forget all six, and forgets the trial itself', async () => {
    const { trial } = await begin(twin);
    const answer = await running.ask(twin, `/api/v1/cookie-trial/${trial}`, { method: 'DELETE' });
    expect(answer.status).toBe(200);
    const lines = answer.headers['set-cookie'] ?? [];
    expect(lines.map((line) => line.split('=')[0])).toEqual(ALL_NAMES);
    for (const line of lines) expect(line).toContain('; Path=/cookies; Max-Age=0');
    const { body } = await running.ask(twin, `/cookies?trial=${trial}`);
    expect(body).toContain('That trial is over');
  });

  it('is for a login session of no use, and no login is needed', async () => {
    const { pairs } = await begin(twin);
    const answer = await ask(twin, '/api/v1/balance', pairs);
    expect(answer.status).toBe(401);
    expect(running.site.counters.sessions()).toEqual([]);
  });
});

it('the page says which cookies came with the request for itself, and that Strict waits over HTTP only', async () => {
  const { trial, pairs } = await begin('https');
  const path = `/cookies?trial=${trial}`;
  const came = 'for this page itself came <code>plain</code>, <code>secure</code>';
  const plain = await ask('http', path, pairs.slice(0, 2));
  expect(plain.body).toContain(`${came}, in clear. You came from another site, or from HTTPS`);
  expect((await ask('https', path, pairs.slice(0, 2))).body).toContain(`${came}.</p>`);
  expect((await ask('http', path, pairs)).body).toContain('<code>everything</code>, in clear.</p>');
  expect((await ask('http', path, [])).body).toContain('came none of them, in clear.</p>');
});

describe('requests that another site begins', () => {
  it.each(['link', 'form', 'other-scheme'])('lead back to the page, %s, with what came', async (way) => {
    const { trial, pairs } = await begin('https');
    const answer = await ask('https', `/cookies/${trial}/${way}`, pairs.slice(2, 4), 'cross-site');
    expect(answer.status).toBe(303);
    expect(answer.headers.location).toBe(`/cookies?trial=${trial}#results`);
    expect(await column(trial, way)).toEqual([
      ...['did not come', 'did not come', 'came', 'came', 'did not come', 'did not come'],
    ]);
  });

  it.each([
    ['link', 'none'],
    ['link', 'same-origin'],
    ['form', 'same-site'],
    ['other-scheme', 'none'],
    ['from-here', 'cross-site'],
  ])('do not count as %s where the browser says that they are %s', async (way, fetchSite) => {
    const { trial, pairs } = await begin('https');
    const answer = await ask('https', `/cookies/${trial}/${way}`, pairs, fetchSite);
    expect(answer.status).toBe(409);
    expect(JSON.parse(answer.body)).toMatchObject({ error: { code: 'from-elsewhere' } });
    const words = await Promise.all(COLUMNS.map((each) => column(trial, each.way)));
    expect(new Set(words.flat())).toEqual(new Set(['not tried']));
  });

  it('come from a page of their own, whose form may lead to the site and nowhere else', async () => {
    const { trial } = await begin('https');
    const { body, headers } = await running.ask('https', `/cookies/elsewhere?trial=${trial}`);
    const policy = headers['content-security-policy'];
    expect(policy).toMatch(/; form-action https:\/\/piggypay\.test; frame-ancestors 'none'$/);
    expect(body).toContain(`action="https://piggypay.test/cookies/${trial}/form"`);
    expect(body).toContain(`href="https://piggypay.test/cookies/${trial}/link"`);
    const page = await running.ask('https', `/cookies?trial=${trial}`);
    expect(page.headers['content-security-policy']).toContain("; form-action 'none'; frame-ancestors 'none'");
  });
});

describe('a script', () => {
  it('tells what it has read, and the page says so', async () => {
    const { trial, pairs } = await begin('https');
    const body = JSON.stringify({ read: pairs.slice(0, 1).join('; ') });
    const path = `/api/v1/cookie-trial/${trial}/script`;
    const answer = await running.ask('https', path, { method: 'POST', headers: JSON_TYPE, body });
    expect(answer.status).toBe(200);
    expect(await column(trial, 'script')).toEqual(['read', ...ALL_NAMES.slice(1).map(() => 'not read')]);
  });

  it.each(['{}', '{"read":1}', JSON.stringify({ read: 'x'.repeat(4097) }), '[]', '"x"'])(
    'that tells something else is refused: %.20s',
    async (body) => {
      const { trial } = await begin('https');
      const path = `/api/v1/cookie-trial/${trial}/script`;
      const answer = await running.ask('https', path, { method: 'POST', headers: JSON_TYPE, body });
      expect(answer.status).toBe(400);
    },
  );
});

describe('a trial that nobody knows', () => {
  it('is refused, or leads to a page that says it is over', async () => {
    const { trial, pairs } = await begin('https');
    await running.site.reset();
    expect((await ask('https', `/cookies/${trial}/from-here`, pairs)).status).toBe(404);
    const back = await ask('https', `/cookies/${trial}/link`, pairs, 'cross-site');
    expect(back.status).toBe(303);
    const { body } = await running.ask('https', back.headers.location?.split('#')[0] ?? '');
    expect(body).toContain('That trial is over');
    expect(body).not.toContain('<table');
    const elsewhere = await running.ask('https', `/cookies/elsewhere?trial=${trial}`);
    expect(elsewhere.headers.location).toBe('https://piggypay.test/cookies');
  });

  it('is never written into a page or a field as it came', async () => {
    const { body } = await running.ask('http', '/cookies?trial=%3Cscript%3Ealert(1)%3C/script%3E');
    expect(body).not.toContain('alert(1)');
    const { headers } = await ask('http', '/cookies/%0d%0aX-A:%20b/link', []);
    expect(headers.location).toBe('/cookies?trial=%0D%0AX-A%3A%20b#results');
    expect(headers).not.toHaveProperty('x-a');
    expect((await running.ask('http', '/cookies?trial=a&trial=b')).status).toBe(200);
  });
});

it('the page says of the login’s own cookie which flags it has', async () => {
  const { body } = await running.ask('https', '/cookies');
  expect(body).toContain(
    'own login is <code>HttpOnly; SameSite=Lax</code>. Over HTTPS it is another one, which is <code>Secure</code>',
  );
  const flags = async (twin: Twin) => {
    const [line = ''] = (await running.logIn(twin)).headers['set-cookie'] ?? [];
    return line.split('; ').slice(2).sort();
  };
  expect(await flags('http')).toEqual(['HttpOnly', 'SameSite=Lax']);
  expect(await flags('https')).toEqual(['HttpOnly', 'SameSite=Lax', 'Secure']);
});
