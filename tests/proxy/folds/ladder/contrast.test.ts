import { contrastWith } from '#folds/ladder/contrast.ts';
import type { Ladder } from '#folds/ladder/ladder.ts';
import { expect, test } from 'vitest';
import { ladderOfVector } from './drawing.ts';

function marked(ladder: Ladder, other: Ladder): readonly string[] {
  const contrasts = contrastWith(ladder, other);
  const titles = ladder.steps.flatMap(({ key, title }) => {
    const contrast = contrasts.get(key);
    return contrast ? [`${title}: ${contrast}`] : [];
  });
  return [...new Set(titles)];
}

test('beside TLS 1.3, the certificate of TLS 1.2 is what lies in clear', () => {
  const [older, newer] = [ladderOfVector('tls12-login'), ladderOfVector('tls13-login')];
  expect(marked(older, newer)).toEqual(['Certificate: sealed there']);
  expect(marked(newer, older)).toEqual(['The rest of the handshake: in clear there']);
  expect(marked(older, ladderOfVector('rfc8448-records'))).toContain('NewSessionTicket: sealed there');
});

test('beside HTTPS, requests and answers of HTTP are what lies in clear', () => {
  const [http, https] = [ladderOfVector('http-login'), ladderOfVector('tls13-login')];
  expect(marked(http, https)).toEqual([
    ...['GET /login: sealed there', '200 OK: sealed there', 'POST /api/v1/login: sealed there'],
    'GET /api/v1/balance: sealed there',
  ]);
  expect(marked(https, http)).toEqual(['Sealed data: in clear there']);
});

test('a ladder beside itself has nothing to tell apart', () => {
  for (const name of ['http-login', 'tls12-login', 'tls13-login', 'rfc8448-records']) {
    expect(marked(ladderOfVector(name), ladderOfVector(name))).toEqual([]);
  }
});
