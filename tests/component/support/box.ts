import { onTestFinished } from 'vitest';

/** Room of a known size for a component that fits itself to its room; gone when the test is. */
export function box(): HTMLElement {
  const element = document.createElement('div');
  element.style.cssText = 'position: fixed; inset: 0 auto auto 0; width: 800px; height: 250px';
  document.body.append(element);
  onTestFinished(() => {
    element.remove();
  });
  return element;
}
