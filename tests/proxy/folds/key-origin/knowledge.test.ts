import { expect, test } from 'vitest';
import { type Knowable, whoKnows } from '#folds/key-origin/knowledge.ts';

const EVERYBODY = ['victim', 'site', 'stranger'] as const;

function known(values: readonly Knowable[]): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(whoKnows(values));
}

test('of a key exchange either end gets the secret from its own half and the other’s, the stranger from neither', () => {
  const values: Knowable[] = [
    { id: 'result', held: [], ways: [['secret', 'hellos']] },
    { id: 'hellos', held: EVERYBODY, ways: [] },
    { id: 'own', held: ['victim'], ways: [] },
    { id: 'its', held: ['site'], ways: [] },
    { id: 'ownPublic', held: EVERYBODY, ways: [] },
    { id: 'itsPublic', held: EVERYBODY, ways: [] },
    {
      id: 'secret',
      held: [],
      ways: [
        ['own', 'itsPublic'],
        ['its', 'ownPublic'],
      ],
    },
  ];
  expect(known(values)).toMatchObject({
    ...{ own: ['victim'], its: ['site'], secret: ['victim', 'site'], result: ['victim', 'site'] },
    hellos: EVERYBODY,
  });
});

test('nobody gets back from a value to what it was computed from, nor round a circle', () => {
  const values: Knowable[] = [
    { id: 'from', held: ['victim'], ways: [] },
    { id: 'to', held: ['stranger'], ways: [['from']] },
    { id: 'one', held: [], ways: [['other']] },
    { id: 'other', held: [], ways: [['one']] },
    { id: 'nothing', held: [], ways: [[]] },
  ];
  expect(known(values)).toEqual({
    ...{ from: ['victim'], to: ['victim', 'stranger'], one: [], other: [], nothing: [] },
  });
});
