import { afterEach, expect, test, vi } from 'vitest';
import { Notices } from '../../../dashboard/src/lib/state/notices.svelte.ts';
import { RecordingState } from '../../../dashboard/src/lib/state/recording.svelte.ts';

const capture = () => new File([Uint8Array.of(0x0a, 0x0d, 0x0d, 0x0a, 0, 0)], 'one.pcapng');
const keyLog = () => new File([`CLIENT_RANDOM ${'ab'.repeat(32)} ${'cd'.repeat(48)}\n`], 'keys.txt');
const report = { epoch: 7, connections: 1, messages: 2, notes: ['1 packet was passed over: no IP in it.'] };

function answering(body: unknown, status = 200) {
  const fetched = vi.fn<(path: string, request: { body: FormData }) => Promise<Response>>(() =>
    Promise.resolve(Response.json(body, { status })),
  );
  vi.stubGlobal('fetch', fetched);
  /** Names of the parts of each form that was sent. */
  const forms = () => fetched.mock.calls.map(([, { body: form }]) => [...form.keys()]);
  return { fetched, forms };
}

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

test('sends a capture and its key log, whichever comes first and whatever they are called', async () => {
  const { forms, fetched } = answering(report);
  const recording = new RecordingState(new Notices());
  await recording.open([keyLog(), capture()]);
  expect(forms()).toEqual([['capture', 'keylog']]);
  expect(fetched).toHaveBeenCalledWith('/api/import', expect.objectContaining({ method: 'POST' }));
  expect(recording.notesOf(7)).toEqual(report.notes);
  expect(recording.notesOf(8)).toEqual([]);
  expect(recording.isOpening).toBe(false);
});

test('takes a key log alone for that of the capture opened last', async () => {
  const { forms } = answering(report);
  const recording = new RecordingState(new Notices());
  await recording.open([capture()]);
  await recording.open([keyLog()]);
  expect(forms()).toEqual([['capture'], ['capture', 'keylog']]);
});

test.each([
  ['a key log without a capture', () => [keyLog()], /key log/],
  ['two captures', () => [capture(), capture()], /several captures/],
])('says what to do with %s, and sends nothing', async (_name, files, why) => {
  const { fetched } = answering(report);
  const notices = new Notices();
  await new RecordingState(notices).open(files());
  expect(fetched).not.toHaveBeenCalled();
  expect(notices.shown[0]?.why).toMatch(why);
  expect(notices.shown[0]?.todo).not.toBe('');
});

test('tells why the lab refused a file, with what to do', async () => {
  const error = {
    code: 'unknown-format',
    message: 'This is no capture file.',
    hint: 'Open a pcap or pcapng file.',
  };
  answering({ error }, 422);
  const notices = new Notices();
  await new RecordingState(notices).open([new File(['text'], 'note.txt')]);
  expect(notices.shown).toMatchObject([{ why: error.message, todo: error.hint }]);
});

test('says so when it takes longer than a second, until it is over', async () => {
  vi.useFakeTimers();
  const pending: { answer?: (response: Response) => void } = {};
  vi.stubGlobal('fetch', () => new Promise((resolve) => (pending.answer = resolve)));
  const recording = new RecordingState(new Notices());
  const opening = recording.open([capture()]);
  expect(recording.slow).toBeUndefined();
  // The first bytes of a file are read elsewhere, and not by the clock of this test.
  await expect.poll(() => pending.answer).toBeDefined();
  await vi.advanceTimersByTimeAsync(1100);
  expect(recording.slow).toBe('one.pcapng');
  pending.answer?.(Response.json(report));
  await opening;
  expect(recording.slow).toBeUndefined();
});

test('knows whether there is a lab to go back to', async () => {
  answering({ routes: [] });
  const recording = new RecordingState(new Notices());
  await recording.load();
  expect(recording.hasLab).toBe(false);
});

test('asks before something captured live is forgotten, and opens once that is agreed to', async () => {
  const { fetched } = answering(report);
  let live = 152;
  const recording = new RecordingState(new Notices(), () => live);
  await recording.open([capture()]);
  expect(recording.asked?.name).toBe('one.pcapng');
  expect(fetched).not.toHaveBeenCalled();
  recording.decline();
  expect(recording.asked).toBeUndefined();
  expect(fetched).not.toHaveBeenCalled();
  await recording.open([capture(), keyLog()]);
  await recording.agree();
  expect(fetched).toHaveBeenCalledOnce();
  expect(recording.asked).toBeUndefined();
  // A recording is on screen now: nothing would be lost.
  live = 0;
  await recording.open([capture()]);
  expect(fetched).toHaveBeenCalledTimes(2);
});

test('asks nothing about files that cannot be opened anyway', async () => {
  answering(report);
  const notices = new Notices();
  const recording = new RecordingState(notices, () => 152);
  await recording.open([keyLog()]);
  expect(recording.asked).toBeUndefined();
  expect(notices.shown[0]?.why).toMatch(/key log/);
});
