import { expect, onTestFinished, test } from 'vitest';
import { stepKey } from '../../../dashboard/src/lib/components/step/step-key.ts';

/** What the key does when it is pressed in this place of a page. */
function pressed(
  key: string,
  isStepping: boolean,
  tag = 'body',
  options: KeyboardEventInit = {},
): ReturnType<typeof stepKey> {
  const element = tag === 'body' ? document.body : document.body.appendChild(document.createElement(tag));
  if (tag !== 'body') {
    onTestFinished(() => {
      element.remove();
    });
  }
  let told: ReturnType<typeof stepKey>;
  const listen = (event: KeyboardEvent) => (told = stepKey(event, isStepping));
  element.addEventListener('keydown', listen);
  element.dispatchEvent(new KeyboardEvent('keydown', { key, ...options }));
  element.removeEventListener('keydown', listen);
  return told;
}

test('S begins and ends stepping, N and the space bar let the next unit through', () => {
  expect(pressed('s', false)).toBe('toggle');
  expect(pressed('S', true)).toBe('toggle');
  expect(pressed('n', true)).toBe('next');
  expect(pressed(' ', true)).toBe('next');
});

test('nothing is let through while nothing is held', () => {
  expect(pressed('n', false)).toBeUndefined();
  expect(pressed(' ', false)).toBeUndefined();
});

test('the keys are letters where one types, and the space bar presses a button that has the focus', () => {
  for (const key of ['s', 'n', ' ']) {
    for (const place of ['input', 'textarea', 'select']) expect(pressed(key, true, place)).toBeUndefined();
  }
  expect(pressed(' ', true, 'button')).toBeUndefined();
  expect(pressed('n', true, 'button')).toBe('next');
});

test('a key that is kept pressed, or pressed with others, does nothing', () => {
  expect(pressed('n', true, 'body', { repeat: true })).toBeUndefined();
  expect(pressed('s', true, 'body', { ctrlKey: true })).toBeUndefined();
});
