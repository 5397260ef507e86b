/** Whether a key pressed there lends keys or takes them back: `K`, anywhere but where one types. */
export function isLensKey(event: KeyboardEvent): boolean {
  if (event.key !== 'k' && event.key !== 'K') return false;
  const isOther = event.ctrlKey || event.metaKey || event.altKey || event.repeat;
  return (
    !isOther && !(event.target instanceof Element && event.target.closest('input, select, textarea') !== null)
  );
}
