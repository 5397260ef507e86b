/**
 * What a key pressed there does while stepping: `S` begins and ends it, `N` lets the next unit through, and so does the
 * space bar where it has nothing else to do. Anywhere but where one types.
 */
export function stepKey(event: KeyboardEvent, isStepping: boolean): 'toggle' | 'next' | undefined {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return undefined;
  const target = event.target instanceof Element ? event.target : undefined;
  if (target?.closest('input, select, textarea')) return undefined;
  if (event.key === 's' || event.key === 'S') return 'toggle';
  if (!isStepping) return undefined;
  if (event.key === 'n' || event.key === 'N') return 'next';
  const isTaken = target?.closest('button, a, summary, dialog, [tabindex], [role]');
  return event.key === ' ' && !isTaken ? 'next' : undefined;
}
