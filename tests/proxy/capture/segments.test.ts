import { describe, expect, it } from 'vitest';
import { Segments } from '../../../proxy/capture/segments.ts';

const chunk = Buffer.alloc(256 * 1024, 'chunk ');
const chunksInSegment = 8;

/** Stores as many chunks as fill one segment. */
function fill(segments: Segments): readonly Buffer[] {
  return Array.from({ length: chunksInSegment }, () => segments.store(chunk));
}

function release(segments: Segments, views: readonly Buffer[]): void {
  for (const view of views) segments.release(view);
}

/** Whether the memory under `view` is used again within the next ten segments. */
function isUsedAgain(segments: Segments, view: Buffer): boolean {
  return Array.from({ length: 10 }, () => fill(segments))
    .flat()
    .some(({ buffer }) => buffer === view.buffer);
}

describe('segments', () => {
  it('keep a copy that later chunks and later writes to the source do not touch', () => {
    const segments = new Segments();
    const source = Buffer.from('first');
    const stored = segments.store(source);
    source.fill('x');
    segments.store(Buffer.from('second'));
    expect(String(stored)).toBe('first');
  });

  it('put chunks side by side without overlap', () => {
    const segments = new Segments();
    const views = Array.from({ length: 3 }, () => fill(segments)).flat();
    expect(new Set(views.map(({ buffer }) => buffer)).size).toBe(3);
    expect(views.map((view) => view.byteOffset / chunk.length)).toEqual(
      [0, 1, 2].flatMap(() => [0, 1, 2, 3, 4, 5, 6, 7]),
    );
  });

  it('take a chunk that is larger than a segment', () => {
    const segments = new Segments();
    const large = Buffer.alloc(3 * 1024 * 1024, 'large ');
    const stored = segments.store(large);
    segments.beginWrite()();
    segments.release(stored);
    expect(stored.equals(large)).toBe(true);
  });

  it('use memory again once the log has dropped all of it', () => {
    const segments = new Segments();
    const views = fill(segments);
    fill(segments);
    release(segments, views);
    expect(isUsedAgain(segments, views[0] ?? chunk)).toBe(true);
  });

  it('do not use memory again while the log holds a part of it', () => {
    const segments = new Segments();
    const views = fill(segments);
    fill(segments);
    release(segments, views.slice(1));
    expect(isUsedAgain(segments, views[0] ?? chunk)).toBe(false);
  });

  it('do not use memory again while it is being written out, and do so afterwards', () => {
    const segments = new Segments();
    const first = segments.store(chunk);
    const written = segments.beginWrite();
    const views = [first, ...fill(segments).slice(0, chunksInSegment - 1)];
    fill(segments);
    release(segments, views);
    expect(isUsedAgain(segments, first)).toBe(false);
    written();
    expect(isUsedAgain(segments, first)).toBe(true);
  });

  it('never use memory again that somebody was shown', () => {
    const segments = new Segments();
    const views = fill(segments);
    segments.share(views[3] ?? chunk);
    fill(segments);
    release(segments, views);
    expect(isUsedAgain(segments, views[0] ?? chunk)).toBe(false);
  });

  it('leave alone what they forgot, even when its last write ends later', () => {
    const segments = new Segments();
    const before = segments.store(chunk);
    const written = segments.beginWrite();
    segments.clear();
    segments.release(before);
    written();
    expect(isUsedAgain(segments, before)).toBe(false);
    expect(before.equals(chunk)).toBe(true);
  });
});
