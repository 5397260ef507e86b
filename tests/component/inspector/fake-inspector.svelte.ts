import type { Dissection } from '#dissectors/field.ts';
import type { CaptureFold } from '#folds/capture.ts';
import type { ConnectionRow, MessageFilter, MessageRow } from '#folds/inspector/shapes.ts';
import type { LaneView, MessageView, StreamRange } from '#folds/view.ts';
import type { InspectorView } from '../../../dashboard/src/lib/components/inspector/inspector-view.ts';

/** The inspector over a real capture, without a worker: lists everything, narrows by text, lane and connection. */
export class FakeInspector implements InspectorView {
  isOpen = $state(true);
  isCatchingUp = $state(false);
  filter = $state.raw<MessageFilter>({});
  selectedIndex = $state<number>();
  focus = $state.raw<InspectorView['focus']>();
  readonly all: readonly MessageRow[];
  readonly connections: readonly ConnectionRow[];
  readonly hosts = ['piggypay.test'];
  readonly matched = $derived.by(() => this.all.filter((row) => this.#passes(row)));
  readonly rows = $derived({ from: 0, rows: this.matched });
  readonly matching = $derived.by(() => this.matched.length);
  readonly selected = $derived.by(() => this.all.find(({ key }) => key === this.#key));
  readonly dissections = $derived.by(() => this.selected && this.#dissect(this.selected));
  readonly filters: MessageFilter[] = [];
  #key = $state<string>();
  readonly #dissect: (message: MessageView) => readonly Dissection[];

  constructor(fold: CaptureFold, more: readonly Dissection[] = []) {
    const { lanes, other } = fold.view();
    this.#dissect = (message) => [...fold.dissectAll(message), ...more];
    this.all = [
      ...rowsOf(lanes.http, 'http'),
      ...rowsOf(lanes.https, 'https'),
      ...other.flatMap(({ messages }) => messages.map((message) => row(message, 'other'))),
    ].map((found, index) => ({ ...found, index }));
    this.connections = (['http', 'https'] as const).flatMap((lane) =>
      lanes[lane].connections.map((connection) => ({ ...connection, lane, messages: 4 })),
    );
  }

  get total(): number {
    return this.all.length;
  }

  open(at?: StreamRange): void {
    this.isOpen = true;
    if (!at) return;
    const index = this.matched.findIndex(
      ({ connection, direction, start, end }) =>
        connection === at.connection && direction === at.direction && start <= at.start && at.end <= end,
    );
    this.select(index);
    const start = this.selected?.start ?? 0;
    const turn = (this.focus?.turn ?? 0) + 1;
    this.focus = { range: { start: at.start - start, end: at.end - start }, turn };
  }

  close(): void {
    this.isOpen = false;
  }

  setFilter(filter: MessageFilter): void {
    this.filter = filter;
    this.filters.push(filter);
  }

  show(): void {
    // Everything is loaded already.
  }

  select(index: number): void {
    this.selectedIndex = index;
    this.#key = this.matched[index]?.key;
    this.focus = undefined;
  }

  #passes({ title, lane, connection }: MessageRow): boolean {
    const { filter } = this;
    if (filter.text !== undefined && !title.includes(filter.text)) return false;
    if (filter.lane !== undefined && lane !== filter.lane) return false;
    return filter.connection === undefined || connection === filter.connection;
  }
}

function rowsOf(lane: LaneView, name: 'http' | 'https'): readonly MessageRow[] {
  return lane.messages.map((message) => row(message, name));
}

function row(message: MessageView, lane: MessageRow['lane']): MessageRow {
  return { ...message, index: 0, host: 'piggypay.test', lane };
}
