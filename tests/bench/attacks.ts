/** Runs every attack on a fresh lab and prints the board; ends with 1 when a verdict is not what it should be. */
import type { AttackId, AttackInfo, AttackLane, AttackRun, AttackVerdict, CircumstanceKey } from '#contract';
import { startLabProcess } from '../support/lab-process.ts';

/** What is to come of every attack: that is what the S is about. Sizes are what it does not hide, unless they are padded. */
const expected = (id: AttackId, lane: AttackLane, under: CircumstanceKey | undefined) =>
  lane === 'http' || under === 'trust' || (id === 'listen' && under !== 'padding')
    ? 'succeeded'
    : isSealed(id)
      ? 'no effect'
      : 'refused';
/** There is nothing that anybody could notice or refuse: whoever only reads finds nothing, and whoever strips nobody. */
const isSealed = (id: AttackId) => ['read', 'steal-session', 'hash-login', 'strip', 'listen'].includes(id);
const lanes = ['http', 'https'] as const satisfies readonly AttackLane[];

const lab = await startLabProcess(['--proxy-port', '0']);
const faults: string[] = [];
try {
  const { attacks } = (await answer('GET', '/api/attacks')) as { attacks: readonly AttackInfo[] };
  const rows = [['attack', '', 'outcome', 'handled', 'what the site counted']];
  const sentences: string[] = [];
  const runs = attacks.flatMap((attack) => [
    { ...attack, under: undefined },
    ...(attack.circumstance === undefined
      ? []
      : [
          {
            ...attack,
            title: `${attack.title} (${attack.circumstance.label})`,
            under: attack.circumstance.key,
          },
        ]),
  ]);
  for (const { id, title, plan, under } of runs) {
    const run = (await answer('POST', `/api/attacks/${id}/run`, under && { [under]: true })) as AttackRun;
    for (const lane of lanes) {
      if (plan[lane] === undefined) continue;
      const verdict = run[lane];
      rows.push([under ? `${id} (${under})` : id, lane, ...told(verdict)]);
      sentences.push(`${title}, ${lane}: ${verdict?.happened ?? 'no verdict'}`);
      if (verdict?.outcome !== expected(id, lane, under))
        faults.push(
          `${title}, ${lane}: ${verdict?.outcome ?? 'no verdict'} instead of ${expected(id, lane, under)}`,
        );
    }
  }
  console.log(`${table(rows)}\n\n${sentences.join('\n')}`);
} finally {
  await lab.stop();
}
for (const fault of faults) console.error(`\nNot as it should be: ${fault}.`);
process.exitCode = faults.length > 0 ? 1 : 0;

async function answer(method: 'GET' | 'POST', path: string, sent?: object): Promise<unknown> {
  const { status, body } = await lab.call(method, path, sent);
  if (status !== 200) throw new Error(`${method} ${path} answered ${status}: ${JSON.stringify(body)}`);
  return body;
}

function told(verdict: AttackVerdict | undefined): readonly string[] {
  if (verdict === undefined) return ['–', '–', ''];
  const counted = Object.entries(verdict.siteCounted ?? {}).map(([name, count]) => `${name} ${count}`);
  return [verdict.outcome, String(verdict.siteHandled), counted.join(', ')];
}

function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
