/** `039a1f7c`: two digits a byte. */
export function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

const GROUP = 8;

/** `039a1f7c 22…`: four bytes a group, so that a long number can be followed with the eye. */
export function groupedHex(hex: string): string {
  const groups: string[] = [];
  for (let at = 0; at < hex.length; at += GROUP) groups.push(hex.slice(at, at + GROUP));
  return groups.join(' ');
}
