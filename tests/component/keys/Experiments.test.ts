import { expect, test, vi } from 'vitest';
import { page } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import type { ExperimentId, ExperimentInfo, ExperimentRun, Measures } from '#contract';
import ExperimentsTab from '../../../dashboard/src/lib/components/keys/ExperimentsTab.svelte';
import { arrange } from '../../../dashboard/src/lib/format/keys/experiment-measures.ts';
import { measureName, measureText } from '../../../dashboard/src/lib/format/keys/measure-text.ts';
import {
  measuredAnswer,
  type Predictions,
  QUESTIONS,
} from '../../../dashboard/src/lib/format/keys/experiment-questions.ts';

const INFO: ExperimentInfo = {
  ...{ id: 'resumption-13', title: 'Resumption in TLS 1.3', seconds: 2 },
  about: 'The victim comes back with a ticket.',
};
const OTHER: ExperimentInfo = { ...INFO, id: 'race', title: 'The race' };
const RUN: ExperimentRun = {
  id: 'resumption-13',
  outcome: 'The site’s part of the handshake shrank from 2157 to 447 bytes, without a Certificate.',
  measures: {
    host: 'piggypay.test',
    first: {
      ...{ connection: 3, handshakeBytes: { client: 600, server: 2157 } },
      ...{
        messages: { client: ['ClientHello', 'Finished'] },
        certificate: { bytes: 800, crossed: 'encrypted' },
      },
      handshakeMilliseconds: 4.217,
    },
    second: {
      ...{ connection: 4, handshakeBytes: { client: 800, server: 447 } },
      ...{ messages: { client: ['ClientHello', 'Finished'] }, certificate: null, handshakeMilliseconds: 2.1 },
    },
    bytesSaved: 1510,
    resumed: true,
    certificateSent: [true, false],
    secrets: { same: [], new: ['CLIENT_TRAFFIC_SECRET_0', 'SERVER_TRAFFIC_SECRET_0'] },
  },
  events: [4, 5, 9],
};

function props(changes: object = {}) {
  const experiments = {
    ...{ list: [OTHER, INFO], running: undefined, progress: undefined, results: {} },
    run: vi.fn(() => Promise.resolve()),
    ...changes,
  };
  const predictions: Predictions = {};
  const shown = (text: string) => text;
  return { experiments, isRecorded: false, predictions, shown, onpredict: vi.fn(), onledger: vi.fn() };
}

test('has a card for each experiment with the life of keys that the lab knows, and for no other', async () => {
  await render(ExperimentsTab, props());
  await expect.element(page.getByRole('heading', { name: 'Resumption in TLS 1.3' })).toBeVisible();
  expect(page.getByRole('heading').elements()).toHaveLength(1);
});

test('asks before it runs, and can be run without an answer', async () => {
  const given = props();
  const { rerender } = await render(ExperimentsTab, given);
  await expect
    .element(page.getByRole('group', { name: /What does the shorter handshake do to the keys/ }))
    .toBeVisible();
  await page.getByRole('button', { name: 'Run without a prediction' }).click();
  expect(given.experiments.run).toHaveBeenCalledExactlyOnceWith('resumption-13');
  await page.getByRole('radio', { name: 'It makes new keys' }).click();
  expect(given.onpredict).toHaveBeenCalledExactlyOnceWith('resumption-13', 'It makes new keys');
  await rerender({ predictions: { 'resumption-13': 'It makes new keys' } });
  await expect.element(page.getByRole('button', { name: 'Run', exact: true })).toBeEnabled();
});

test('says how far it has come, and starts no second one meanwhile', async () => {
  const progress = { id: 'resumption-13', done: 0.5, doing: 'Comes back with the ticket' } as const;
  await render(ExperimentsTab, props({ running: 'resumption-13', progress }));
  await expect.element(page.getByRole('progressbar')).toHaveValue(0.5);
  await expect.element(page.getByText('Comes back with the ticket')).toBeVisible();
  await expect.element(page.getByRole('button', { name: /^Run/ })).toBeDisabled();
});

test('is not to be started while another runs', async () => {
  await render(ExperimentsTab, props({ running: 'race' }));
  await expect.element(page.getByRole('button', { name: /^Run/ })).toBeDisabled();
  expect(page.getByRole('progressbar').elements()).toHaveLength(0);
});

test('sets what was measured beside what was expected, and compares the two connections', async () => {
  const given = {
    ...props({ results: { 'resumption-13': RUN } }),
    predictions: { 'resumption-13': 'It makes new keys' },
  };
  await render(ExperimentsTab, given);
  await expect.element(page.getByText('You expected: It makes new keys')).toBeVisible();
  await expect.element(page.getByText('✓ So it was measured.')).toBeVisible();
  await expect
    .element(
      page.getByText(
        'Measured: The site’s part of the handshake shrank from 2157 to 447 bytes, without a Certificate.',
      ),
    )
    .toBeVisible();
  await expect
    .element(page.getByRole('row', { name: /Handshake, from the site/ }))
    .toHaveTextContent(/Handshake, from the site\s*2,157 B\s*447 B\s*−1,710 B/);
  await expect.element(page.getByText('SERVER_TRAFFIC_SECRET_0')).toBeVisible();
  await page.getByText('1 value the same in both').click();
  await expect.element(page.getByText('ClientHello, Finished')).toBeVisible();
  await expect.element(page.getByText(/shorter handshake with new keys/)).toBeVisible();
  await page.getByRole('button', { name: 'See its connections in the ledger' }).click();
  expect(given.onledger).toHaveBeenCalledOnce();
});

test('says kindly what was measured in place of what was expected, and when nothing decides', async () => {
  const given = {
    ...props({ results: { 'resumption-13': RUN } }),
    predictions: { 'resumption-13': 'It does without keys' },
  };
  const { rerender } = await render(ExperimentsTab, given);
  await expect.element(page.getByText('✗ Measured: It makes new keys.')).toBeVisible();
  const refused = { ...RUN, measures: { ...RUN.measures, resumed: false } };
  await rerender(props({ results: { 'resumption-13': refused } }));
  expect(page.getByText(/So it was measured|✗/).elements()).toEqual([]);
  await rerender({ ...given, experiments: props({ results: { 'resumption-13': refused } }).experiments });
  await expect.element(page.getByText('What was measured fits none of these answers.')).toBeVisible();
});

const BOTH_NEW = { secrets: { same: [], new: ['CLIENT_RANDOM'] } };
const ENDED = {
  ...{ after: { victim: { socketIsOpen: false }, site: { connectionIsOpen: false } } },
  ...{ held: { ticketWorks: true, loginHolds: true }, keyLog: { openedWithoutIt: 0 } },
};

test.each<readonly [ExperimentId, Measures, string | undefined]>([
  ['keep-alive', { oneConnection: { handshakes: 1, setsOfSecrets: 1 } }, 'One, for both calls'],
  ['keep-alive', { oneConnection: { handshakes: 2, setsOfSecrets: 2 } }, 'Two, one a call'],
  ['new-connection', { tls13: BOTH_NEW, tls12: BOTH_NEW }, 'None of them'],
  [
    'new-connection',
    { tls13: { secrets: { same: ['CLIENT_TRAFFIC_SECRET_0'], new: ['EXPORTER_SECRET'] } } },
    'Those of one direction',
  ],
  [
    'resumption-12',
    { resumed: true, keyBlock: 'new', secrets: { same: ['CLIENT_RANDOM'], new: [] } },
    'The master secret',
  ],
  [
    'resumption-12',
    { resumed: true, keyBlock: 'same', secrets: { same: ['CLIENT_RANDOM'], new: [] } },
    'The traffic keys',
  ],
  ['resumption-12', { resumed: false, ...BOTH_NEW }, 'Nothing'],
  ['end-by-close', ENDED, 'A ticket and the login'],
  [
    'end-by-close',
    { ...ENDED, after: { site: { connectionIsOpen: true } } },
    'The traffic keys, at the site',
  ],
  ['end-by-timeout', ENDED, 'The connection and its traffic keys'],
  ['end-by-timeout', { ...ENDED, held: { ticketWorks: true, loginHolds: false } }, 'The login as well'],
  ['end-by-drop', ENDED, 'No more than before'],
  ['end-by-drop', { ...ENDED, keyLog: { openedWithoutIt: 3 } }, 'The keys, since they are left over'],
  [
    'open-cards',
    { secretsEqualToSitesKeyLog: { CLIENT_A: true, SERVER_A: true } },
    'Every secret of this connection',
  ],
  [
    'open-cards',
    { secretsEqualToSitesKeyLog: { CLIENT_A: true, SERVER_A: false } },
    'Those of the victim’s direction',
  ],
])('what was measured of %s is one of its answers', (id, measures, words) => {
  const question = QUESTIONS[id];
  expect(question && measuredAnswer(question, measures)).toBe(words);
});

test('what is measured as a rule has no place of its own, and measures of another make fit nothing', () => {
  const usual: Partial<Record<ExperimentId, Measures>> = {
    'keep-alive': { oneConnection: { handshakes: 1, setsOfSecrets: 1 } },
    'new-connection': { tls13: BOTH_NEW, tls12: BOTH_NEW },
    'resumption-13': RUN.measures,
    'resumption-12': { resumed: true, keyBlock: 'new', secrets: { same: ['CLIENT_RANDOM'], new: [] } },
    ...{ 'end-by-close': ENDED, 'end-by-timeout': ENDED, 'end-by-drop': ENDED },
    'open-cards': { secretsEqualToSitesKeyLog: { CLIENT_A: true, SERVER_A: true } },
  };
  const places = Object.entries(QUESTIONS).map(([id, question]) => {
    expect(measuredAnswer(question, {})).toBeUndefined();
    const answer = measuredAnswer(question, usual[id as ExperimentId] ?? {});
    return question.choices.findIndex(({ words }) => words === answer);
  });
  expect(places).not.toContain(-1);
  expect(new Set(places).size).toBe(3);
  for (const place of [0, 1, 2])
    expect(places.filter((each) => each === place).length).toBeLessThanOrEqual(4);
});

test('of a recorded capture it says why nothing can be run', async () => {
  await render(ExperimentsTab, { ...props(), isRecorded: true });
  await expect.element(page.getByText(/needs the live lab: begin a new live capture/)).toBeVisible();
  expect(page.getByRole('button').elements()).toHaveLength(0);
});

test('sets two connections side by side, pairs of values among them, and lists which secrets are new', () => {
  expect(arrange(RUN.measures)).toEqual([
    {
      comparison: {
        columns: ['First', 'Second'],
        rows: [
          { name: 'Connection', cells: ['3', '4'] },
          { name: 'Handshake, from the victim', cells: ['600 B', '800 B'], difference: '+200 B' },
          { name: 'Handshake, from the site', cells: ['2,157 B', '447 B'], difference: '−1,710 B' },
          {
            name: 'Handshake messages of the victim',
            cells: ['ClientHello, Finished', 'ClientHello, Finished'],
          },
          { name: 'Certificate on the wire', cells: ['800 B', 'none'] },
          { name: 'The certificate crossed', cells: ['encrypted', 'none'] },
          {
            name: 'Time of the handshake, told by the victim',
            cells: ['4.22 ms', '2.1 ms'],
            difference: '−2.12 ms',
          },
          { name: 'Certificate sent', cells: ['yes', 'no'] },
        ],
      },
      lists: [
        { name: 'Same secrets', kind: 'same', items: [] },
        { name: 'New secrets', kind: 'new', items: ['CLIENT_TRAFFIC_SECRET_0', 'SERVER_TRAFFIC_SECRET_0'] },
      ],
      facts: [
        { name: 'Host', value: 'piggypay.test' },
        { name: 'Resumed, told by the victim', value: 'yes' },
        { name: 'Bytes saved', value: '1,510 B' },
      ],
      sentences: [],
    },
  ]);
});

test('does not say twice what was saved, and keeps what no row has', () => {
  const [section] = arrange({
    oneConnection: { bytes: 5000, secondCallMilliseconds: 9.07 },
    connectionEach: { bytes: 8200, secondCallMilliseconds: 2.5 },
    bytesSaved: 3200,
    millisecondsSaved: -6.57,
    serverBytesSaved: 17,
    bytesOver: 3200,
  });
  expect(section?.comparison?.rows.map(({ difference }) => difference)).toEqual(['+3,200 B', '−6.57 ms']);
  expect(section?.facts).toEqual([
    { name: 'Bytes over', value: '3,200 B' },
    { name: 'Bytes saved by the site', value: '17 B' },
  ]);
});

test('does not say once more what a row says of each, and uses the cast’s words', () => {
  const [section] = arrange({
    first: { resumed: false, suite: 'A' },
    second: { resumed: true, suite: 'A' },
    resumed: true,
    ending: { by: 'relay', how: 'reset' },
    secrets: { same: ['CLIENT_RANDOM'] },
  });
  expect(section?.facts).toEqual([
    { name: 'Ended by', value: 'the stranger' },
    { name: 'How it ended', value: 'cut by a reset' },
  ]);
  expect(section?.lists[0]?.items).toEqual(['master secret (CLIENT_RANDOM in the key log)']);
});

test('gives each of two such comparisons a title of its own', () => {
  const sections = arrange({ tls13: RUN.measures, tls12: { ...RUN.measures, host: 'tls12.test' } });
  expect(
    sections.map(({ title, comparison, facts }) => [title, comparison?.columns, facts[0]?.value]),
  ).toEqual([
    ['TLS 1.3', ['First', 'Second'], 'piggypay.test'],
    ['TLS 1.2', ['First', 'Second'], 'tls12.test'],
  ]);
});

test('compares before and after, whatever else has the same two ends', () => {
  const cannot = 'Whether the bytes of the keys are gone from memory, no call can tell: OpenSSL frees them.';
  const [section, ...more] = arrange({
    before: { victim: { socketIsOpen: true, idleInPool: 1 }, site: { connectionIsOpen: true } },
    after: { victim: { socketIsOpen: false, idleInPool: 0 }, site: { connectionIsOpen: false } },
    held: { ticketWorks: true },
    closeNotify: { victim: true, site: false },
    cannotBeAsked: cannot,
  });
  expect(more).toEqual([]);
  expect(section?.comparison).toEqual({
    columns: ['Before', 'After'],
    rows: [
      { name: 'Victim: the socket is open', cells: ['yes', 'no'] },
      { name: 'Victim: idle in its pool', cells: ['1', '0'], difference: '−1' },
      { name: 'Site: the connection is open', cells: ['yes', 'no'] },
    ],
  });
  expect(section?.facts).toEqual([
    { name: 'The ticket still resumes', value: 'yes' },
    { name: 'close_notify from the victim', value: 'yes' },
    { name: 'close_notify from the site', value: 'no' },
  ]);
  expect(section?.sentences).toEqual([cannot]);
});

test('lays out measures that it never heard of', () => {
  const [section] = arrange({ calls: [{ status: 200 }, { status: 401 }], left: { deep: { tickets: 2 } } });
  expect(section?.comparison).toEqual({
    columns: ['First', 'Second'],
    rows: [{ name: 'Status', cells: ['200', '401'] }],
  });
  expect(section?.facts).toEqual([{ name: 'Left deep tickets', value: '2' }]);
  expect(arrange({})).toEqual([]);
});

test('reads the unit from the name', () => {
  expect(measureName('bytesSavedByTls')).toBe('Bytes saved by TLS');
  expect(measureText('bytesSaved', 1710)).toBe('1,710 B');
  expect(measureText('idleSeconds', 5.5)).toBe('5.5 s');
  expect(measureText('millisecondsSaved', 26.34)).toBe('26.3 ms');
  expect(measureText('handshakes', 1)).toBe('1');
  expect(measureText('ticket', null)).toBe('none');
  expect(measureText('sameSecrets', [])).toBe('none');
});

const CARDS: ExperimentRun = {
  id: 'open-cards',
  outcome: 'The victim told its private halves.',
  measures: { ...cardsOf('TLS 1.3', 5, true), tls12: cardsOf('TLS 1.2', 1, true) },
  events: [1],
};

function cardsOf(version: string, secrets: number, isEqual: boolean) {
  return {
    ...{ version, suite: 'TLS_AES_128_GCM_SHA256', group: 'x25519', connection: 7 },
    publicKeysOnWire: { victim: 'aa'.repeat(32), site: 'bb'.repeat(32) },
    timesFoundOnWire: { victimsPublicKey: 1, sitesPublicKey: 1, victimsPrivateKey: 0, sharedSecret: 0 },
    ...{ privateKey: 'cc'.repeat(32), sharedSecret: 'dd'.repeat(32), masterSecret: 'ee'.repeat(32) },
    secretsEqualToSitesKeyLog: Object.fromEntries(
      Array.from({ length: secrets }, (_, at) => [`SECRET_${String(at)}`, isEqual]),
    ),
  };
}

test('open cards: what the wire has and what it has not, the site as witness, the private numbers apart', async () => {
  const list = [{ ...INFO, id: 'open-cards' as const }];
  const { rerender } = await render(ExperimentsTab, props({ list, results: { 'open-cards': CARDS } }));
  const cells = (name: RegExp) => page.getByRole('row', { name });
  await expect.element(cells(/The victim’s public half/)).toHaveTextContent(/half\s*1 time\s*1 time/);
  await expect.element(cells(/The victim’s private half/)).toHaveTextContent(/half\s*0 times\s*0 times/);
  await expect.element(cells(/The shared secret/)).toHaveTextContent(/secret\s*0 times\s*0 times/);
  await expect.element(page.getByText(/6 of 6 secrets that the victim computed are equal/)).toBeVisible();
  const told = page.getByRole('region', { name: 'Told by this victim, made to be shown' });
  await expect.element(told).toHaveTextContent(/private half of its key share\s*cccccccc cccccccc …/);
  await expect.element(told).not.toHaveTextContent('aaaaaaaa');
  await expect
    .element(page.getByRole('region', { name: 'Public, captured from the wire' }))
    .toHaveTextContent('bbbbbbbb');

  const alone = { ...CARDS, measures: cardsOf('TLS 1.3', 5, false) };
  await rerender({ experiments: { ...props({ list, results: { 'open-cards': alone } }).experiments } });
  await expect.element(page.getByText(/0 of 5 secrets/)).toBeVisible();
});
