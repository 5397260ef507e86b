import { measures, type Figures, type MeasureName } from './measures.ts';

export type Results = Readonly<Record<string, Figures>>;

/** The figures as text: a row a measure, a column a subject, and how the last compares with pipe and socat. */
export function table(results: Results): string {
  const subjects = Object.keys(results);
  const own = subjects.includes('plainsight') ? 'plainsight' : 'relay';
  const yardsticks = ['direct', 'pipe', 'socat'].filter((name) => subjects.includes(name));
  const rows = [
    ['', '', ...subjects, ...yardsticks.map((name) => `${own} / ${name}`)],
    ...(Object.keys(measures) as MeasureName[]).map((name) => [
      measures[name].label,
      measures[name].unit,
      ...subjects.map((subject) => number(results[subject]?.[name])),
      ...yardsticks.map((yardstick) => ratio(results[own]?.[name], results[yardstick]?.[name])),
    ]),
  ];
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows
    .map((row) => row.map((cell, column) => pad(cell, widths[column] ?? 0, column)).join('  '))
    .join('\n');
}

function pad(cell: string, width: number, column: number): string {
  return column < 2 ? cell.padEnd(width) : cell.padStart(width);
}

function number(value: number | undefined): string {
  if (value === undefined) return '–';
  const size = Math.abs(value);
  return value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3);
}

function ratio(own: number | undefined, other: number | undefined): string {
  return own === undefined || other === undefined || other <= 0 ? '–' : (own / other).toFixed(2);
}
