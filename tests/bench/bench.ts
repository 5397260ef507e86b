import { Command } from 'commander';
import { measureMemory, measureRound, measures, median, type Figures, type MeasureName } from './measures.ts';
import { startOrigin, startSubject, type Origin, type Subject, type SubjectName } from './subjects.ts';
import { table, type Results } from './table.ts';

interface Flags {
  readonly rounds: string;
  readonly json?: boolean;
  readonly only?: string;
}

const names: readonly SubjectName[] = ['direct', 'pipe', 'socat', 'relay', 'plainsight'];

const flags = new Command('bench')
  .description(
    'Measures ways to one origin in interleaved rounds: direct, a bare net pipe, socat where installed, the relay with\n' +
      'its log, and the whole program with a dashboard attached. Prints medians; trust ratios within one run.',
  )
  .option('--rounds <n>', 'rounds; 5 are the least that a median should rest on', '5')
  .option('--only <names>', `comma-separated, of ${names.join(', ')}`)
  .option('--json', 'print JSON')
  .parse()
  .opts<Flags>();

const rounds = Number(flags.rounds);
const wanted = names.filter((name) => flags.only?.split(',').includes(name) ?? true);
const { origin, stop } = await startOrigin();
try {
  const results = merge(await runRounds(wanted, origin), await runMemory(wanted, origin));
  console.log(flags.json ? JSON.stringify({ rounds, node: process.version, results }) : table(results));
} finally {
  await stop();
}

async function runRounds(subjectNames: readonly SubjectName[], way: Origin): Promise<Results> {
  const subjects = await startAll(subjectNames, way);
  const figures = new Map(subjects.map(({ name }) => [name, [] as Figures[]]));
  // The first round warms up compilers and caches and does not count.
  for (let round = 0; round <= rounds; round += 1) {
    progress(round === 0 ? 'warming up' : `round ${round} of ${rounds}`);
    let direct: Figures = {};
    for (const subject of subjects) {
      const measured = await measureRound(subject, way);
      if (subject.name === 'direct') direct = measured;
      if (round > 0) figures.get(subject.name)?.push(withAddedLatency(measured, direct));
    }
  }
  for (const subject of subjects) await subject.stop();
  return Object.fromEntries([...figures].map(([name, all]) => [name, medians(all)]));
}

async function runMemory(subjectNames: readonly SubjectName[], way: Origin): Promise<Results> {
  const results: Record<string, Figures> = {};
  for (const name of subjectNames) {
    const subject = await startSubject(name, way);
    if (subject === undefined) continue;
    progress(`memory: ${name}`);
    results[name] = await measureMemory(subject, name === 'relay' || name === 'plainsight');
    await subject.stop();
  }
  return results;
}

async function startAll(subjectNames: readonly SubjectName[], way: Origin): Promise<readonly Subject[]> {
  const subjects: Subject[] = [];
  for (const name of subjectNames) {
    const subject = await startSubject(name, way);
    if (subject === undefined) progress(`${name} is not installed and not measured`);
    else subjects.push(subject);
  }
  return subjects;
}

function withAddedLatency(figures: Figures, direct: Figures): Figures {
  const added: Figures = { ...figures };
  for (const name of ['latencyMedian', 'latencyTail'] as const) {
    added[name] = (figures[name] ?? NaN) - (direct[name] ?? 0);
  }
  return added;
}

function medians(all: readonly Figures[]): Figures {
  const result: Figures = {};
  for (const name of Object.keys(measures) as MeasureName[]) {
    const values = all.flatMap((figures) => figures[name] ?? []);
    if (values.length > 0) result[name] = median(values);
  }
  return result;
}

function merge(left: Results, right: Results): Results {
  return Object.fromEntries(
    [...new Set([...Object.keys(left), ...Object.keys(right)])].map((name) => [
      name,
      { ...left[name], ...right[name] },
    ]),
  );
}

function progress(text: string): void {
  console.error(text);
}
